// A proxy that is cut off from most nodes writes to none; the loss of a zone is one event.

import Testing

@testable import Topology

@Suite struct MajorityTests {
    @Test(arguments: [ProbeFailure.Kind.timeout, .unreachable, .resolve])
    func `of three nodes two must be reached`(kind: ProbeFailure.Kind) {
        var scene = ClusterScene()
        scene.step()
        scene.fail(1, kind, times: 2)
        scene.step()
        #expect(scene.primary == 0)
        scene.fail(2, kind, times: 2)
        let events = scene.step()
        #expect(!scene.table.gate.isOpen && scene.table.epoch == 1)
        #expect(scene.closedReason.hasPrefix("this proxy reaches 1 of 3 configured nodes"))
        #expect(scene.closedReason.contains("(out of reach: b, c)"))
        #expect(events.contains(kind: RoutingEventKind.gateClosed))
        // It is neither demoted nor taken for another: reads go on there.
        #expect(scene.entry(0).acceptsReads)
        scene.step()
        #expect(!scene.table.gate.isOpen)
        scene.recover(2)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
    }

    @Test(arguments: [ProbeFailure.Kind.refused, .loginRefused, .privilege, .protocol, .lost])
    func `a host that answers somehow is reached`(kind: ProbeFailure.Kind) {
        var scene = ClusterScene()
        scene.step()
        for index in [1, 2] { scene.fail(index, kind, times: 2) }
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test func `a host that takes a connection is reached, though its server is frozen`() {
        var scene = ClusterScene()
        scene.step()
        for index in [1, 2] {
            scene.fail(index, .timeout, times: 2)
            scene.seen[index].failure?.wasAccepted = true
        }
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test(arguments: [(ClusterPolicy.Majority.auto, true), (.ignore, true), (.required, false)])
    func `of two nodes one alone is enough unless policy says otherwise`(policy: ClusterPolicy.Majority, isOpen: Bool) {
        var scene = ClusterScene(["a", "b"])
        scene.policy.majority = policy
        scene.step()
        scene.fail(1, .timeout, times: 2)
        scene.step()
        #expect(scene.table.gate.isOpen == isOpen)
    }

    @Test func `policy ignore writes on with one of three`() {
        var scene = ClusterScene()
        scene.policy.majority = .ignore
        scene.step()
        for index in [1, 2] { scene.fail(index, .timeout, times: 2) }
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test func `a Galera node with a majority of its own is written to by a proxy that sees no other`() {
        for policy in [ClusterPolicy.Majority.auto, .required] {
            var scene = ClusterScene.galera()
            scene.policy.majority = policy
            scene.step()
            for index in [0, 1] { scene.fail(index, .timeout, times: 2) }
            scene.step()
            #expect(scene.table.gate.isOpen == (policy == .auto))
        }
    }

    @Test func `nodes that were discovered do not count`() {
        var scene = ClusterScene(["a", "b", "c", "d", "e"])
        for index in [3, 4] { scene.members[index].isConfigured = false }
        scene.step()
        for index in [2, 3, 4] { scene.fail(index, .timeout, times: 2) }
        scene.step()
        #expect(scene.primary == 0)
        scene.fail(1, .timeout, times: 2)
        scene.step()
        #expect(scene.closedReason.contains("1 of 3 configured nodes"))
    }

    @Test func `without a majority nobody is elected either`() {
        var scene = ClusterScene()
        scene.step()
        scene.makeWritable(1)
        for index in [0, 2] { scene.fail(index, .timeout, times: 2) }
        scene.step()
        #expect(!scene.table.gate.isOpen && scene.table.epoch == 1)
    }

    @Test func `the loss of a zone is one event with its nodes, and its return another`() {
        var scene = ClusterScene(["a", "b", "c", "d"])
        for (index, zone) in ["east", "west", "west", "north"].enumerated() { scene.members[index].zone = zone }
        scene.step()
        scene.fail(1, .unreachable, times: 2)
        #expect(!scene.step().contains(kind: RoutingEventKind.zoneDown))
        scene.fail(2, .timeout, times: 2)
        let events = scene.step().filter { $0.kind == RoutingEventKind.zoneDown }
        #expect(events.count == 1 && events.first?.node == nil)
        #expect(events.first?.reason == "no node of zone west answers: b, c")
        #expect(events.first?.evidence == "b: unreachable; c: timeout; within 250 ms")
        #expect(scene.table.alarms.map(\.kind) == [RoutingEventKind.zoneDown])
        #expect(scene.step().isEmpty)
        scene.recover(2)
        let back = scene.step().first { $0.kind == RoutingEventKind.zoneUp }
        #expect(back?.to == "1 of 2" && back?.reason.hasSuffix(": c") == true)
        #expect(scene.table.alarms.isEmpty)
        // One node is no site of its own: its own event says it.
        scene.fail(3, .refused)
        #expect(scene.step().kinds == [RoutingEventKind.nodeDown])
    }
}
