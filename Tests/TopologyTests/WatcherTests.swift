// The watcher against real servers: the SQL of probes, budgets, discovery, accounts.

import Foundation
import Logging
import Synchronization
import Testing

@testable import Topology

/// Collects what a watcher publishes.
private final class Collected: Sendable {
    private let lists = Mutex<(tables: [RoutingTable], events: [RoutingEvent], accounts: [MirroredAccount])>(
        ([], [], []))
    func add(_ table: RoutingTable, _ events: [RoutingEvent]) {
        lists.withLock {
            $0.tables.append(table)
            $0.events += events
        }
    }
    func set(_ accounts: [MirroredAccount]) { lists.withLock { $0.accounts = accounts } }
    var tables: [RoutingTable] { lists.withLock { $0.tables } }
    var events: [RoutingEvent] { lists.withLock { $0.events } }
    var accounts: [MirroredAccount] { lists.withLock { $0.accounts } }
}

@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/mariadbd")))
struct WatcherTests {
    private func address(_ server: ThrowAwayServer) -> ProbeAddress { .tcp(host: "127.0.0.1", port: server.port) }

    private func watcher(
        _ seeds: [ProbeAddress], _ collected: Collected, password: String = "monpw"
    ) -> Watcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return Watcher(
            cluster: "main", seeds: seeds.map { ProbeNode(address: $0) }, monitorUser: "monitor",
            monitorPassword: password, policy: ClusterPolicy(), logger: logger, publish: collected.add,
            accountsPublished: collected.set)
    }

    /// Waits until `condition` holds, for at most 30 seconds.
    private func eventually(_ text: Comment, _ watcher: Watcher, _ condition: () -> Bool) {
        for _ in 0..<3_000 where !condition() { usleep(10_000) }
        if !condition() {
            let entries = watcher.currentTable.entries.map { "\($0.name) \($0.role) \($0.state) \($0.reason)" }
            Issue.record("\(text): \(watcher.currentTable.gate) \(entries)")
        }
    }

    private func execute(_ server: ThrowAwayServer, _ sql: String) throws {
        let deadline = monotonicMilliseconds() + 10_000
        let connection = try ProbeConnection(
            address: address(server), credentials: MonitorCredentials(user: "admin", password: "adminpw"),
            deadline: deadline)
        if let failure = connection.query(sql, deadline: deadline).failure { throw failure }
    }

    @Test func `a lone server is probed, frozen, thawed and crashed`() throws {
        let server = try ThrowAwayServer(
            serverID: 10,
            statements: [
                "CREATE USER app@'%' IDENTIFIED VIA mysql_native_password USING "
                    + "'*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
                "GRANT READ_ONLY ADMIN ON *.* TO unbound@'%' IDENTIFIED BY 'x'",
                "GRANT SUPER, CONNECTION ADMIN, REPLICATION SLAVE ADMIN ON *.* TO bound@'%' IDENTIFIED BY 'x'",
            ])
        let collected = Collected()
        let watcher = watcher([address(server)], collected)
        watcher.start()
        eventually("the gate opens", watcher) { watcher.currentTable.gate.isOpen }
        let entry = try #require(watcher.currentTable.primary)
        #expect(entry.serverID == 10 && entry.flavor == .mariaDB && entry.serverVersion.contains("MariaDB"))
        #expect(entry.collation != 0)
        // Protocol 4.1 and, of MariaDB's extended flags, progress reports.
        #expect(entry.capabilities & 1 << 9 != 0 && entry.capabilities & 1 << 32 != 0)
        eventually("the accounts come", watcher) { !collected.accounts.isEmpty }
        let app = collected.accounts.first { $0.user == "app" }
        let hash = Array("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19".utf8)
        #expect(app?.methods == [MirroredMethod(plugin: "mysql_native_password", verifier: hash)])
        #expect(app?.bypassesReadOnly == false)
        #expect(Set(collected.accounts.filter(\.bypassesReadOnly).map(\.user)) == ["admin", "root", "unbound"])
        #expect(watcher.observations.first?.missingPrivileges == [])

        server.freeze()
        watcher.probeNow(nil)
        eventually("the gate closes", watcher) { !watcher.currentTable.gate.isOpen }
        let failure = try #require(watcher.observations.first?.failure)
        #expect(failure.kind == .timeout)
        let latencies = watcher.observations.map(\.probeLatencyMicroseconds)
        #expect(latencies.allSatisfy { $0 < 2_000_000 })
        server.thaw()
        eventually("the gate reopens", watcher) { watcher.currentTable.gate.isOpen }
        #expect(watcher.currentTable.epoch == 1)

        server.crash()
        watcher.probeNow(nil)
        eventually("the gate closes again", watcher) { !watcher.currentTable.gate.isOpen }
        #expect(watcher.observations.first?.failure?.kind == .refused)
        watcher.stop()
        #expect(watcher.history(limit: 1).first?.kind == RoutingEventKind.nodeDown)
        let versions = collected.tables.map(\.version)
        #expect(versions == versions.sorted() && Set(versions).count == versions.count)
    }

    @Test func `a replica is discovered, promoted, and the old primary follows`() throws {
        let first = try ThrowAwayServer(serverID: 10)
        let second = try ThrowAwayServer(serverID: 11, options: ["--read-only=1"])
        func follow(_ source: ThrowAwayServer) -> String {
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=\(source.port), MASTER_USER='monitor', "
                + "MASTER_PASSWORD='monpw', MASTER_USE_GTID=slave_pos; START SLAVE"
        }
        try execute(second, follow(first))
        let collected = Collected()
        let watcher = watcher([address(first)], collected)
        watcher.start()
        eventually("the replica is found and serves reads", watcher) {
            watcher.currentTable.entries.count == 2 && watcher.currentTable.readers == [1]
        }
        #expect(watcher.currentTable.entries[1].address == address(second))
        #expect(collected.events.contains(kind: RoutingEventKind.nodeDiscovered))
        try execute(first, "CREATE DATABASE d; SET GLOBAL read_only=1")
        eventually("the gate closes", watcher) { !watcher.currentTable.gate.isOpen }
        #expect(watcher.currentTable.readers == [0, 1])
        let position = watcher.currentTable.entries[0].gtid
        eventually("the replica has everything", watcher) { watcher.currentTable.entries[1].gtid == position }
        try execute(second, "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only=0")
        eventually("the replica takes the writes", watcher) { watcher.currentTable.primary?.id.index == 1 }
        #expect(watcher.currentTable.epoch == 2)
        #expect(!collected.events.contains(kind: RoutingEventKind.lostGTID))
        try execute(first, follow(second))
        eventually("the old primary follows", watcher) {
            watcher.currentTable.entries[0].role == .replica && watcher.currentTable.entries[0].state == .online
        }
        watcher.stop()

        // The other way round: a replica alone leads to its source.
        let fromReplica = self.watcher([.tcp(host: "localhost", port: first.port)], collected)
        fromReplica.start()
        eventually("the source is found", fromReplica) { fromReplica.currentTable.primary?.serverID == 11 }
        #expect(fromReplica.currentTable.entries.count == 2)
        fromReplica.stop()
    }

    @Test func `a global read lock that holds up writes is told as long as it does`() throws {
        let server = try ThrowAwayServer(serverID: 10)
        try execute(server, "CREATE DATABASE d; CREATE TABLE d.t (id INT)")
        let watcher = watcher([address(server)], Collected())
        watcher.start()
        defer { watcher.stop() }
        eventually("the gate opens", watcher) { watcher.currentTable.gate.isOpen }
        let place = address(server)
        let admin = MonitorCredentials(user: "admin", password: "adminpw")
        let lock = try ProbeConnection(
            address: place, credentials: admin, deadline: monotonicMilliseconds() + 10_000)
        let locked = lock.query("FLUSH TABLES WITH READ LOCK", deadline: monotonicMilliseconds() + 10_000)
        #expect(locked.failure == nil)
        Thread.detachNewThread {
            let deadline = monotonicMilliseconds() + 60_000
            let writer = try? ProbeConnection(address: place, credentials: admin, deadline: deadline)
            _ = writer?.query("INSERT INTO d.t VALUES (1)", deadline: deadline)
        }
        eventually("the stall is told", watcher) {
            watcher.currentTable.alarms.map(\.kind) == [RoutingEventKind.writesStalled]
        }
        #expect(watcher.currentTable.gate.isOpen)
        _ = lock.query("UNLOCK TABLES", deadline: monotonicMilliseconds() + 10_000)
        eventually("it is over", watcher) { watcher.currentTable.alarms.isEmpty }
        #expect(watcher.history(limit: 1).first?.kind == RoutingEventKind.alarmEnded)
    }

    @Test func `a wrong monitor password and a missing privilege are named with a remedy`() throws {
        let server = try ThrowAwayServer(
            serverID: 10, statements: ["CREATE USER poor@'%' IDENTIFIED BY 'monpw'"])
        let watcher = watcher([address(server)], Collected(), password: "wrong")
        watcher.start()
        eventually("the login is refused", watcher) { watcher.currentTable.entries[0].state == .refused }
        #expect(
            watcher.currentTable.entries[0].reason.hasPrefix(
                "monitor account 'monitor' refused by 127.0.0.1:\(server.port): Access denied"))
        watcher.stop()
        let probe = NodeProbe(
            node: NodeID(index: 0), address: address(server),
            credentials: MonitorCredentials(user: "poor", password: "monpw"), budgetMilliseconds: 5_000)
        let failure = try #require(probe.run().failure)
        #expect(failure.kind == .privilege)
        #expect(failure.text.hasSuffix("run GRANT SLAVE MONITOR ON *.* TO 'poor'"))
        try execute(server, "GRANT SLAVE MONITOR ON *.* TO poor@'%'")
        probe.close()
        let observation = probe.run()
        #expect(observation.failure == nil && observation.hasFacts)
        #expect(
            observation.missingPrivileges.contains { $0.hasSuffix("GRANT REPLICATION MASTER ADMIN ON *.* TO 'poor'") })
        #expect(throws: ProbeFailure.self) {
            try AccountMirror.fetch(
                address: address(server), credentials: MonitorCredentials(user: "poor", password: "monpw"),
                flavor: .mariaDB)
        }
    }

    @Test func `an address that nobody answers at fails within the budget`() {
        let unroutable = NodeProbe(
            node: NodeID(index: 0), address: .tcp(host: "192.0.2.1", port: 3306),
            credentials: MonitorCredentials(user: "m", password: "p"), budgetMilliseconds: 200)
        let observation = unroutable.run()
        #expect(observation.failure != nil && observation.consecutiveFailures == 1 && !observation.hasFacts)
        let socket = NodeProbe(
            node: NodeID(index: 0), address: .unix(path: "/nonexistent/socket"),
            credentials: MonitorCredentials(user: "m", password: "p"), budgetMilliseconds: 200)
        #expect(socket.run().failure?.kind == .refused)
    }
}
