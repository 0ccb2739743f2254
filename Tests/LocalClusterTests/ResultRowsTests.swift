// The client's XML output, read back.

import Testing

@testable import LocalCluster

@Suite struct ResultRowsTests {
    private let output = """
        <?xml version="1.0"?>

        <resultset statement="select null, 'a&lt;b'" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
          <row>
        \t<field name="NULL" xsi:nil="true" />
        \t<field name="a&lt;b">&lt;row&gt;&amp;lt;&quot;
        x</field>
        \t<field name=""></field>
          </row>
          <row>
        \t<field name="NULL">NULL</field>
          </row>
        </resultset>
        """

    @Test func `values, NULL and empty strings are told apart`() {
        let rows = ResultRows.parse(Array(output.utf8))
        #expect(rows.map(\.values) == [[nil, "<row>&lt;\"\nx", ""], ["NULL"]])
        #expect(rows.first?.names == ["NULL", "a<b", ""])
        #expect(rows.first?["a<b"] == "<row>&lt;\"\nx")
        #expect(rows.first?["other"] == nil)
    }

    @Test func `output that is cut off anywhere gives a prefix of the rows`() {
        let bytes = Array(output.utf8)
        let whole = ResultRows.parse(bytes)
        for length in bytes.indices {
            let rows = ResultRows.parse(Array(bytes[..<length]))
            #expect(rows.count <= whole.count)
            for (cut, full) in zip(rows, whole) {
                #expect(cut.values == Array(full.values.prefix(cut.values.count)))
            }
        }
    }
}
