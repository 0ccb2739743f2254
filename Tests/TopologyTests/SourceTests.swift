// Chains, rings, several sources and domains; servers that move away from under a name.

import Testing

@testable import Topology

@Suite struct SourceTests {
    @Test func `a chain follows the primary and its lags add up where positions do not tell`() {
        var scene = ClusterScene()
        for index in scene.seen.indices { scene.position(index, "") }
        scene.makeReplica(2, of: 1)
        scene.seen[1].channels[0].secondsBehind = 3
        scene.seen[2].channels[0].secondsBehind = 4
        scene.step()
        #expect(scene.primary == 0)
        #expect(scene.entry(1).lagMilliseconds == 3_000 && scene.entry(2).lagMilliseconds == 7_000)
        #expect(scene.entry(2).acceptsReads && scene.entry(2).reason == "replicates from b")
        // The end of the chain is up to date with a replica that stands still.
        scene.seen[2].channels[0].secondsBehind = 0
        scene.seen[1].channels[0].secondsBehind = nil
        scene.seen[1].channels[0].sqlThread = .stopped
        scene.step(after: 60_000)
        #expect(scene.entry(2).state == .lagging && !scene.entry(2).acceptsReads)
        #expect(scene.entry(2).lagMilliseconds == nil)
    }

    @Test func `in a chain positions tell the lag behind the primary, not behind the source`() {
        var scene = ClusterScene()
        scene.makeReplica(2, of: 1)
        scene.step()
        scene.position(0, "0-10-101")
        scene.step()
        scene.step(after: 400)
        #expect(scene.entry(1).lagMilliseconds == 400 && scene.entry(2).lagMilliseconds == 400)
    }

    @Test func `a ring of two writable nodes is written to at neither`() {
        var scene = ClusterScene(["a", "b"])
        scene.makeReplica(0, of: 1)
        for index in [0, 1] { scene.seen[index].readOnly = .writable }
        scene.step()
        #expect(scene.closedReason.contains("several nodes accept writes (a, b)"))
        scene.seen[1].readOnly = .readOnly("1")
        scene.step()
        #expect(scene.primary == 0)
        // The head moves within the ring.
        scene.seen[0].readOnly = .readOnly("1")
        scene.seen[1].readOnly = .writable
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        #expect(Array(scene.table.readers) == [0])
    }

    @Test func `a ring of three has its head, and a broken ring is a chain`() {
        var scene = ClusterScene()
        scene.makeReplica(0, of: 2)
        scene.seen[0].readOnly = .writable
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.primary == 0 && Array(scene.table.readers) == [1, 2])
        scene.seen[0].channels = []
        scene.step()
        #expect(scene.primary == 0 && Array(scene.table.readers) == [1, 2])
    }

    @Test func `a replica of several sources reads while one leads to the primary and none is stopped`() {
        var scene = ClusterScene()
        var outside = ReplicationChannel()
        outside.name = "warehouse"
        outside.sourceHost = "elsewhere"
        outside.sourcePort = 3306
        outside.sourceServerID = 999
        outside.ioThread = .running
        outside.sqlThread = .running
        outside.secondsBehind = 0
        scene.seen[1].channels.append(outside)
        scene.step()
        #expect(scene.entry(1).state == .online && scene.entry(1).acceptsReads)
        #expect(scene.entry(1).reason == "replicates from a, elsewhere:3306 (outside the cluster)")
        scene.seen[1].channels.removeFirst()
        scene.step(after: 5_000)
        #expect(scene.entry(1).state == .stopped && !scene.entry(1).acceptsReads)
    }

    @Test func `a promoted node must have every domain of the old primary`() {
        var scene = ClusterScene()
        scene.policy.lossyFailover = .hold
        for index in scene.seen.indices { scene.position(index, "0-10-100,7-99-50") }
        scene.position(1, "0-10-100,7-99-49")
        scene.step()
        scene.fail(0, .refused)
        scene.position(1, "0-11-101,7-99-49")
        scene.makeWritable(1)
        scene.step()
        #expect(scene.closedReason.contains("lacks transactions"))
        scene.position(1, "0-11-101,7-99-50")
        scene.step()
        #expect(scene.primary == 1)
    }

    @Test func `another server under the primary's name begins a new reign`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].identity = "another"
        scene.seen[0].connectionID = 5_000
        let events = scene.step()
        #expect(events.contains(kind: RoutingEventKind.nodeMoved) && scene.entry(0).moves == 1)
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 0)))
        #expect(events.first { $0.kind == RoutingEventKind.primaryChanged }?.reason.hasPrefix("another server") == true)
        #expect(scene.step().isEmpty)
        scene.seen[0].identity = "a third"
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        #expect(!scene.table.gate.isOpen)
        scene.seen[0].readOnly = .writable
        scene.step()
        #expect(scene.table.gate == .open(epoch: 3, primary: NodeID(index: 0)))
    }

    @Test func `another server under the primary's name that lacks transactions is held by policy`() {
        var scene = ClusterScene()
        scene.policy.lossyFailover = .hold
        scene.step()
        scene.seen[0].identity = "restored from a backup"
        scene.position(0, "0-10-90")
        scene.step()
        #expect(scene.closedReason.contains("lacks transactions"))
    }

    @Test func `a server that moved to a new address is not the duplicate of the one it left`() {
        var scene = ClusterScene(["a", "b", "b2"])
        scene.seen[2] = Observation(node: NodeID(index: 2))
        scene.fail(2, .refused)
        scene.step()
        scene.fail(1, .unreachable, times: 2)
        scene.step()
        scene.seen[2] = scene.seen[1]
        scene.seen[2].node = NodeID(index: 2)
        scene.recover(2)
        scene.step()
        #expect(scene.entry(2).state == .online && scene.entry(2).acceptsReads)
        #expect(scene.entry(1).reason == "the same server as b2" && !scene.entry(1).acceptsReads)
    }

    @Test func `a primary with two names is written to under the second when the first is dead, and not before`() {
        var scene = ClusterScene(["a", "b", "alsoA"])
        scene.seen[2] = scene.seen[0]
        scene.seen[2].node = NodeID(index: 2)
        scene.step()
        scene.fail(0, .timeout)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
        scene.fail(0, .timeout)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 2)))
        #expect(Array(scene.table.readers) == [1])
    }
}
