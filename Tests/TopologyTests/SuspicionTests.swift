// A primary that does not answer: what its replicas say of it, and of who may have taken its place.

import Testing

@testable import Topology

@Suite struct SuspicionTests {
    /// Each replica in `indices` receives one heartbeat more.
    private func heartbeat(_ scene: inout ClusterScene, _ indices: Int...) {
        for index in indices {
            scene.seen[index].channels[0].receivedHeartbeats =
                (scene.seen[index].channels[0].receivedHeartbeats ?? 0) + 1
        }
    }

    @Test func `one failed probe is enough when the replicas lost the primary, too`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .timeout)
        scene.seen[1].channels[0].ioThread = .connecting
        scene.step()
        #expect(scene.primary == 0)
        scene.seen[2].channels[0].ioThread = .connecting
        #expect(scene.step().contains(kind: RoutingEventKind.nodeDown))
        #expect(!scene.table.gate.isOpen && Array(scene.table.readers) == [1, 2])
    }

    @Test func `replicas that were not looked at since confirm nothing`() {
        var scene = ClusterScene()
        scene.step()
        for index in [1, 2] { scene.seen[index].channels[0].ioThread = .connecting }
        scene.step()
        scene.fail(0, .timeout)
        scene.step(unseen: [1, 2])
        #expect(scene.primary == 0)
        scene.step(unseen: [0])
        #expect(!scene.table.gate.isOpen)
    }

    @Test func `a primary that feeds its replicas is told to be out of this proxy's reach, and not written to`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .timeout, times: 2)
        scene.step()
        heartbeat(&scene, 1)
        let events = scene.step()
        let unseen = events.first { $0.kind == RoutingEventKind.primaryUnseen }
        #expect(unseen?.node == "a" && unseen?.reason.contains("b received from it since") == true)
        #expect(unseen?.evidence.contains("io=Yes from=a:3306 heartbeats=1") == true)
        #expect(!scene.table.gate.isOpen && scene.closedReason.contains("but b received from it since"))
        #expect(scene.table.alarms.map(\.kind) == [RoutingEventKind.primaryUnseen])
        #expect(!scene.step().contains(kind: RoutingEventKind.primaryUnseen))
        scene.recover(0)
        let end = scene.step().first { $0.kind == RoutingEventKind.alarmEnded }
        #expect(end?.from == RoutingEventKind.primaryUnseen && end?.node == "a")
        #expect(scene.primary == 0 && scene.table.epoch == 1 && scene.table.alarms.isEmpty)
    }

    @Test func `what came before the primary fell silent proves nothing`() {
        var scene = ClusterScene()
        scene.step()
        scene.step()
        scene.fail(0, .unreachable, times: 2)
        heartbeat(&scene, 1)
        scene.step()
        heartbeat(&scene, 2)
        scene.step(unseen: [1])
        // The last look at c was in the step that lost a; the look at b was no later than that.
        #expect(scene.table.alarms.first?.reason.contains("c received") == true)
        #expect(scene.table.alarms.first?.reason.contains("b received") == false)
    }

    @Test func `policy keep trusts a primary that only its replicas see while they hear of it`() {
        var scene = ClusterScene()
        scene.policy.unseenPrimary = .keep
        scene.step()
        scene.fail(0, .loginRefused, times: 2)
        scene.step()
        #expect(!scene.table.gate.isOpen)
        heartbeat(&scene, 2)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
        #expect(scene.entry(0).acceptsWrites && scene.entry(0).reason.contains("kept by policy"))
        heartbeat(&scene, 1)
        scene.step(after: 1_000)
        #expect(scene.table.gate.isOpen)
        scene.step(after: 2_001)
        #expect(!scene.table.gate.isOpen)
    }

    @Test func `policy keep ends when somebody else accepts writes or the process is gone`() {
        for isGone in [true, false] {
            var scene = ClusterScene()
            scene.policy.unseenPrimary = .keep
            scene.step()
            scene.fail(0, .timeout, times: 2)
            scene.step()
            heartbeat(&scene, 2)
            scene.step()
            #expect(scene.primary == 0)
            if isGone { scene.fail(0, .refused) } else { scene.makeWritable(1) }
            scene.step()
            #expect(scene.primary == nil)
        }
    }

    @Test func `nobody is elected beside an unseen primary that still feeds a replica`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .timeout, times: 2)
        scene.step()
        heartbeat(&scene, 2)
        scene.makeWritable(1)
        scene.step()
        #expect(
            scene.closedReason == "b accepts writes, but a, which this proxy does not reach, accepted them, too, "
                + "and c still receives from it")
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
    }

    @Test func `a failover past a primary that stayed writable is followed`() {
        var scene = ClusterScene()
        scene.step()
        scene.step()
        scene.makeWritable(1)
        scene.step()
        #expect(scene.primary == 0 && scene.table.alarms.map(\.node) == ["b"])
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        scene.step()
        #expect(scene.primary == 1 && scene.table.alarms.map(\.node) == ["a"])
    }

    @Test func `a failover to a node that is not seen closes the gate`() {
        var scene = ClusterScene()
        scene.step()
        scene.step()
        scene.fail(2, .timeout, times: 2)
        scene.step()
        #expect(scene.primary == 0)
        scene.makeReplica(1, of: 2)
        scene.step()
        #expect(scene.closedReason.hasPrefix("the replicas of a follow c now"))
        scene.step()
        #expect(!scene.table.gate.isOpen)
        scene.makeReplica(1, of: 0)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
    }

    @Test func `a replica moved below another replica is no failover`() {
        var scene = ClusterScene()
        scene.step()
        scene.step()
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.primary == 0 && scene.entry(2).acceptsReads)
        scene.fail(1, .timeout, times: 2)
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test func `two writable without a replica that tells are written to only while one has nothing new`() {
        var scene = ClusterScene(["a", "b"])
        scene.step()
        scene.step()
        scene.makeWritable(1)
        scene.step()
        #expect(scene.primary == 0)
        scene.position(1, "0-11-101")
        scene.step()
        #expect(scene.closedReason.contains("b has some that a lacks"))
        scene.step()
        #expect(!scene.table.gate.isOpen)
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
    }

    @Test func `a proxy that starts takes nobody while a node it does not reach feeds the replicas`() {
        var scene = ClusterScene()
        scene.seen[2] = Observation(node: NodeID(index: 2))
        scene.fail(2, .timeout, times: 2)
        scene.makeReplica(1, of: 2)
        scene.step()
        #expect(scene.closedReason.contains("b receives from c, which this proxy does not reach"))
        scene.makeReplica(1, of: 0)
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test func `a proxy that starts does not take a followed node that is behind another writable one`() {
        var scene = ClusterScene()
        scene.makeWritable(1)
        scene.position(1, "0-11-101")
        scene.step()
        #expect(scene.closedReason.contains("several nodes accept writes"))
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.primary == 1)
    }

    @Test func `an old primary that comes back with transactions it lost does not stop the new one`() {
        var scene = ClusterScene(["a", "b"])
        scene.step()
        scene.step()
        scene.fail(0, .refused)
        scene.step()
        scene.makeWritable(1)
        scene.position(1, "0-11-101")
        scene.step()
        scene.recover(0, restarted: true)
        scene.position(0, "0-10-105")
        let events = scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        #expect(events.contains(kind: RoutingEventKind.twoWritable))
        #expect(scene.entry(0).state == .writable && !scene.entry(0).acceptsReads)
    }

    /// Everything that each of three proxies may see of a cut: which nodes it reaches. The cluster failed over from a,
    /// which stayed writable, to b; c follows b.
    @Test(arguments: [[0, 1, 2], [0, 1], [0, 2], [1, 2], [0], [1], [2]] as [Set<Int>])
    func `proxies that see different parts write to the same primary or to none`(_ reached: Set<Int>) {
        for isFresh in [true, false] {
            var scene = ClusterScene()
            if !isFresh {
                scene.step()
                scene.step()
            }
            if reached.contains(1) {
                scene.makeWritable(1)
                scene.position(1, "0-11-101")
            }
            if reached.contains(2) { scene.makeReplica(2, of: 1) }
            for index in 0..<3 where !reached.contains(index) {
                if isFresh { scene.seen[index] = Observation(node: NodeID(index: index)) }
                scene.fail(index, .timeout, times: 2)
            }
            for _ in 0..<3 { scene.step() }
            #expect(scene.primary == nil || scene.primary == 1, "\(reached) \(isFresh) \(scene.table.gate)")
            if reached.isSuperset(of: [1, 2]) { #expect(scene.primary == 1) }
        }
    }
}
