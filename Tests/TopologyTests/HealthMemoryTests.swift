// What the watcher tells of health: ejections and returns, circuits, and sites that are lost.
import Testing

@testable import Topology

@Suite struct HealthMemoryTests {
    /// A primary and replicas, each in its zone, with their states.
    private func table(_ zones: [String?], states: [NodeState] = [], loads: [NodeLoad] = []) -> RoutingTable {
        let entries = zones.enumerated().map { index, zone -> RoutingEntry in
            let member = ClusterMember(
                id: NodeID(index: index), name: "n\(index)", address: .tcp(host: "n\(index)", port: 3306), zone: zone,
                load: index < loads.count ? loads[index] : NodeLoad())
            var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
            entry.state = index < states.count ? states[index] : .online
            entry.acceptsReads = entry.state == .online
            return entry
        }
        return RoutingTable(
            cluster: "main", version: 1, epoch: 7, gate: .open(epoch: 7, primary: NodeID(index: 0)), entries: entries,
            publishedUnixMilliseconds: 0)
    }

    private func kinds(_ events: [RoutingEvent]) -> [String] { events.map(\.kind) }

    private func fail(_ load: NodeLoad) {
        for _ in 0..<HealthLimits.failuresInARow {
            load.began()
            load.failed()
        }
    }

    @Test func `an ejection and its end are told, and take effect`() throws {
        var memory = HealthMemory()
        let nodes = table([nil, nil, nil])
        let health = nodes.entries[1].load.health
        fail(nodes.entries[1].load)
        let events = memory.judge(nodes, nowMilliseconds: 10_000, unixMilliseconds: 77)
        let event = try #require(events.first)
        #expect(kinds(events) == [RoutingEventKind.nodeEjected])
        #expect(event.node == "n1" && event.cluster == "main" && event.epoch == 7 && event.unixMilliseconds == 77)
        #expect(event.evidence.contains("failures_in_a_row=\(HealthLimits.failuresInARow)"))
        #expect(health.readSharePercent(nowMilliseconds: 10_999) == 0)
        #expect(nodes.shunnedReaders(nowMilliseconds: 10_999) == (0b010, 0))
        #expect(memory.judge(nodes, nowMilliseconds: 10_500, unixMilliseconds: 78).isEmpty)
        let later = memory.judge(nodes, nowMilliseconds: 11_000, unixMilliseconds: 79)
        #expect(kinds(later) == [RoutingEventKind.nodeReturned])
        #expect(nodes.shunnedReaders(nowMilliseconds: 11_000) == (0, 0b010))
        #expect(nodes.shunnedReaders(nowMilliseconds: 30_000) == (0, 0))
    }

    @Test func `the primary is not ejected, whatever fails there`() {
        var memory = HealthMemory()
        let nodes = table([nil, nil, nil])
        fail(nodes.entries[0].load)
        #expect(memory.judge(nodes, nowMilliseconds: 10_000, unixMilliseconds: 0).isEmpty)
        #expect(nodes.shunnedReaders(nowMilliseconds: 10_000) == (0, 0))
    }

    @Test func `what failed while a node was down is no reason when it is back`() {
        var memory = HealthMemory()
        let loads = [NodeLoad(), NodeLoad(), NodeLoad()]
        fail(loads[1])
        let down = table([nil, nil, nil], states: [.online, .down], loads: loads)
        #expect(memory.judge(down, nowMilliseconds: 1_000, unixMilliseconds: 0).isEmpty)
        let back = table([nil, nil, nil], loads: loads)
        #expect(memory.judge(back, nowMilliseconds: 1_500, unixMilliseconds: 0).isEmpty)
    }

    @Test func `a circuit that opens and closes is told once each, the primary's too`() {
        var memory = HealthMemory()
        let nodes = table([nil, nil])
        let load = nodes.entries[0].load
        for _ in 0..<HealthLimits.connectFailuresInARow { load.connectFailed(nowMilliseconds: 1_000) }
        #expect(
            kinds(memory.judge(nodes, nowMilliseconds: 1_100, unixMilliseconds: 0)) == [RoutingEventKind.circuitOpened])
        #expect(memory.judge(nodes, nowMilliseconds: 1_600, unixMilliseconds: 0).isEmpty)
        load.loginAnswered()
        #expect(
            kinds(memory.judge(nodes, nowMilliseconds: 2_100, unixMilliseconds: 0)) == [RoutingEventKind.circuitClosed])
        #expect(memory.judge(nodes, nowMilliseconds: 2_600, unixMilliseconds: 0).isEmpty)
    }

    @Test func `a probe that answers after one that did not lets others connect again`() {
        let nodes = table([nil])
        let load = nodes.entries[0].load
        for _ in 0..<HealthLimits.connectFailuresInARow { load.connectFailed(nowMilliseconds: 1_000) }
        let member = ClusterMember(
            id: NodeID(index: 0), name: "n0", address: .tcp(host: "n0", port: 3306), load: load)
        var state = WatcherState(policy: ClusterPolicy(), members: [member], table: nodes)
        var observation = Observation(node: NodeID(index: 0))
        observation.hasFacts = true
        // The probe's connection is an old one: it does not say whether new ones are taken.
        state.observations[member.id] = observation
        state.noteNewConnection(observation)
        #expect(load.health.isCircuitOpen)
        observation.failure = ProbeFailure(kind: .timeout, code: 0, text: "no answer")
        state.observations[member.id] = observation
        state.noteNewConnection(observation)
        #expect(load.health.isCircuitOpen)
        observation.failure = nil
        state.noteNewConnection(observation)
        #expect(!load.health.isCircuitOpen)
    }
}
