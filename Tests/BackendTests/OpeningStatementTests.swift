// What servers are told first.

import Topology
import Testing
import Wire

@testable import Backend

@Suite struct OpeningStatementTests {
    private func text(
        _ flavor: ServerFlavor, isReadOnly: Bool = false, resetFrom collation: UInt8? = nil,
        _ capabilities: Capabilities = []
    ) -> String {
        let login = collation.map { ConnectionTraits(capabilities: capabilities.rawValue, collation: $0) }
        let text = OpeningStatement.text(for: flavor, isReadOnly: isReadOnly, resetFrom: login)
        return String(decoding: text, as: UTF8.self)
    }

    @Test func `a reset connection ignores spaces again when its login did`() {
        for flavor in [ServerFlavor.mariaDB, .mySQL] {
            let collation: UInt8 = flavor == .mariaDB ? 45 : 0
            #expect(text(flavor, resetFrom: collation, .ignoreSpace).hasSuffix("'IGNORE_SPACE')"))
            #expect(text(flavor, resetFrom: collation) == text(flavor))
        }
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

    @Test func `a reset connection to MariaDB does not get the character set of another connection`() {
        let charset = ["character_set_client", "character_set_results", "collation_connection"].map {
            ", SESSION \($0)=@@global.\($0)"
        }.joined()
        for collation: UInt8 in [0, 248, 255] {
            #expect(text(.mariaDB, resetFrom: collation) == text(.mariaDB) + charset)
        }
    }
}
