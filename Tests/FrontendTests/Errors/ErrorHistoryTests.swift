// Errors of Switchyard's own: kept under an id that the client is told, bounded, logins beside sessions.

import SQL
import Synchronization
import Testing
import Wire

@testable import Frontend

/// What was told from wherever.
private final class Lines: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

@Suite struct ErrorHistoryTests {
    private let own = ProxyError.outcomeUnknown(node: "db1", cause: "it went away")

    private func note(
        _ error: ProxyError, in history: ErrorHistory, isLogin: Bool = false, isLogged: Bool = false, at time: Int64 = 5
    ) -> ProxyError {
        history.note(
            error, isLogin: isLogin, isLogged: isLogged, session: 7, peer: "10.0.0.1:99",
            origin: ErrorOrigin(cluster: "main", user: "app", node: "db9", digest: 3), unixMilliseconds: time)
    }

    private func told(_ error: ProxyError) throws -> ErrorPacket {
        try Array(error.packet(sequence: 1).dropFirst(PacketHeader.size)).withUnsafeBytes { (bytes) throws(WireError) in
            try ErrorPacket.parse(bytes)
        }
    }

    @Test func `the id that the client is told finds the error`() throws {
        let history = ErrorHistory()
        let error = note(own, in: history)
        let packet = try told(error)
        #expect(packet.code == 9504 && packet.message == own.message + " [\(error.id)]")
        let record = try #require(history.record(error.id))
        #expect(record.cause == own.message && record.nextStep.contains("outcomes"))
        #expect(record.origin == ErrorOrigin(cluster: "main", user: "app", node: "db1", digest: 3))
        #expect(record.session == 7 && record.peer == "10.0.0.1:99" && record.unixMilliseconds == 5 && !record.isLogin)
        #expect(history.record("E-none") == nil)
    }

    @Test func `words that are a server's stay as they are, and are found all the same`() throws {
        let history = ErrorHistory()
        let denied = ProxyError.accessDenied(user: "app", host: "h", usedPassword: true)
        for error in [denied, .unknownCommand, .unknownStatement(4), .interrupted, .readOnlyTransaction(.mariaDB)] {
            let noted = note(error, in: history)
            #expect(try told(noted).message == error.message)
            #expect(history.record(noted.id)?.code == error.code)
        }
    }

    @Test func `what a server made is passed on and not kept`() throws {
        let history = ErrorHistory()
        let error = ProxyError(code: 1146, sqlState: "42S02", message: "Table 'a.b' doesn't exist", isServers: true)
        #expect(note(error, in: history) == error)
        #expect(try told(error).message == error.message)
        #expect(history.records().isEmpty)
    }

    @Test func `an error is noted once, however often it is passed on`() {
        let history = ErrorHistory()
        let once = note(own, in: history)
        #expect(note(once, in: history) == once)
        #expect(history.records().count == 1)
    }

    @Test(arguments: [400, 480, 500, 511, 600, 5_000])
    func `the id is not cut off a long message`(length: Int) throws {
        let history = ErrorHistory()
        let text = String(repeating: "ü", count: length / 2)
        let error = note(ProxyError(code: 9501, sqlState: "HY000", message: text), in: history)
        let message = try told(error).message
        #expect(message.hasSuffix(" [\(error.id)]") && message.utf8.count <= FrontendLimits.shownMessageBytes)
        #expect(message.hasPrefix("üüü") && message.contains("…") == (length >= 511))
        #expect(try #require(history.record(error.id)).cause.utf8.count <= FrontendLimits.errorTextBytes)
    }

    @Test func `the oldest go first, and logins do not displace what happened to sessions`() {
        let history = ErrorHistory(limit: 3, loginLimit: 2)
        let sessions = (0..<5).map { note(own, in: history, at: Int64($0)) }
        let logins = (0..<9).map { note(own, in: history, isLogin: true, at: Int64(10 + $0)) }
        #expect(history.records().map(\.id) == (sessions.suffix(3) + logins.suffix(2)).map(\.id))
        #expect(history.record(sessions[1].id) == nil && history.record(logins[6].id) == nil)
    }

    @Test func `the log is told what nobody else writes into it, under the same id`() {
        let logged = Lines()
        let ids = Lines()
        let history = ErrorHistory(
            nextID: {
                ids.add("one more")
                return "id\(ids.all.count)"
            },
            onError: { record in logged.add(record.id) })
        _ = note(own, in: history)
        _ = note(own, in: history, isLogged: true)
        _ = note(own, in: history)
        #expect(logged.all == ["id1", "id3"])
        #expect(history.records().map(\.id) == ["id1", "id2", "id3"])
    }

    @Test func `every number has a next step`() {
        for code: UInt16 in [1040, 1243, 1835, 9501, 9504, 9520, 9599] {
            #expect(!ProxyError(code: code, sqlState: "HY000", message: "x").nextStep.isEmpty)
        }
    }
}
