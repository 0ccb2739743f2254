// A watcher that takes other settings while it runs; its nodes answer nobody.

import Foundation
import Logging
import Synchronization
import Testing

@testable import Topology

@Suite struct WatcherSettingsTests {
    private static func seed(_ name: String, weight: Int = 100, zone: String? = nil) -> ProbeNode {
        ProbeNode(name: name, address: .unix(path: "/nonexistent/\(name)"), zone: zone, weight: weight)
    }

    private func started(_ seeds: [ProbeNode]) -> Watcher {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let watcher = Watcher(
            cluster: "main", seeds: seeds, monitorUser: "m", monitorPassword: "p", policy: ClusterPolicy(),
            logger: logger, publish: { _, _ in })
        watcher.start()
        return watcher
    }

    private func adopt(
        _ seeds: [ProbeNode], password: String = "p", policy: ClusterPolicy = ClusterPolicy(),
        intervals: ProbeIntervals = ProbeIntervals(), by watcher: Watcher
    ) {
        watcher.adopt(
            seeds: seeds, monitorUser: "m", monitorPassword: password, tls: nil, policy: policy, intervals: intervals)
    }

    private func eventually(_ text: Comment, _ condition: () -> Bool) {
        for _ in 0..<3_000 where !condition() { usleep(10_000) }
        #expect(condition(), text)
    }

    @Test func `members take over weight and zone, and keep their number`() {
        let watcher = started([Self.seed("a"), Self.seed("b")])
        defer { watcher.stop() }
        adopt([Self.seed("b", weight: 7, zone: "z"), Self.seed("a")], by: watcher)
        eventually("the table has it") { watcher.currentTable.entries[1].weight == 7 }
        #expect(watcher.members.map(\.name) == ["a", "b"])
        #expect(watcher.currentTable.entries.map(\.zone) == [nil, "z"])
    }

    @Test func `a node that comes is told, and one that is named no more stays`() {
        let watcher = started([Self.seed("a")])
        defer { watcher.stop() }
        adopt([Self.seed("b")], by: watcher)
        eventually("b is a member") { watcher.currentTable.entries.count == 2 }
        #expect(watcher.members.map(\.name) == ["a", "b"])
        let added = watcher.history().filter { $0.kind == RoutingEventKind.nodeAdded }
        #expect(added.map(\.node) == ["b"])
        adopt([Self.seed("b")], by: watcher)
        adopt([Self.seed("b", weight: 3)], by: watcher)
        eventually("it is the same member") { watcher.currentTable.entries.last?.weight == 3 }
        #expect(watcher.members.count == 2)
    }

    @Test func `a drained node stays drained, and a pause stays`() {
        let watcher = started([Self.seed("a"), Self.seed("b")])
        defer { watcher.stop() }
        let order = AdminOrder(user: "admin@h", connectionID: 1, unixMilliseconds: 0)
        #expect(watcher.drain(NodeID(index: 1), by: order))
        watcher.pause(seconds: 60, by: order)
        var policy = ClusterPolicy()
        policy.maxLagMilliseconds = 1
        adopt([Self.seed("a"), Self.seed("b", weight: 3)], password: "other", policy: policy, by: watcher)
        eventually("the weight is another") { watcher.currentTable.entries[1].weight == 3 }
        #expect(watcher.members[1].isDraining)
        #expect(watcher.currentTable.pause != nil)
    }

    @Test func `other credentials and budgets are those of new probers`() {
        let watcher = started([Self.seed("a")])
        defer { watcher.stop() }
        eventually("it was probed") { !watcher.observations.isEmpty }
        let before = watcher.state.withLock { $0.probers }
        var intervals = ProbeIntervals()
        intervals.replicaMilliseconds = 40
        adopt([Self.seed("a", weight: 2)], intervals: intervals, by: watcher)
        eventually("the weight is another") { watcher.currentTable.entries[0].weight == 2 }
        #expect(watcher.state.withLock { $0.probers.map(ObjectIdentifier.init) } == before.map(ObjectIdentifier.init))
        adopt([Self.seed("a")], password: "other", intervals: intervals, by: watcher)
        eventually("the weight is as it was") { watcher.currentTable.entries[0].weight == 100 }
        #expect(watcher.state.withLock { $0.probers.map(ObjectIdentifier.init) } != before.map(ObjectIdentifier.init))
        #expect(watcher.credentials.password == "other")
    }
}
