// A pause: beside the gate, bounded in time, and told with who wanted it.

import Testing

@testable import Topology

@Suite struct PauseTests {
    private let admin = AdminOrder(user: "admin@10.0.0.9", connectionID: 7, unixMilliseconds: 36_005_000)

    private func pause(seconds: Int = 30, at milliseconds: Int64 = 0) -> ClusterPause {
        ClusterPause(order: admin, seconds: seconds, nowMilliseconds: milliseconds)
    }

    /// A cluster with a primary, and what `step` tells of a pause of it.
    private func pausedScene() -> (scene: ClusterScene, events: [RoutingEvent]) {
        var scene = ClusterScene()
        scene.step()
        scene.policy.pausing.begin(pause())
        let events = scene.step()
        return (scene, events)
    }

    @Test func `a pause lets nothing begin and changes neither gate nor epoch nor readers`() {
        var scene = ClusterScene()
        scene.step()
        let before = scene.table
        #expect(before.mayBegin && before.closure == nil && before.pausedReason == nil)
        scene.policy.pausing.begin(pause())
        scene.step()
        let paused = scene.table
        #expect(paused.version == before.version + 1)
        #expect(paused.isPaused && !paused.mayBegin)
        #expect(paused.gate == before.gate && paused.epoch == before.epoch && paused.readers == before.readers)
        // What has begun goes on.
        #expect(paused.isOpen(before.epoch, NodeID(index: 0)))
        #expect(scene.entry(0).acceptsWrites && scene.entry(0).acceptsReads)
        #expect(paused.pausedReason == "paused by admin@10.0.0.9 since 10:00:05 UTC, for 30 s at most")
        #expect(paused.closure?.reason == paused.pausedReason && paused.closure?.sinceUnixMilliseconds == 36_005_000)
        // Nothing new: not another version, not another event.
        #expect(scene.step().isEmpty)
        #expect(scene.table.version == paused.version)
    }

    @Test func `an end opens it in the same reign, and both are events with who asked`() throws {
        var (scene, events) = pausedScene()
        let begun = try #require(events.first)
        #expect(events.kinds == [RoutingEventKind.clusterPaused] && begun.node == nil && begun.to == "paused")
        #expect(begun.evidence == "user=admin@10.0.0.9 connection=7 seconds=30")
        let epoch = scene.table.epoch
        let other = AdminOrder(user: "second@h", connectionID: 8, unixMilliseconds: 36_006_000)
        let isEnded = scene.policy.pausing.end(by: other)
        #expect(isEnded)
        let ended = try #require(scene.step().first)
        #expect(ended.kind == RoutingEventKind.clusterResumed && ended.reason.contains("resumed by second@h"))
        #expect(ended.evidence == "user=second@h connection=8")
        #expect(scene.table.mayBegin && scene.table.epoch == epoch && scene.primary == 0)
        let isEndedAgain = scene.policy.pausing.end(by: other)
        #expect(!isEndedAgain)
    }

    @Test func `a pause ends by itself when its time is over, and says so`() throws {
        var pausing = Pausing()
        pausing.begin(pause(seconds: 30, at: 1_000))
        pausing.expire(nowMilliseconds: 30_999)
        #expect(pausing.pause != nil)
        pausing.expire(nowMilliseconds: 31_000)
        #expect(pausing.pause == nil && pausing.endedBy == nil)

        var (scene, _) = pausedScene()
        scene.policy.pausing.expire(nowMilliseconds: .max)
        let ended = try #require(scene.step().first)
        #expect(ended.kind == RoutingEventKind.clusterResumed && ended.reason.contains("ended by itself"))
    }

    @Test func `no pause is longer than the maximum`() {
        #expect(pause(seconds: .max).seconds == ClusterPause.maximumSeconds)
        #expect(pause(seconds: -1).seconds == 1)
    }

    @Test func `a second pause takes the place of the first`() throws {
        var (scene, _) = pausedScene()
        scene.policy.pausing.begin(pause(seconds: 60))
        let event = try #require(scene.step().first)
        #expect(event.kind == RoutingEventKind.clusterPaused && event.from == "paused")
        #expect(scene.table.pausedReason?.contains("for 60 s") == true)
    }

    @Test func `a primary that changes during a pause begins its reign, and the pause goes on`() {
        var (scene, _) = pausedScene()
        let epoch = scene.table.epoch
        scene.makeWritable(1)
        scene.makeReplica(0, of: 1)
        scene.makeReplica(2, of: 1)
        scene.step()
        #expect(scene.primary == 1 && scene.table.epoch == epoch + 1)
        #expect(scene.table.isPaused && !scene.table.mayBegin)
        #expect(!scene.table.isOpen(epoch, NodeID(index: 0)))
    }

    @Test func `a closed gate and a pause are both named`() {
        var (scene, _) = pausedScene()
        scene.fail(0, .refused, times: 3)
        scene.step()
        #expect(!scene.table.gate.isOpen && !scene.table.mayBegin)
        let reason = scene.table.closure?.reason ?? ""
        #expect(reason.contains("no node accepts writes") && reason.contains("and paused by admin@10.0.0.9"))
        #expect(scene.table.closure?.sinceUnixMilliseconds == 1_000_750)
    }

    @Test func `two writable nodes are told while both are, under either policy`() {
        for policy in [ClusterPolicy.TwoWritable.keep, .stop] {
            var scene = ClusterScene()
            scene.policy.twoWritable = policy
            scene.step()
            #expect(!scene.table.hasTwoWritable)
            scene.makeWritable(1)
            scene.step()
            scene.step()
            #expect(scene.table.hasTwoWritable, "\(policy)")
            scene.makeReplica(1, of: 0)
            scene.step()
            #expect(!scene.table.hasTwoWritable && scene.primary == 0, "\(policy)")
        }
    }

    @Test func `who drained a node and who used it again is told`() throws {
        var scene = ClusterScene()
        scene.step()
        scene.members[1].isDraining = true
        scene.members[1].drainOrder = admin
        let drained = try #require(scene.step().first)
        #expect(drained.kind == RoutingEventKind.nodeDraining && drained.reason.contains("drained by admin@10.0.0.9"))
        #expect(drained.evidence.hasSuffix(" user=admin@10.0.0.9 connection=7"))
        scene.members[1].isDraining = false
        scene.members[1].drainOrder = AdminOrder(user: "second@h", connectionID: 8, unixMilliseconds: 1)
        let enabled = try #require(scene.step().first)
        #expect(enabled.kind == RoutingEventKind.nodeEnabled)
        #expect(enabled.evidence.hasSuffix(" user=second@h connection=8"))
        #expect(scene.step().isEmpty)
    }

    @Test func `a node that is down is drained and enabled too`() throws {
        var scene = ClusterScene()
        scene.step()
        scene.fail(1, .refused, times: 3)
        scene.step()
        scene.members[1].isDraining = true
        scene.members[1].drainOrder = admin
        let drained = scene.step()
        #expect(drained.kinds == [RoutingEventKind.nodeDraining])
        #expect(drained.first?.reason == "drained by admin@10.0.0.9; now down")
        #expect(scene.step().isEmpty)
        scene.members[1].isDraining = false
        #expect(scene.step().kinds == [RoutingEventKind.nodeEnabled])
        scene.recover(1)
        #expect(scene.step().kinds == [RoutingEventKind.nodeUp])
        #expect(scene.entry(1).acceptsReads)
    }
}
