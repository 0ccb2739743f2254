// Who takes the writes: every way to keep, lose and find a primary.

import Testing

@testable import Topology

@Suite struct PrimaryTests {
    @Test func `the writable node that follows nobody is the primary`() {
        var scene = ClusterScene()
        let events = scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
        #expect(scene.entry(0).role == .primary && scene.entry(0).acceptsWrites && scene.entry(0).acceptsReads)
        #expect(scene.entry(1).role == .replica && scene.entry(1).state == .online && scene.entry(1).acceptsReads)
        #expect(!scene.entry(1).acceptsWrites)
        #expect(Array(scene.table.readers) == [1, 2])
        #expect(events.first?.kind == RoutingEventKind.primaryChanged)
        #expect(events.first?.evidence.contains("read_only=OFF") == true)
        #expect(events.contains(kind: RoutingEventKind.gateOpened))
    }

    @Test func `nothing changed means the same version and no event`() {
        var scene = ClusterScene()
        scene.step()
        let version = scene.table.version
        #expect(scene.step().isEmpty)
        #expect(scene.table.version == version)
    }

    @Test func `no gate opens before every member was probed once`() {
        var scene = ClusterScene()
        let unseen = scene.seen.removeLast()
        scene.step()
        #expect(scene.closedReason == "starting: c was not probed yet")
        scene.seen.append(unseen)
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test func `a demotion closes the gate and lets reads pass`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        let events = scene.step()
        #expect(!scene.table.gate.isOpen && scene.table.epoch == 1)
        #expect(scene.entry(0).state == .readOnly && scene.entry(0).role == .unknown)
        #expect(Array(scene.table.readers) == [0, 1, 2])
        #expect(events.contains(kind: RoutingEventKind.gateClosed))
        #expect(events.contains(kind: RoutingEventKind.primaryReadOnly))
        #expect(scene.closedReason.contains("a: read_only=1"))
    }

    @Test func `a promotion begins a new epoch`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        scene.makeWritable(1)
        let events = scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        let change = events.first { $0.kind == RoutingEventKind.primaryChanged }
        #expect(change?.from == "a" && change?.to == "b" && change?.epoch == 2)
        #expect(!events.contains(kind: RoutingEventKind.lostGTID))
        scene.makeReplica(0, of: 1)
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.entry(0).role == .replica && scene.entry(0).state == .online)
        #expect(Array(scene.table.readers) == [0, 2])
    }

    @Test func `demotion and promotion seen together are one change`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        scene.makeWritable(2)
        let events = scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 2)))
        #expect(!events.contains(kind: RoutingEventKind.gateClosed))
    }

    @Test func `nobody writable is a state with a reason and a beginning`() {
        var scene = ClusterScene(primary: nil)
        scene.step()
        guard case .closed(let reason, let since) = scene.table.gate else {
            Issue.record("the gate is open")
            return
        }
        #expect(reason.contains("no node accepts writes") && reason.contains("c: read_only=1"))
        scene.step(after: 5_000)
        guard case .closed(_, let later) = scene.table.gate else { return }
        #expect(later == since)
    }

    @Test(arguments: [ProbeFailure.Kind.timeout, .lost, .unreachable, .protocol, .loginRefused])
    func `a silent primary is given up after two probes`(kind: ProbeFailure.Kind) {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, kind)
        scene.step()
        #expect(scene.primary == 0)
        #expect(scene.entry(0).reason.hasPrefix("1 probe failed"))
        scene.fail(0, kind)
        scene.step()
        #expect(!scene.table.gate.isOpen)
        #expect(scene.entry(0).state == (kind == .loginRefused ? .refused : .down))
        #expect(!scene.entry(0).acceptsReads)
    }

    @Test func `a refused connection takes the primary down at once`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .refused)
        let events = scene.step()
        #expect(!scene.table.gate.isOpen)
        #expect(events.contains(kind: RoutingEventKind.nodeDown))
        #expect(Array(scene.table.readers) == [1, 2])
    }

    @Test func `a primary that froze and came back keeps its epoch`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .timeout, times: 2)
        scene.step()
        #expect(!scene.table.gate.isOpen)
        scene.recover(0)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
    }

    @Test func `a primary that restarted gets a new epoch`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .refused)
        scene.step()
        scene.recover(0, restarted: true)
        let events = scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 0)))
        #expect(events.contains(kind: RoutingEventKind.primaryRestarted))
        #expect(!events.contains(kind: RoutingEventKind.primaryChanged))
    }

    @Test func `a restart between two probes is found by the connection id`() {
        var scene = ClusterScene()
        scene.step()
        scene.recover(0, restarted: true)
        #expect(scene.step().contains(kind: RoutingEventKind.primaryRestarted))
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 0)))
        #expect(scene.step().isEmpty)
    }

    @Test func `the dead primary that comes back after a promotion stays out`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .refused)
        scene.step()
        scene.makeWritable(1)
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.primary == 1 && scene.table.epoch == 2)
        scene.recover(0, restarted: true)
        let events = scene.step()
        #expect(scene.primary == 1 && scene.table.epoch == 2)
        #expect(scene.entry(0).state == .writable && !scene.entry(0).acceptsReads)
        #expect(events.contains(kind: RoutingEventKind.twoWritable))
    }

    @Test func `the epoch never decreases and no two primaries share one`() {
        var scene = ClusterScene()
        var owner: [UInt64: Int] = [:]
        var last: UInt64 = 0
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let node = Int.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: scene.makeWritable(node)
            case 1: scene.makeReplica(node, of: (node + 1) % 3)
            case 2: scene.fail(node, .refused)
            case 3: scene.fail(node, .timeout)
            case 4: scene.seen[node].readOnly = .readOnly("1")
            default: scene.recover(node, restarted: Bool.random(using: &random))
            }
            scene.step()
            #expect(scene.table.epoch >= last)
            last = scene.table.epoch
            #expect(scene.table.entries.count { $0.acceptsWrites } == (scene.table.gate.isOpen ? 1 : 0))
            if case .open(let epoch, let primary) = scene.table.gate {
                #expect(scene.entry(primary.index).acceptsWrites)
                #expect(owner[epoch, default: primary.index] == primary.index)
                owner[epoch] = primary.index
            }
        }
    }
}
