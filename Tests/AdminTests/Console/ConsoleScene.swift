// A cluster of three, an executor over it, and a record of what admins changed.

import Configuration
import Synchronization
import Topology

@testable import Admin
@testable import Frontend

/// What the console asked the proxy to change.
final class ConsoleChanges: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ change: String) { kept.withLock { $0.append(change) } }
}

enum ConsoleScene {
    static let since: Int64 = 1_772_359_200_500

    static func entry(
        _ index: Int, role: NodeRole, state: NodeState = .online, reason: String = "as it should be", reads: Bool = true
    ) -> RoutingEntry {
        let member = ClusterMember(
            id: NodeID(index: index), name: "db\(index + 1)", address: .tcp(host: "10.0.0.\(index + 1)", port: 3306))
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: since)
        entry.role = role
        entry.state = state
        entry.reason = reason
        entry.acceptsWrites = role == .primary
        entry.acceptsReads = reads
        entry.serverVersion = "10.11.6-MariaDB"
        entry.flavor = .mariaDB
        return entry
    }

    /// `db1` is the primary; `db2` takes reads, and `db3` is too far behind unless said otherwise.
    static func table(
        cluster: String = "main", isOpen: Bool = true, pause: ClusterPause? = nil, replicas: [RoutingEntry]? = nil
    ) -> RoutingTable {
        let others =
            replicas ?? [
                entry(1, role: .replica),
                entry(2, role: .replica, state: .lagging, reason: "90000 ms behind", reads: false),
            ]
        return RoutingTable(
            cluster: cluster, version: 4, epoch: 7,
            gate: isOpen
                ? .open(epoch: 7, primary: NodeID(index: 0))
                : .closed(reason: "nobody is writable", sinceUnixMilliseconds: since), pause: pause,
            entries: [entry(0, role: isOpen ? .primary : .unknown, reads: isOpen)] + others,
            publishedUnixMilliseconds: since)
    }

    static let pause = ClusterPause(
        order: AdminOrder(user: "admin@10.0.0.9", connectionID: 3, unixMilliseconds: since), seconds: 30,
        nowMilliseconds: 0)

    static func members(_ table: RoutingTable) -> [ClusterMember] {
        table.entries.map { ClusterMember(id: $0.id, name: $0.name, address: $0.address, load: $0.load) }
    }

    static func settings(users: [UserSettings]? = nil) -> Settings {
        Settings(
            clusters: [
                ClusterSettings(
                    name: "main", nodes: [NodeSettings(address: .host("10.0.0.1", port: 3306), name: "db1")],
                    monitor: MonitorSettings(user: "monitor", password: "monitorsecret"))
            ],
            listeners: [ListenerSettings(name: "main", bind: .host("0.0.0.0", port: 6306), cluster: "main")],
            users: users,
            console: ConsoleSettings(
                bind: .host("127.0.0.1", port: 6307),
                users: [UserSettings(name: "admin", credential: .password("adminsecret"))]))
    }

    static func cluster(_ table: RoutingTable = table(), accounts: [MirroredAccount] = []) -> ConsoleCluster {
        ConsoleCluster(
            name: table.cluster, table: { table }, members: { members(table) }, accounts: { (accounts, nil) },
            limits: { ConsoleClusterLimits(connectionsPerNode: 50, holdTimeoutMilliseconds: 2_000) })
    }

    static func source(
        _ clusters: [ConsoleCluster] = [cluster()], changes: ConsoleChanges = ConsoleChanges()
    ) -> ConsoleSource {
        ConsoleSource(
            clusters: clusters, settings: { settings() },
            endSession: { id, admin in
                changes.add("\(admin.user) kills \(id)")
                return id == 17
            },
            setDraining: { cluster, node, isDraining, admin in
                changes.add("\(admin.user) \(isDraining ? "drains" : "enables") \(cluster) \(node.index)")
                return true
            },
            pauseCluster: { cluster, seconds, admin in
                changes.add("\(admin.user) pauses \(cluster) for \(seconds)")
                return true
            },
            resumeCluster: { cluster, admin in
                changes.add("\(admin.user) resumes \(cluster)")
                return cluster == "main"
            })
    }

    static func pin(_ reason: String, _ rule: String, _ statement: String = "") -> PinSnapshot {
        PinSnapshot(reason: reason, sinceUnixMilliseconds: since, statement: statement, releaseRule: rule)
    }

    static func session(_ id: UInt32, pins: [PinSnapshot] = []) -> SessionSnapshot {
        SessionSnapshot(
            id: id, cluster: "main", lane: 1, user: "app", peer: "10.1.1.1:4000", schema: "", mode: "split",
            phase: "idle", isInTransaction: false, node: "db2", pins: pins, serverConnections: 1,
            statements: 3, sinceMilliseconds: 5, ageMilliseconds: 90, statement: "SELECT @a")
    }

    static func connection(_ node: String, _ state: String, lane: Int, session: UInt32? = nil) -> ConnectionSnapshot {
        ConnectionSnapshot(
            cluster: "main", lane: lane, node: node, user: "app", state: state, sessionID: session, epoch: 7,
            ageMilliseconds: 40)
    }
}
