// The console's tables over a known world.

import Configuration
import Testing
import Topology

@testable import Admin
@testable import Frontend

@Suite struct ConsoleTablesTests {
    private func rows(_ sql: String, _ source: ConsoleSource = ConsoleScene.source()) throws -> [[ConsoleValue]] {
        try ConsoleExecutor(source: source).runAndWait(sql).rows
    }

    @Test func `routing_table has exactly its columns in their order`() throws {
        let result = try ConsoleExecutor(source: ConsoleScene.source()).runAndWait("SELECT * FROM routing_table")
        #expect(
            result.columns.map(\.name) == [
                "cluster", "node", "address", "zone", "role", "state", "reason", "since", "writes", "reads", "weight",
                "epoch", "gtid", "lag_ms", "latency_us", "in_flight", "connections", "server_version",
            ])
        #expect(
            result.rows.first == [
                "main", "db1", "10.0.0.1:3306", .null, "primary", "online", "as it should be",
                "2026-03-01 10:00:00.500000", "yes", "yes", 100, 7, .null, .null, .null, 0, 0, "10.11.6-MariaDB",
            ])
    }

    @Test func `every table can be read, described and fits its columns`() throws {
        let executor = try ConsoleExecutor(source: ConsoleScene.source())
        let snapshots = ConsoleSnapshots(source: ConsoleScene.source())
        for table in ConsoleTables.all(snapshots, status: ConsoleServiceStatus()) {
            for row in table.rows() { #expect(row.count == table.columns.count, "\(table.name)") }
            let result = try executor.runAndWait("SELECT * FROM \(table.name)")
            #expect(result.columns.map(\.name) == table.columns.map(\.name))
            #expect(try executor.runAndWait("SHOW CREATE TABLE \(table.name)").rows.count == 1)
        }
    }

    @Test func `clusters tells why the gate is closed`() throws {
        let closed = ConsoleScene.source([ConsoleScene.cluster(ConsoleScene.table(isOpen: false))])
        let sql = "SELECT primary_node, gate, gate_reason, gate_closed_since, readers FROM clusters"
        #expect(
            try rows(sql, closed) == [[.null, "closed", "nobody is writable", "2026-03-01 10:00:00.500000", 1]])
        #expect(try rows(sql) == [["db1", "open", .null, .null, 1]])
        let paused = ConsoleScene.source([ConsoleScene.cluster(ConsoleScene.table(pause: ConsoleScene.pause))])
        let reason: ConsoleValue = "paused by admin@10.0.0.9 since 10:00:00 UTC, for 30 s at most"
        #expect(try rows(sql, paused) == [["db1", "paused", reason, "2026-03-01 10:00:00.500000", 1]])
    }

    @Test func `nodes shows a member before its first probe and after a failed one`() throws {
        var seen = Observation(node: NodeID(index: 1))
        seen.hasFacts = true
        seen.readOnly = .readOnly("1")
        seen.failure = ProbeFailure(kind: .timeout, code: 0, text: "no answer")
        seen.consecutiveFailures = 3
        seen.observedAtMilliseconds = 400
        var channel = ReplicationChannel()
        channel.sourceHost = "10.0.0.1"
        channel.sourcePort = 3306
        channel.ioThread = .connecting
        channel.sqlThread = .running
        channel.lastIOError = "refused"
        seen.channels = [channel]
        let table = ConsoleScene.table()
        table.entries[1].load.began(isWrite: true)
        let observation = seen
        var source = ConsoleScene.source([
            ConsoleCluster(
                name: "main", table: { table }, observations: { [observation] },
                members: { ConsoleScene.members(table) })
        ])
        source.monotonicMilliseconds = { 1_000 }
        let sql = """
            SELECT node, reachable, read_only, replication, replication_error, probed_ms_ago, failures, error_kind,
            last_error, reads_total, writes_total FROM nodes WHERE node IN ('db1', 'db2')
            """
        #expect(
            try rows(sql, source) == [
                ["db1", .null, .null, .null, .null, .null, .null, .null, .null, 0, 0],
                [
                    "db2", "no", "ON", "from 10.0.0.1:3306, io Connecting, sql Yes, behind unknown", "refused", 600, 3,
                    "timeout", "no answer", 0, 1,
                ],
            ])
    }

    @Test func `sessions, connections, pools and pins come from one look at the lanes`() throws {
        let looks = SnapshotCounter()
        var source = ConsoleScene.source()
        source.lanes = {
            looks.increment()
            return [
                LaneSnapshot(
                    sessions: [
                        ConsoleScene.session(
                            9,
                            pins: [
                                ConsoleScene.pin("user variables", "reset"),
                                ConsoleScene.pin("GET_LOCK", "release", "DO GET_LOCK('a', 1)"),
                            ])
                    ],
                    connections: [
                        ConsoleScene.connection("db2", "leased", lane: 1, session: 9),
                        ConsoleScene.connection("db2", "idle", lane: 1),
                        ConsoleScene.connection("db2", "idle", lane: 0),
                    ], idleConnections: [:],
                    waiting: [
                        WaitingSnapshot(cluster: "main", lane: 1, node: "db2", waiting: 3, longestMilliseconds: 40)
                    ])
            ]
        }
        let executor = try ConsoleExecutor(source: source)
        let joined = """
            SELECT s.id, c.node, p.reason, p.since, p.statement, p.release_rule FROM sessions s JOIN connections c ON c.session = s.id
            JOIN pins p ON p.session = s.id ORDER BY p.reason
            """
        #expect(
            try executor.runAndWait(joined).rows == [
                [9, "db2", "GET_LOCK", "2026-03-01 10:00:00.500000", "DO GET_LOCK('a', 1)", "release"],
                [9, "db2", "user variables", "2026-03-01 10:00:00.500000", .null, "reset"],
            ])
        #expect(looks.count == 1)
        #expect(
            try executor.runAndWait(
                "SELECT node, lane, connections, leased, idle, waiting, longest_wait_ms, `limit`, account_limit FROM pools"
            ).rows == [["db2", 0, 1, 0, 1, 0, 0, 50, .null], ["db2", 1, 2, 1, 1, 3, 40, 50, .null]])
        #expect(looks.count == 2)
    }

    @Test func `outcomes shows commits that were in doubt, the oldest first`() throws {
        let outcomes = OutcomeHistory()
        for (verdict, statement) in [(OutcomeVerdict.unknown, "INSERT INTO t VALUES (1)"), (.notCommitted, "")] {
            outcomes.add(
                OutcomeRecord(
                    connectionID: 9, user: "app", unixMilliseconds: ConsoleScene.since, node: "db1", epoch: 7,
                    kind: statement.isEmpty ? .commit : .autocommit, statement: Array(statement.utf8),
                    verdict: verdict, evidence: "no GTID was told"))
        }
        let table = ConsoleScene.table()
        let source = ConsoleScene.source([ConsoleCluster(name: "main", table: { table }, outcomes: outcomes)])
        let time: ConsoleValue = "2026-03-01 10:00:00.500000"
        #expect(
            try rows("SELECT * FROM outcomes", source) == [
                [
                    time, "main", 9, "app", "db1", 7, "autocommit", "INSERT INTO t VALUES (1)", "unknown",
                    "no GTID was told",
                ],
                [time, "main", 9, "app", "db1", 7, "commit", .null, "not committed", "no GTID was told"],
            ])
    }

    @Test func `metrics tells of the gate, and of what changes of the primary cost`() throws {
        let failover = FailoverCounters()
        failover.statementHeld()
        failover.replayRefused(.tooLarge)
        func values(_ table: RoutingTable) throws -> [String: ConsoleValue] {
            let source = ConsoleScene.source([ConsoleCluster(name: "main", table: { table }, failover: failover)])
            let found = try rows("SELECT name, value FROM metrics WHERE cluster = 'main'", source)
            var values: [String: ConsoleValue] = [:]
            for row in found {
                guard case .text(let name) = row[0] else { throw Missing() }
                let before = values.updateValue(row[1], forKey: name)
                #expect(before == nil, "\(name)")
            }
            return values
        }
        let open = try values(ConsoleScene.table())
        #expect(open["gate_open"] == 1 && open["gate_closed_seconds"] == 0 && open["cluster_paused"] == 0)
        #expect(open["two_writable"] == 0 && open["epoch"] == 7)
        #expect(open["held_statements"] == 1 && open["held_statements_total"] == 1)
        #expect(open["replays_refused_too_large_total"] == 1 && open["replays_refused_off_total"] == 0)

        let paused = try values(ConsoleScene.table(pause: ConsoleScene.pause))
        #expect(paused["gate_open"] == 0 && paused["cluster_paused"] == 1)
        let snapshots = ConsoleSnapshots(
            source: ConsoleScene.source([ConsoleScene.cluster(ConsoleScene.table(pause: ConsoleScene.pause))]))
        let later = FigureLook(
            snapshots, status: ConsoleServiceStatus(), nowUnixMilliseconds: ConsoleScene.since + 5_900)
        let closedFor = try #require(Figure.all.first { $0.name == "gate_closed_seconds" })
        guard case .number(5) = closedFor.read(later).first?.value else { throw Missing() }
        let two = [
            ConsoleScene.entry(1, role: .unknown, state: .writable),
            ConsoleScene.entry(2, role: .unknown, state: .writable),
        ]
        let closed = try values(ConsoleScene.table(isOpen: false, replicas: two))
        #expect(closed["gate_open"] == 0 && closed["cluster_paused"] == 0 && closed["two_writable"] == 1)
    }

    private struct Missing: Error {}

    @Test func `routing_history is ordered by time over all clusters`() throws {
        @Sendable func event(_ time: Int64, _ cluster: String, _ kind: String) -> RoutingEvent {
            RoutingEvent(
                unixMilliseconds: time, cluster: cluster, node: nil, kind: kind, from: "closed", to: "", epoch: 1,
                reason: "r", evidence: "a=1")
        }
        let table = ConsoleScene.table()
        let source = ConsoleScene.source([
            ConsoleCluster(name: "a", table: { table }, history: { [event(10, "a", "k1"), event(30, "a", "k3")] }),
            ConsoleCluster(name: "b", table: { table }, history: { [event(20, "b", "k2"), event(10, "b", "k4")] }),
        ])
        #expect(
            try rows("SELECT kind, `from`, `to`, node FROM routing_history", source) == [
                ["k1", "closed", .null, .null], ["k4", "closed", .null, .null], ["k2", "closed", .null, .null],
                ["k3", "closed", .null, .null],
            ])
    }

    @Test func `no secret is in any table`() throws {
        let hash = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
        let account = MirroredAccount(
            user: "app", host: "%",
            methods: [MirroredMethod(plugin: "mysql_native_password", verifier: Array(hash.utf8))], isLocked: true,
            bypassesReadOnly: true)
        var source = ConsoleScene.source([ConsoleScene.cluster(accounts: [account])])
        #expect(
            try rows("SELECT * FROM users", source) == [
                ["app", "%", "mysql_native_password", "yes", "cluster main", "yes"]
            ])
        source.settings = ConsoleScene.settings(users: [
            UserSettings(name: "web", credential: .password("websecret")),
            UserSettings(name: "job", credential: .nativeHash(hash)),
        ])
        #expect(try rows("SELECT user, source FROM users", source) == [["web", "settings"], ["job", "settings"]])
        let settings = try rows("SELECT path, value FROM settings", source)
        #expect(settings.contains(["clusters[main].monitor.password", "(hidden)"]))
        #expect(settings.contains(["listeners[main].bind", "0.0.0.0:6306"]))
        #expect(settings.contains(["users[web].password", "(hidden)"]))
        let snapshots = ConsoleSnapshots(source: source)
        for table in ConsoleTables.all(snapshots, status: ConsoleServiceStatus()) {
            let text = "\(table.rows())"
            for secret in ["monitorsecret", "adminsecret", "websecret", hash] {
                #expect(!text.contains(secret), "\(table.name)")
            }
        }
    }

    @Test func `metrics adds up what the lanes hold in memory, by cluster and purpose`() throws {
        var source = ConsoleScene.source()
        source.residentBytes = { 5_000 }
        source.laneFigures = {
            (1...2).flatMap { lane in
                ["main", "other"].map { cluster in
                    var figures = LaneFigures(cluster: cluster, lane: lane)
                    figures.memory.clientBuffers = lane
                    figures.memory.sessionStates = 10 * lane
                    figures.sessions = 100 * lane
                    return figures
                }
            }
        }
        let known = source
        func value(_ name: String, _ cluster: String) throws -> [[ConsoleValue]] {
            try rows("SELECT value FROM metrics WHERE name = 'memory_\(name)_bytes' AND cluster \(cluster)", known)
        }
        #expect(try value("client_buffers", "= 'main'") == [[3]])
        #expect(try value("session_states", "= 'main'") == [[30]])
        #expect(try value("server_buffers", "= 'main'") == [[0]])
        #expect(try value("resident", "IS NULL") == [[5_000]])
        #expect(try rows("SELECT value FROM metrics WHERE name = 'sessions' AND cluster = 'main'", known) == [[300]])
    }

    @Test func `a node that no connection can be made to says so beside its state, and is counted`() throws {
        let table = ConsoleScene.table()
        for _ in 0..<HealthLimits.connectFailuresInARow { table.entries[1].load.connectFailed(nowMilliseconds: 1) }
        let source = ConsoleScene.source([ConsoleScene.cluster(table)])
        #expect(
            try rows("SELECT state, reason FROM routing_table WHERE node <> 'db3'", source) == [
                ["online", "as it should be"],
                ["online", "as it should be; no connection can be made: one is tried at a time"],
            ])
        #expect(
            try rows("SELECT value FROM metrics WHERE name = 'node_circuit_openings_total'", source) == [[1]])
    }

    @Test func `metrics counts by cluster`() throws {
        let table = ConsoleScene.table()
        table.entries[0].load.began(isWrite: true)
        table.entries[1].load.began()
        let source = ConsoleScene.source([ConsoleScene.cluster(table)])
        #expect(
            try rows(
                "SELECT name, value FROM metrics WHERE cluster = 'main' AND name IN ('reads_total', 'writes_total')",
                source) == [["reads_total", 1], ["writes_total", 1]])
    }
}
