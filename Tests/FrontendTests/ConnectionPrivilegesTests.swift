// What SHOW GRANTS says about the connections of others.

import Testing
import Wire

@testable import Frontend

@Suite struct ConnectionPrivilegesTests {
    private func privileges(_ grants: String...) -> ConnectionPrivileges {
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: [ColumnDefinition(name: "Grants for x@%")], rows: grants.map { [Array($0.utf8)] },
            capabilities: [.protocol41], status: [], firstSequence: 1, into: &writer)
        return writer.bytes.withUnsafeBytes { ConnectionPrivileges(grants: $0) }
    }

    @Test func `global grants count, those on a schema do not`() {
        let none = privileges("GRANT USAGE ON *.* TO `a`@`%`", "GRANT ALL PRIVILEGES ON `app`.* TO `a`@`%`")
        #expect(!none.seesAll && !none.killsAll)
        let all = privileges("GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION")
        #expect(all.seesAll && all.killsAll)
        let some = privileges("GRANT SELECT, PROCESS ON *.* TO `a`@`%`")
        #expect(some.seesAll && !some.killsAll)
        #expect(privileges("GRANT SUPER ON *.* TO `a`@`%`").killsAll)
        #expect(privileges("GRANT CONNECTION ADMIN, BINLOG ADMIN ON *.* TO `a`@`%`").killsAll)
        #expect(privileges("GRANT USAGE ON *.* TO `a`@`%`", "GRANT BACKUP_ADMIN,CONNECTION_ADMIN ON *.* TO r").killsAll)
        #expect(!privileges("GRANT SUPER ON `x`.* TO `ON *.* TO `@`%`").killsAll)
    }

    @Test func `a reply cut anywhere gives no privilege and no crash`() {
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: [ColumnDefinition(name: "g")], rows: [[Array("GRANT SUPER ON *.* TO `a`@`%`".utf8)]],
            capabilities: [.protocol41], status: [], firstSequence: 1, into: &writer)
        let row = writer.bytes.count - 9
        for length in 0..<row {
            let cut = Array(writer.bytes[..<length]).withUnsafeBytes { ConnectionPrivileges(grants: $0) }
            #expect(!cut.killsAll)
        }
    }
}
