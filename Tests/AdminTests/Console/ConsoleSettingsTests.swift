// The console's statements about settings, over settings that are in force nowhere.

import Configuration
import Synchronization
import Testing

@testable import Admin

/// Settings whose changes have no effect but on themselves.
private final class PaperSettings: SettingsControl {
    private let ledger: Mutex<SettingsLedger>

    init() throws {
        let yaml = """
            clusters:
              - {name: main, nodes: [10.0.0.1], monitor: {user: m, password: monitorsecret}}
            listeners: [{name: main, bind: 127.0.0.1, cluster: main}]
            """
        let document = SettingsDocument(yaml: yaml, file: "s.yaml", directory: "/nonexistent", environment: [:])
        ledger = Mutex(SettingsLedger(try document.settings(), document: document, unixMilliseconds: 0) { $0 })
    }

    var current: Settings { ledger.withLock { $0.current.settings } }
    var rows: [SettingRow] { ledger.withLock { $0.rows } }
    var events: [SettingsEvent] { ledger.withLock { $0.events } }
    var pending: [SettingChange] { ledger.withLock { $0.pending } }

    func stage(_ assignments: [SettingAssignment]) throws(SettingsRefusal) -> [SettingChange] {
        try ledger.withLock { ledger throws(SettingsRefusal) in try ledger.stage(assignments) }
    }
    func discard() -> Bool { ledger.withLock { $0.discard() } }
    func difference(from version: Int) throws(SettingsRefusal) -> [SettingChange] {
        try ledger.withLock { $0 }.difference(from: version)
    }
    func apply(for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome {
        accept(try ledger.withLock { $0 }.applying(), .apply, admin)
    }
    func rollBack(to version: Int, for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome {
        accept(try ledger.withLock { $0 }.rollingBack(to: version), .rollback, admin)
    }
    func reload(for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome {
        let refusal = SettingsRefusal("s.yaml:1: not YAML")
        ledger.withLock { $0.refuse(refusal, order(.reload, admin)) }
        throw refusal
    }

    private func accept(
        _ candidate: SettingsCandidate, _ origin: SettingsOrigin, _ admin: ConsoleSession
    ) -> SettingsOutcome {
        ledger.withLock { ledger in
            ledger.accept(candidate, order(origin, admin))
            return SettingsOutcome(changes: candidate.changes, version: ledger.current.number)
        }
    }

    private func order(_ origin: SettingsOrigin, _ admin: ConsoleSession) -> SettingsOrder {
        SettingsOrder(
            origin: origin, user: admin.user, connectionID: admin.connectionID,
            unixMilliseconds: ConsoleScene.since)
    }
}

@Suite struct ConsoleSettingsTests {
    private let admin = ConsoleSession(user: "admin@10.0.0.9", connectionID: 3)

    private func executor(_ settings: PaperSettings) throws -> ConsoleExecutor {
        var source = ConsoleScene.source()
        source.settingsControl = settings
        return try ConsoleExecutor(source: source)
    }

    private func error(_ sql: String, _ executor: ConsoleExecutor) throws -> ConsoleError {
        try #require(throws: ConsoleError.self) { try executor.runAndWait(sql, session: admin) }
    }

    @Test func `a setting is pending, applied, and rolled back, and the tables tell of it`() throws {
        let settings = try PaperSettings()
        let executor = try executor(settings)
        func rows(_ sql: String) throws -> [[ConsoleValue]] { try executor.runAndWait(sql, session: admin).rows }
        let change: [ConsoleValue] = ["clusters[main].hold_timeout", "10s", "3s"]
        #expect(try rows("SET clusters[main].hold_timeout = 3s") == [change + ["pending: APPLY"]])
        #expect(try rows("SHOW SETTINGS DIFF") == [change + ["pending: APPLY"]])
        let row = "SELECT value, pending, source, version, needs_restart FROM settings WHERE path LIKE '%hold_timeout'"
        #expect(try rows(row) == [["10s", "3s", "default", 1, "no"]])
        #expect(try rows("APPLY") == [change + ["version 2"]])
        #expect(settings.current.clusters[0].holdTimeoutMilliseconds == 3_000)
        #expect(try rows(row) == [["3s", .null, "console", 2, "no"]])
        #expect(try rows("SHOW SETTINGS DIFF 1") == [["clusters[main].hold_timeout", "3s", "10s", "ROLLBACK 1"]])
        #expect(try rows("ROLLBACK 1") == [["clusters[main].hold_timeout", "3s", "10s", "version 3"]])
        #expect(
            try rows("SELECT version, origin, user, connection_id, path, old, new FROM settings_history") == [
                [2, "apply", "admin@10.0.0.9", 3, "clusters[main].hold_timeout", "10s", "3s"],
                [3, "rollback", "admin@10.0.0.9", 3, "clusters[main].hold_timeout", "3s", "10s"],
            ])
    }

    @Test func `what is pending can be discarded`() throws {
        let executor = try executor(try PaperSettings())
        _ = try executor.runAndWait("SET limits.clients = 5, log.level = debug")
        #expect(try executor.runAndWait("DISCARD SETTINGS").affectedRows == 1)
        #expect(try executor.runAndWait("DISCARD SETTINGS").affectedRows == 0)
        #expect(try error("APPLY", executor).message == "nothing is pending: SET <setting> = <value> comes first")
    }

    @Test(arguments: [
        ("SET lanes = 3", "lanes: auto → 3 needs a restart"),
        ("SET clusters[main].hold_timeuot = 3s", "unknown key 'hold_timeuot'; did you mean 'hold_timeout'?"),
        ("SET limits.clients = 5, log.level = lots", "console: log.level: expected one of 'trace'"),
        ("SET limts.clients = 5", "unknown key 'limts'; did you mean 'limits'?"),
        ("ROLLBACK 9", "there is no version 9; those kept are 1"), ("RELOAD", "s.yaml:1: not YAML"),
    ])
    func `a refusal says what is wrong, and nothing is pending`(sql: String, message: String) throws {
        let executor = try executor(try PaperSettings())
        let refused = try error(sql, executor)
        #expect(refused.code == 1231)
        #expect(refused.message.contains(message), "\(refused.message)")
        #expect(try executor.runAndWait("SHOW SETTINGS DIFF").rows == [])
    }

    @Test func `a refused reload is in the history`() throws {
        let executor = try executor(try PaperSettings())
        _ = try error("RELOAD", executor)
        #expect(
            try executor.runAndWait("SELECT version, origin, user, path, refusal FROM settings_history").rows
                == [[.null, "reload", "admin@10.0.0.9", .null, "s.yaml:1: not YAML"]])
    }

    @Test func `a setting without its place is not taken for a variable`() throws {
        let executor = try executor(try PaperSettings())
        let refused = try error("SET hold_timeout = '3s'", executor)
        #expect(refused.code == 1193)
        #expect(refused.message.contains("SET clusters[main].hold_timeout = <value>"))
        for sql in ["SET wait_timeout = 5", "SET autocommit = 1", "SET NAMES utf8mb4", "ROLLBACK"] {
            #expect(try executor.runAndWait(sql).columns == [])
        }
    }

    @Test func `where nobody can change settings, the console says so`() throws {
        let executor = try ConsoleExecutor(source: ConsoleScene.source())
        #expect(try error("APPLY", executor).code == 1231)
        #expect(try executor.runAndWait("SELECT * FROM settings_history").rows == [])
        #expect(
            try executor.runAndWait("SELECT value, source FROM settings WHERE path = 'lanes'").rows == [
                ["auto", .null]
            ])
    }
}
