// The watcher in front of a replicated cluster of each kind of server: discovery, positions, promotion, accounts.

import Foundation
import LocalCluster
import Logging
import Synchronization
import Testing

@testable import Topology

@Suite(.serialized) struct RealClusterTests {
    private final class Accounts: Sendable {
        private let list = Mutex<[MirroredAccount]>([])
        func set(_ accounts: [MirroredAccount]) { list.withLock { $0 = accounts } }
        func account(_ user: String) -> MirroredAccount? { list.withLock { $0.first { $0.user == user } } }
    }

    private func watcher(_ cluster: LocalCluster, seed: Int, _ accounts: Accounts) -> Watcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return Watcher(
            cluster: "main", seeds: [ProbeNode(address: .tcp(host: "127.0.0.1", port: cluster.nodes[seed].port))],
            monitorUser: cluster.monitorUser, monitorPassword: cluster.monitorPassword, policy: ClusterPolicy(),
            logger: logger, publish: { _, _ in }, accountsPublished: accounts.set)
    }

    private func eventually(_ text: Comment, _ watcher: Watcher, _ condition: () -> Bool) {
        for _ in 0..<3_000 where !condition() { usleep(10_000) }
        if !condition() {
            let entries = watcher.currentTable.entries.map { "\($0.name) \($0.role) \($0.state) \($0.reason)" }
            Issue.record("\(text): \(watcher.currentTable.gate) \(entries)")
        }
    }

    private func entry(_ watcher: Watcher, _ cluster: LocalCluster, _ index: Int) -> RoutingEntry? {
        watcher.currentTable.entries.first { $0.address == .tcp(host: "127.0.0.1", port: cluster.nodes[index].port) }
    }

    @Test(arguments: LocalCluster.Options.Flavor.allCases)
    func `a cluster is discovered from a replica, followed through a promotion, and its accounts are read`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(replicas: 2, semiSync: true, flavor: flavor))
        defer { cluster.stop() }
        let accounts = Accounts()
        let watcher = watcher(cluster, seed: 1, accounts)
        watcher.start()
        defer { watcher.stop() }
        eventually("three nodes, one of them the primary", watcher) {
            watcher.currentTable.gate.isOpen && watcher.currentTable.readers.count == 2
        }
        let primary = try #require(watcher.currentTable.primary)
        #expect(primary.serverID == cluster.nodes[0].serverID && primary.collation != 0)
        #expect(primary.flavor == (flavor.isMariaDB ? .mariaDB : .mySQL))
        #expect(watcher.observations.allSatisfy { $0.missingPrivileges.isEmpty && $0.failure == nil })
        eventually("the accounts come", watcher) { accounts.account("app") != nil }
        let plugin = flavor.isMariaDB ? "mysql_native_password" : "caching_sha2_password"
        #expect(accounts.account("app")?.methods.map(\.plugin) == [plugin])
        #expect(accounts.account("app")?.bypassesReadOnly == false)
        #expect(accounts.account("root")?.bypassesReadOnly == true)

        try cluster.execute(0, "CREATE TABLE app.facts (id INT PRIMARY KEY); INSERT INTO app.facts VALUES (1)")
        try cluster.waitUntilReplicated()
        eventually("all positions are equal", watcher) {
            let positions = Set(watcher.currentTable.entries.map(\.gtid))
            return positions.count == 1 && positions != [""]
        }
        try cluster.stopReplication(2)
        eventually("a replica that does not replicate serves no reads", watcher) {
            watcher.currentTable.readers.count == 1
        }
        try cluster.startReplication(2)
        eventually("it serves again", watcher) { watcher.currentTable.readers.count == 2 }

        let epoch = watcher.currentTable.epoch
        try cluster.promote(2)
        eventually("the promoted node takes the writes", watcher) {
            watcher.currentTable.primary?.serverID == cluster.nodes[2].serverID
        }
        #expect(watcher.currentTable.epoch == epoch + 1)
        eventually("the others follow it", watcher) {
            [0, 1].allSatisfy { entry(watcher, cluster, $0)?.state == .online }
        }
    }
}
