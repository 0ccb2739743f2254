// Several nodes that accept writes, or could: second writers, rings, outside sources, lossy promotions.

import Testing

@testable import Topology

@Suite struct RivalTests {
    @Test func `two writable with policy keep stays with the primary and says so once`() {
        var scene = ClusterScene()
        scene.step()
        scene.makeWritable(1)
        #expect(scene.step().kinds.count { $0 == RoutingEventKind.twoWritable } == 1)
        #expect(scene.primary == 0 && scene.table.epoch == 1)
        #expect(scene.entry(1).state == .writable && scene.entry(1).role == .unknown)
        #expect(!scene.step().contains(kind: RoutingEventKind.twoWritable))
        scene.makeReplica(1, of: 0)
        scene.step()
        scene.makeWritable(1)
        #expect(scene.step().contains(kind: RoutingEventKind.twoWritable))
    }

    @Test func `two writable with policy stop closes the gate until one is left`() {
        var scene = ClusterScene()
        scene.policy.twoWritable = .stop
        scene.step()
        scene.makeWritable(1)
        scene.step()
        #expect(!scene.table.gate.isOpen)
        #expect(scene.closedReason.contains("a and b"))
        scene.step()
        #expect(!scene.table.gate.isOpen)
        scene.makeReplica(1, of: 0)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
    }

    @Test func `a successor seen before the demotion is no alarm`() {
        var scene = ClusterScene()
        scene.policy.twoWritable = .stop
        scene.step()
        scene.makeWritable(1)
        let events = scene.step(unseen: [0])
        #expect(scene.primary == 0)
        #expect(!events.contains(kind: RoutingEventKind.twoWritable))
        #expect(scene.entry(1).reason == "became writable; waiting for the next probe of a")
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
    }

    @Test func `of two writable at the first start the followed one is the primary`() {
        var scene = ClusterScene()
        scene.makeWritable(1)
        scene.step()
        #expect(scene.primary == 0)
        var draw = ClusterScene(["a", "b"])
        draw.makeWritable(1)
        draw.step()
        #expect(!draw.table.gate.isOpen)
        #expect(draw.closedReason.contains("several nodes accept writes (a, b)"))
    }

    @Test func `a writable replica of a member is a replica with a warning`() {
        var scene = ClusterScene()
        scene.seen[1].readOnly = .writable
        let events = scene.step()
        #expect(scene.primary == 0)
        #expect(scene.entry(1).role == .replica && scene.entry(1).acceptsReads && !scene.entry(1).acceptsWrites)
        #expect(events.contains(kind: RoutingEventKind.writableReplica))
        // Stopping its replication is no promotion: it was writable all along.
        scene.seen[1].channels[0].ioThread = .stopped
        scene.seen[1].channels[0].sqlThread = .stopped
        scene.step()
        scene.fail(0, .refused)
        scene.step()
        #expect(!scene.table.gate.isOpen)
    }

    @Test func `stopping replication and turning read_only off is a promotion`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .refused)
        scene.seen[1].channels[0].ioThread = .stopped
        scene.seen[1].channels[0].sqlThread = .stopped
        scene.seen[1].readOnly = .writable
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
    }

    @Test func `a primary that begins to follow a member is no primary`() {
        var scene = ClusterScene()
        scene.step()
        scene.makeWritable(1)
        scene.makeReplica(2, of: 1)
        scene.makeReplica(0, of: 1)
        scene.seen[0].readOnly = .writable
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
    }

    @Test func `in a ring the writable node is the head`() {
        var scene = ClusterScene(["a", "b"])
        scene.makeReplica(0, of: 1)
        scene.seen[0].readOnly = .writable
        scene.step()
        #expect(scene.primary == 0)
        #expect(scene.entry(1).state == .online && scene.entry(1).acceptsReads)
    }

    @Test func `a writable node that replicates from outside is the head unless policy says replica`() {
        var scene = ClusterScene()
        scene.followOutside(0)
        let events = scene.step()
        #expect(scene.primary == 0)
        #expect(events.contains(kind: RoutingEventKind.externalSource))
        var replica = ClusterScene()
        replica.followOutside(0)
        replica.policy.externalSource = .replica
        replica.step()
        #expect(!replica.table.gate.isOpen)
        #expect(replica.entry(0).role == .replica && replica.entry(0).acceptsReads)
    }

    @Test func `a channel named as external leads outside whatever its server id`() {
        var scene = ClusterScene()
        scene.followOutside(0)
        scene.seen[0].channels[0].sourceServerID = 11
        scene.seen[0].channels[0].name = "multi-cluster"
        scene.step()
        #expect(scene.primary == 0)
        scene.seen[0].channels[0].name = ""
        scene.seen[1].channels = []
        scene.step()
        #expect(!scene.table.gate.isOpen)
    }

    @Test func `a promoted node that lacks transactions is accepted with an event or held`() {
        for policy in [ClusterPolicy.LossyFailover.accept, .hold] {
            var scene = ClusterScene()
            scene.policy.lossyFailover = policy
            scene.position(0, "0-10-105")
            scene.step()
            scene.fail(0, .refused)
            scene.step()
            scene.makeWritable(1)
            let events = scene.step()
            #expect(events.contains(kind: RoutingEventKind.lostGTID) == (policy == .accept))
            #expect(scene.table.gate.isOpen == (policy == .accept))
            #expect(scene.closedReason.contains("lacks transactions") == (policy == .hold))
        }
    }

    @Test func `an operator that resets positions while promoting loses nothing`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        scene.makeWritable(1)
        scene.position(1, "")
        let events = scene.step()
        #expect(scene.primary == 1)
        #expect(!events.contains(kind: RoutingEventKind.lostGTID))
        #expect(events.contains(kind: RoutingEventKind.gtidReset))
    }

    @Test func `of two promoted nodes the one that has everything is taken`() {
        var scene = ClusterScene()
        scene.position(0, "0-10-105")
        scene.position(1, "0-10-104")
        scene.position(2, "0-10-105")
        scene.step()
        scene.fail(0, .refused)
        scene.makeWritable(1)
        scene.makeWritable(2)
        scene.step()
        #expect(scene.primary == 2)
    }

    @Test func `a rival that became the primary can be a rival again`() {
        var scene = ClusterScene()
        scene.step()
        scene.makeWritable(1)
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        scene.makeWritable(0)
        let events = scene.step()
        #expect(scene.primary == 1)
        #expect(events.filter { $0.kind == RoutingEventKind.twoWritable }.map(\.node) == ["a"])
        scene.makeReplica(1, of: 0)
        scene.step()
        #expect(scene.primary == 0)
        scene.makeWritable(1)
        #expect(scene.step().filter { $0.kind == RoutingEventKind.twoWritable }.map(\.node) == ["b"])
    }
}
