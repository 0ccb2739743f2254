// Conditions that last: told when they begin, kept as alarms, and told when they end. And how long nobody was written to.

import Testing

@testable import Topology

@Suite struct ConditionTests {
    @Test func `a second writable node is an alarm with its evidence for as long as it lasts`() {
        var scene = ClusterScene()
        scene.step()
        scene.makeWritable(1)
        let event = scene.step().first { $0.kind == RoutingEventKind.twoWritable }
        #expect(event?.evidence.contains("node=b read_only=OFF") == true)
        #expect(event?.evidence.contains("node=a read_only=OFF") == true)
        let began = scene.now
        scene.step(after: 5_000)
        let alarm = scene.table.alarms.first
        #expect(alarm?.kind == RoutingEventKind.twoWritable && alarm?.node == "b")
        #expect(alarm?.sinceUnixMilliseconds == began && scene.table.alarms.count == 1)
        scene.makeReplica(1, of: 0)
        let end = scene.step().first { $0.kind == RoutingEventKind.alarmEnded }
        #expect(end?.node == "b" && end?.from == RoutingEventKind.twoWritable)
        #expect(end?.reason.hasSuffix("after 5250 ms") == true && scene.table.alarms.isEmpty)
    }

    @Test func `with policy stop the alarm ends although the gate is closed`() {
        var scene = ClusterScene()
        scene.policy.twoWritable = .stop
        scene.step()
        scene.makeWritable(1)
        scene.step()
        scene.step()
        #expect(!scene.table.gate.isOpen && scene.table.alarms.map(\.node) == ["b"])
        scene.seen[0].readOnly = .readOnly("1")
        scene.makeReplica(1, of: 0)
        #expect(scene.step().contains(kind: RoutingEventKind.alarmEnded))
        #expect(!scene.table.gate.isOpen && scene.table.alarms.isEmpty)
    }

    @Test func `a global read lock on the primary is told, and changes nothing`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].stalledThreads = 7
        let events = scene.step()
        #expect(events.kinds == [RoutingEventKind.writesStalled])
        #expect(events.first?.reason.contains("holds up 7 threads of a") == true)
        #expect(scene.table.gate == .open(epoch: 1, primary: NodeID(index: 0)))
        scene.seen[0].stalledThreads = 9
        #expect(scene.step().isEmpty)
        #expect(scene.table.alarms.first?.reason.contains("9 threads") == true)
        scene.seen[0].stalledThreads = 0
        #expect(scene.step().kinds == [RoutingEventKind.alarmEnded])
        // A backup on a replica holds up nobody's writes.
        scene.seen[1].stalledThreads = 1
        #expect(scene.step().isEmpty)
    }

    @Test func `a demotion ends the stall it began with`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].stalledThreads = 2
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        #expect(scene.step().contains(kind: RoutingEventKind.alarmEnded))
        #expect(!scene.table.gate.isOpen && scene.table.alarms.isEmpty)
    }

    @Test func `semi-sync that fell back to asynchronous is told until a replica acknowledges again`() {
        var scene = ClusterScene()
        scene.seen[0].semiSync.isSourceEnabled = true
        #expect(!scene.step().contains(kind: RoutingEventKind.semiSyncInactive))
        scene.seen[0].semiSync.isSourceActive = false
        scene.seen[0].semiSync.replicasAcknowledging = 0
        let events = scene.step()
        #expect(events.kinds == [RoutingEventKind.semiSyncInactive])
        #expect(events.first?.reason.contains("(0 replicas acknowledge)") == true)
        scene.seen[0].semiSync.isSourceActive = true
        #expect(scene.step().kinds == [RoutingEventKind.alarmEnded])
    }

    @Test func `how long nobody could be written to is counted, now and in all`() {
        var scene = ClusterScene()
        scene.step(after: 300)
        #expect(scene.table.closedMilliseconds(nowUnixMilliseconds: scene.now) == 0)
        #expect(scene.table.closedTotalMilliseconds(nowUnixMilliseconds: scene.now) == 300)
        scene.seen[0].readOnly = .readOnly("1")
        scene.step()
        scene.step(after: 2_000)
        #expect(scene.table.closedMilliseconds(nowUnixMilliseconds: scene.now + 500) == 2_500)
        #expect(scene.table.closedTotalMilliseconds(nowUnixMilliseconds: scene.now + 500) == 2_800)
        scene.makeWritable(1)
        scene.step(after: 500)
        scene.step(after: 60_000)
        #expect(scene.table.closedMilliseconds(nowUnixMilliseconds: scene.now) == 0)
        #expect(scene.table.closedTotalMilliseconds(nowUnixMilliseconds: scene.now) == 2_800)
    }
}
