// Read-only accounts of the console.

import Configuration
import Synchronization
import Testing

@testable import Admin

@Suite struct ConsolePrivilegeTests {
    private static let changing = [
        "KILL 17", "KILL QUERY 17", "DRAIN NODE db2", "ENABLE NODE db2", "PAUSE CLUSTER main", "RESUME CLUSTER main",
        "RELOAD", "RESET DIGESTS", "SET limits.clients = 5", "APPLY", "DISCARD SETTINGS", "ROLLBACK 1",
        "/* a comment */ kill 17;",
    ]

    private func run(
        _ sql: String, _ privilege: ConsolePrivilege, _ source: ConsoleSource = ConsoleScene.source()
    ) throws -> ConsoleResult {
        try ConsoleExecutor(source: source)
            .runAndWait(sql, session: ConsoleSession(user: "viewer@10.0.0.9", privilege: privilege))
    }

    @Test(arguments: changing) func `a statement that changes something is denied to who may only ask`(sql: String) {
        let changes = ConsoleChanges()
        let source = ConsoleScene.source(changes: changes)
        let error = #expect(throws: ConsoleError.self) { try run(sql, .readOnly, source) }
        #expect(error?.code == 1227 && error?.sqlState == "42000")
        #expect(error?.message.hasPrefix("Access denied; you need (at least one of) the ADMIN privilege(s)") == true)
        #expect(error?.message.contains("viewer@10.0.0.9") == true)
        #expect(changes.all.isEmpty)
    }

    @Test(arguments: [
        "SELECT * FROM clusters", "SHOW TABLES", "SHOW ERRORS", "EXPLAIN ROUTE DELETE FROM t", "DESCRIBE nodes",
        "SET autocommit = 1", "BEGIN", "ROLLBACK", "SELECT * FROM settings",
    ])
    func `what only asks is answered`(sql: String) throws {
        _ = try run(sql, .readOnly)
    }

    @Test func `the role of an account is that of the settings in force`() throws {
        var settings = ConsoleScene.settings()
        settings.console?.users.append(UserSettings(name: "viewer", credential: .password("v")))
        settings.console?.users[1].role = .readOnly
        let held = HeldSettings(settings)
        let changes = ConsoleChanges()
        let source = ConsoleSource(
            clusters: [ConsoleScene.cluster()], settings: { held.now },
            endSession: { id, admin in
                changes.add("\(admin.user) kills \(id)")
                return true
            })
        let executor = try ConsoleExecutor(source: source)
        func kill(_ account: String) -> Bool {
            let session = ConsoleSession(user: account, privilege: .account(account))
            return (try? executor.runAndWait("KILL 17", session: session)) != nil
        }
        #expect(kill("admin") && !kill("viewer"))
        // Whoever is not there any more may not change what is.
        #expect(!kill("gone"))
        settings.console?.users[1].role = .admin
        held.now = settings
        #expect(kill("viewer"))
        #expect(changes.all == ["admin kills 17", "viewer kills 17"])
    }
}

/// Settings that change.
private final class HeldSettings: Sendable {
    private let kept: Mutex<Settings>

    init(_ settings: Settings) { kept = Mutex(settings) }

    var now: Settings {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
    }
}
