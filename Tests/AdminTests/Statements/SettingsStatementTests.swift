// Statements that change settings, told apart from the variables that clients set by habit.

import Configuration
import Testing

@testable import Admin

@Suite struct SettingsStatementTests {
    private static func set(_ path: String, _ value: SettingValue) throws -> SettingAssignment {
        SettingAssignment(path: try #require(SettingPath(path)), value: value)
    }

    @Test(arguments: [
        ("SET limits.clients = 500", "limits.clients", SettingValue.text("500")),
        ("set clusters[main].hold_timeout=30s;", "clusters[main].hold_timeout", .text("30s")),
        ("SET clusters[main].nodes[[::1]:3306].weight = 5", "clusters[main].nodes[[::1]:3306].weight", .text("5")),
        ("SET listeners[main].bind = 127.0.0.1:6306", "listeners[main].bind", .text("127.0.0.1:6306")),
        ("SET clusters[main].tls.mode = verify-ca", "clusters[main].tls.mode", .text("verify-ca")),
        ("SET users[app].password = 'a, b = ''c'''", "users[app].password", .text("a, b = 'c'")),
        ("SET users = NULL", "users", .nothing), ("SET lanes = default", "lanes", .fromFile),
        ("SET zone = 'NULL'", "zone", .text("NULL")),
        ("SET zone_order = [a, 'b']", "zone_order", .yaml("[a, 'b']")),
        (
            "SET clusters[main].nodes[db3] = {address: 10.0.0.3, weight: 5} -- new",
            "clusters[main].nodes[db3]", .yaml("{address: 10.0.0.3, weight: 5}")
        ),
    ])
    func `a setting has a place and a value`(text: String, path: String, value: SettingValue) throws {
        #expect(ConsoleStatement.parse(text) == .settings(.set([try Self.set(path, value)])))
    }

    @Test func `several settings are one statement`() throws {
        let text = "SET log.level = debug, zone_order = [a, b], limits.clients = NULL"
        #expect(
            ConsoleStatement.parse(text)
                == .settings(
                    .set([
                        try Self.set("log.level", .text("debug")), try Self.set("zone_order", .yaml("[a, b]")),
                        try Self.set("limits.clients", .nothing),
                    ])))
    }

    @Test(arguments: [
        ("APPLY", SettingsStatement.apply), ("apply ;", .apply), ("DISCARD SETTINGS", .discard),
        ("ROLLBACK 12", .rollback(12)), ("SHOW SETTINGS DIFF", .showDifference(version: nil)),
        ("show settings diff 3;", .showDifference(version: 3)),
    ])
    func `what follows is recognised`(text: String, expected: SettingsStatement) {
        #expect(ConsoleStatement.parse(text) == .settings(expected))
    }

    @Test(arguments: [
        "SET NAMES utf8mb4", "SET autocommit=0", "SET SESSION sql_mode = ''", "SET @@session.time_zone = '+00:00'",
        "SET @a = 1", "SET character_set_results = NULL", "ROLLBACK", "ROLLBACK TO SAVEPOINT a", "APPLY now",
        "SHOW SETTINGS", "SHOW SETTINGS DIFF now", "DISCARD",
    ])
    func `anything else is SQL`(text: String) { #expect(ConsoleStatement.parse(text) == .sql(text)) }

    @Test(arguments: [
        "SET limits.clients", "SET limits.clients =", "SET limits.clients 5", "SET limits. = 5",
        "SET limits.clients = 5, = 6", "SET zone_order = [a", "SET log.level = 'a' b", "SET users[] = NULL",
    ])
    func `what begins like a setting and is none is refused, and not acknowledged`(text: String) {
        guard case .settings(.unreadable(let error)) = ConsoleStatement.parse(text) else {
            Issue.record("\(text) is \(ConsoleStatement.parse(text))")
            return
        }
        #expect(error.code == 1064)
    }
}
