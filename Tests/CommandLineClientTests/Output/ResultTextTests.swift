// Results in print.

import Foundation
import Testing

@testable import CommandLineClient

@Suite struct ResultTextTests {
    private let sample = StatementResult(
        columns: [ResultColumn("node"), ResultColumn("lag", .number), ResultColumn("lag", .number)],
        rows: [["db1", "5", "1"], ["日本, \"x\"\u{1B}", nil, "2.5"], ["", "-12", nil]])

    private func text(_ format: ResultFormat, terminal: Bool = false) -> String {
        ResultText(sample, isForTerminal: terminal).render(as: format)
    }

    @Test func `a table is aligned and shows control characters`() {
        let lines = text(.table).split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[0] == "+-----------------+------+------+")
        #expect(lines[3] == "| db1             |    5 |    1 |")
        #expect(lines[4] == "| 日本, \"x\"\\u{1b} | NULL |  2.5 |")
        #expect(lines[5] == "|                 |  -12 | NULL |")
    }

    @Test func `CSV is that of RFC 4180 and tells NULL from empty`() {
        #expect(
            text(.csv) == "node,lag,lag\r\ndb1,5,1\r\n\"日本, \"\"x\"\"\u{1B}\",,2.5\r\n\"\",-12,\r\n")
    }

    @Test func `in CSV a quote is doubled whatever stands over it`() {
        let accented = StatementResult(columns: [ResultColumn("a")], rows: [["x\"\u{301},y"]])
        #expect(ResultText(accented).render(as: .csv) == "a\r\n\"x\"\"\u{301},y\"\r\n")
    }

    @Test func `between tabs NULL is told from the text NULL`() {
        let tabs = StatementResult(
            columns: [ResultColumn("a\tb"), ResultColumn("c")], rows: [["NULL", nil], ["x\ty\nz\\", "\r\0"]])
        #expect(ResultText(tabs).render(as: .tsv) == "a\\tb\tc\nNULL\t\\N\nx\\ty\\nz\\\\\t\\r\\0\n")
    }

    @Test func `JSON has numbers, nulls and texts, and tells equal names apart`() {
        let expected = """
            [
              {"node": "db1", "lag": 5, "lag_2": 1},
              {"node": "日本, \\"x\\"\\u001b", "lag": null, "lag_2": 2.5},
              {"node": "", "lag": -12, "lag_2": null}
            ]

            """
        #expect(text(.json) == expected)
    }

    @Test func `JSON can be read, whatever the values are`() throws {
        let wild = StatementResult(
            columns: [ResultColumn("t"), ResultColumn("n", .number)],
            rows: [[hostile, "007"], ["\u{85}\u{2028}\u{202E}\0", "inf"], ["👩‍👩‍👧 e\u{301}", "-1.5e+10"], ["", "-"]])
        let json = ResultText(wild).render(as: .json)
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(read.map { $0["t"] as? String } == wild.rows.map { $0[0] })
        #expect(read.map { $0["n"] as? String } == ["007", "inf", nil, "-"])
        #expect(read[2]["n"] as? Double == -1.5e10)
    }

    @Test func `a line for each value`() {
        let star = String(repeating: "*", count: 27)
        let lines = text(.vertical).split(separator: "\n").map(String.init)
        #expect(lines.count == 12)
        #expect(lines[0] == "\(star) 1. row \(star)")
        #expect(lines[1] == "node: db1" && lines[2] == " lag: 5")
        #expect(lines[5] == "node: 日本, \"x\"\\u{1b}" && lines[6] == " lag: NULL")
    }

    @Test func `a result without rows or columns is printed too`() {
        let empty = StatementResult(columns: [ResultColumn("a")])
        let changed = StatementResult(affectedRows: 2)
        func both(_ format: ResultFormat) -> [String] {
            [empty, changed].map { ResultText($0).render(as: format) }
        }
        #expect(both(.table) == ["+---+\n| a |\n+---+\n", "OK, 2 affected\n"])
        #expect(both(.json) == ["[]\n", "{\"affectedRows\": 2}\n"])
        #expect(both(.csv) == ["a\r\n", ""])
        #expect(both(.tsv) == ["a\n", ""])
        #expect(both(.vertical) == ["", "OK, 2 affected\n"])
    }

    @Test(arguments: ResultFormat.allCases) func `no format gives a terminal what it would obey`(format: ResultFormat) {
        let wild = StatementResult(columns: [ResultColumn("x\u{1B}[1m")], rows: [[hostile], ["\u{202E}\u{9D}"]])
        let text = ResultText(wild, isForTerminal: true).render(as: format)
        let lineEnds: Set<Unicode.Scalar> = ["\n", "\r", "\t"]
        #expect(!text.unicodeScalars.contains { TerminalText.isUnsafe($0) && !lineEnds.contains($0) }, "\(text)")
    }
}
