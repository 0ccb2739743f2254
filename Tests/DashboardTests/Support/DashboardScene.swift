// A proxy with one cluster of two nodes and one session, and the service over it.

import Configuration
import Dispatch
import Foundation
import Security
import Synchronization
import Topology

@testable import Admin
@testable import Dashboard
@testable import Frontend

enum DashboardScene {
    static let since: Int64 = 1_772_359_200_500
    static let token = "abcdefghijklmnop"

    static func entry(_ index: Int, role: NodeRole, reads: Bool = true) -> RoutingEntry {
        let member = ClusterMember(
            id: NodeID(index: index), name: "db\(index + 1)", address: .tcp(host: "10.0.0.\(index + 1)", port: 3306))
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: since)
        entry.role = role
        entry.state = .online
        entry.reason = "as it should be"
        entry.acceptsWrites = role == .primary
        entry.acceptsReads = reads
        entry.lagMilliseconds = role == .replica ? 1_500 : nil
        entry.serverVersion = "10.11.6-\"MariaDB\""
        return entry
    }

    static func table(isOpen: Bool = true, reads: Bool = true) -> RoutingTable {
        RoutingTable(
            cluster: "main", version: 4, epoch: 7,
            gate: isOpen
                ? .open(epoch: 7, primary: NodeID(index: 0))
                : .closed(reason: "nobody is writable", sinceUnixMilliseconds: since),
            entries: [
                entry(0, role: isOpen ? .primary : .unknown, reads: reads), entry(1, role: .replica, reads: reads),
            ],
            publishedUnixMilliseconds: since)
    }

    static func event(_ time: Int64, _ kind: String = "primary_changed") -> RoutingEvent {
        RoutingEvent(
            unixMilliseconds: since + time, cluster: "main", node: "db1", kind: kind, from: "", to: "db1", epoch: 7,
            reason: "it is writable", evidence: "read_only=OFF")
    }

    private static let settings = Settings(
        clusters: [
            ClusterSettings(
                name: "main", nodes: [NodeSettings(address: .host("10.0.0.1", port: 3306), name: "db1")],
                monitor: MonitorSettings(user: "monitor", password: "monitorsecret"))
        ],
        listeners: [ListenerSettings(name: "main", bind: .host("0.0.0.0", port: 6306), cluster: "main")],
        users: [UserSettings(name: "app", credential: .password("apppw"))])

    static func cluster(
        _ table: RoutingTable = table(), history: @escaping @Sendable () -> [RoutingEvent] = { [event(0)] }
    ) -> ConsoleCluster {
        let outcomes = OutcomeHistory()
        outcomes.add(
            OutcomeRecord(
                connectionID: 9, user: "app", unixMilliseconds: since, node: "db1", epoch: 7, kind: .commit,
                statement: Array("COMMIT".utf8), verdict: .unknown, evidence: "no GTID was told"))
        return ConsoleCluster(
            name: "main", table: { table }, history: history,
            members: {
                table.entries.map { ClusterMember(id: $0.id, name: $0.name, address: $0.address, load: $0.load) }
            }, outcomes: outcomes,
            limits: { ConsoleClusterLimits(connectionsPerNode: 50) })
    }

    static func source(_ cluster: ConsoleCluster = cluster(), kills: Kills = Kills()) -> ConsoleSource {
        var source = ConsoleSource(clusters: [cluster], settings: { settings }, clientCount: { 3 })
        source.version = "1.2.3"
        source.residentBytes = { 5_000 }
        source.endSession = { id, admin in
            kills.add("\(admin.user) kills \(id)")
            return true
        }
        source.lanes = {
            let pin = PinSnapshot(
                reason: "user variables", sinceUnixMilliseconds: since, statement: "", releaseRule: "reset")
            let session = SessionSnapshot(
                id: 9, cluster: "main", lane: 0, user: "app", peer: "10.1.1.1:4000", schema: "", mode: "split",
                phase: "idle", isInTransaction: false, node: "db2", pins: [pin], serverConnections: 1, statements: 3,
                sinceMilliseconds: 5, ageMilliseconds: 90, statement: "SELECT \"a\\\n\u{1}\"")
            let connection = ConnectionSnapshot(
                cluster: "main", lane: 0, node: "db2", user: "app", state: "leased", sessionID: 9, epoch: 7,
                ageMilliseconds: 40)
            return [LaneSnapshot(sessions: [session], connections: [connection], idleConnections: [:])]
        }
        source.laneFigures = { [LaneFigures(cluster: "main", lane: 0)] }
        return source
    }

    static func service(
        _ source: ConsoleSource = source(), token: String? = nil, users: [HTTPUser] = [], isDraining: Bool = false
    ) throws -> DashboardService {
        let throttle = LoginThrottle(
            LoginThrottleSettings(failures: 3, windowMilliseconds: 10_000, refusalMilliseconds: 5_000))
        return DashboardService(
            executor: try ConsoleExecutor(source: source),
            access: HTTPAccess(users: users, token: token.map { SecretBytes($0.utf8) }, throttle: throttle),
            clusters: source.clusters, isDraining: { isDraining }, assets: DashboardPage.assets)
    }
}

/// What the console was asked to end.
final class Kills: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ kill: String) { kept.withLock { $0.append(kill) } }
}

struct NoAnswer: Error {}

/// A value that another queue gives.
final class Awaited<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let isSet = DispatchSemaphore(value: 0)

    func set(_ new: Value) {
        value.withLock { $0 = new }
        isSet.signal()
    }

    func wait() throws -> Value {
        guard isSet.wait(timeout: .now() + .seconds(60)) == .success, let found = value.withLock({ $0 }) else {
            throw NoAnswer()
        }
        return found
    }
}

extension DashboardService {
    /// The answer to a request, waited for.
    func response(
        _ target: String, method: String = "GET", headers: [(String, String)] = [], body: String = ""
    ) throws -> HTTPResponse {
        let (path, query) = try HTTPTarget.read(Array(target.utf8))
        let request = HTTPRequest(
            method: method, path: path, query: query,
            headers: headers.map { HTTPRequest.Parameter(name: $0.0, value: $0.1) }, body: Array(body.utf8))
        switch answer(request, peerHost: "10.9.9.9", nowMilliseconds: 1_000) {
        case .now(let response): return response
        case .events: throw NoAnswer()
        case .later(let start):
            let awaited = Awaited<HTTPResponse>()
            guard start({ awaited.set($0) }) else { throw NoAnswer() }
            return try awaited.wait()
        }
    }

    func text(_ target: String) throws -> String { String(decoding: try response(target).body, as: UTF8.self) }

    /// The answer as an object.
    func json(_ target: String) throws -> [String: Any] {
        let answer = try JSONSerialization.jsonObject(with: Data(try response(target).body))
        guard let object = answer as? [String: Any] else { throw NoAnswer() }
        return object
    }
}
