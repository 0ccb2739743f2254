// What is left of a server's records for a client that tracks its session.
import SQL
import Testing
import Wire

@testable import Frontend

private func text(_ value: String) -> [UInt8] { [UInt8(value.utf8.count)] + Array(value.utf8) }
private func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] { [type, UInt8(content.count)] + content }
private func variable(_ name: String, _ value: String) -> [UInt8] { record(0, text(name) + text(value)) }

@Suite struct SessionTrackingTests {
    private func filtered(
        _ records: [UInt8], _ own: OwnTracking = [], _ dialect: Dialect = .mariaDB
    ) throws -> [UInt8] {
        try records.withUnsafeBytes { try SessionTrackingFilter.filtered($0, own, dialect) }
    }

    private func own(_ sql: String) -> OwnTracking {
        Array(sql.utf8).withUnsafeBytes { OwnTracking(settingText: $0) }
    }

    private let defaults = variable("autocommit", "OFF") + record(1, text("app")) + variable("time_zone", "UTC")

    @Test func `the servers' defaults are kept, in their order`() throws {
        #expect(try filtered(defaults) == defaults)
        let more = variable("last_gtid", "0-1-2") + defaults + variable("statement_id", "7")
        #expect(try filtered(more) == defaults)
        #expect(try filtered(variable("last_gtid", "0-1-2")) == [])
        #expect(try filtered([]) == [])
    }

    @Test func `several variables in one record are told apart`() throws {
        let pairs = text("last_gtid") + text("x") + text("autocommit") + text("ON") + text("sql_mode") + text("")
        #expect(try filtered(record(0, pairs)) == variable("autocommit", "ON"))
    }

    @Test func `GTIDs, and all variables, come only to a client that set them up`() throws {
        let gtids = record(3, [0] + text("uuid:1"))
        let mode = variable("sql_mode", "ANSI")
        #expect(try filtered(gtids + mode + defaults) == defaults)
        #expect(try filtered(gtids + mode, .gtids) == gtids)
        #expect(try filtered(gtids + mode, .variables) == mode)
    }

    @Test func `transaction state and the state's change come only to a client that set them up`() throws {
        let change = record(2, [1, 49])
        let transaction = record(4, text("START TRANSACTION")) + record(5, text("T_______"))
        #expect(try filtered(change + transaction + defaults) == defaults)
        #expect(try filtered(change + transaction, .stateChange) == change)
        #expect(try filtered(change + transaction, [], .mySQL) == record(5, text("T_______")))
        #expect(try filtered(change + transaction, .transactions) == transaction)
        #expect(try filtered(change + transaction, .all) == change + transaction)
    }

    @Test func `truncated records are an error and never a trap`() {
        for length in 1..<defaults.count {
            _ = try? filtered(Array(defaults[..<length]))
        }
        #expect(throws: WireError.self) { try filtered([0, 200, 1]) }
    }

    @Test func `a SET says which part it takes over`() {
        #expect(own("SET SESSION session_track_system_variables='*'") == .variables)
        #expect(own("set @@Session_Track_GTIDs = OWN_GTID") == .gtids)
        #expect(own("SET session_track_schema=0, session_track_transaction_info='STATE'") == .transactions)
        #expect(own("SET @@session.session_track_state_change = 1") == .stateChange)
        #expect(own("SET x") == [])
    }
}
