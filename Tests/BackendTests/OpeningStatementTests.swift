// What servers are told first.

import Topology
import Testing

@testable import Backend

@Suite struct OpeningStatementTests {
    private func text(_ flavor: ServerFlavor, isReadOnly: Bool = false, resetFrom collation: UInt8? = nil) -> String {
        String(
            decoding: OpeningStatement.text(for: flavor, isReadOnly: isReadOnly, resetFrom: collation), as: UTF8.self)
    }

    @Test func `a reader refuses writes, in its server's words`() {
        #expect(text(.mariaDB, isReadOnly: true).hasSuffix(", SESSION tx_read_only=1"))
        #expect(text(.mySQL, isReadOnly: true).hasSuffix(", SESSION transaction_read_only=1"))
        #expect(!text(.mySQL).contains("read_only"))
    }

    @Test func `a reset connection to MySQL gets the character set of its login back`() {
        let charset =
            ", SESSION character_set_client=45, SESSION character_set_results=45, SESSION collation_connection=45"
        #expect(text(.mySQL, resetFrom: 45) == text(.mySQL) + charset)
        #expect(text(.mySQL, resetFrom: 0) == text(.mySQL))
        #expect(text(.mariaDB, resetFrom: 45) == text(.mariaDB))
    }
}
