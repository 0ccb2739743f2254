// Which nodes serve reads, and what is said of those that do not.

import Testing

@testable import Topology

@Suite struct ReplicaTests {
    @Test func `a stopped SQL thread ends reads and quotes the error`() {
        var scene = ClusterScene()
        scene.step()
        scene.step(after: 10_000)
        scene.seen[1].channels[0].sqlThread = .stopped
        scene.seen[1].channels[0].secondsBehind = nil
        scene.seen[1].channels[0].lastSQLError = "Duplicate entry '7'"
        let events = scene.step()
        #expect(scene.entry(1).state == .stopped && !scene.entry(1).acceptsReads)
        #expect(scene.entry(1).reason == "the SQL thread is stopped: Duplicate entry '7'")
        #expect(events.kinds == [RoutingEventKind.replicaStopped])
        #expect(events[0].from == "replica online" && events[0].to == "replica stopped")
    }

    @Test func `a node applies from others while a thread of it does, whatever receives`() {
        var scene = ClusterScene()
        scene.step()
        #expect(scene.entry(1).appliesFromOthers && !scene.entry(0).appliesFromOthers)
        scene.seen[1].channels[0].ioThread = .stopped
        scene.step()
        #expect(scene.entry(1).appliesFromOthers)
        scene.seen[1].channels[0].sqlThread = .stopped
        scene.step()
        #expect(!scene.entry(1).appliesFromOthers)
    }

    @Test func `a node is unseen while nothing of its host answers`() {
        var scene = ClusterScene()
        scene.step()
        #expect(!scene.entry(0).isUnseen)
        let kinds: [(ProbeFailure.Kind, Bool)] = [
            (.timeout, true), (.unreachable, true), (.resolve, true), (.refused, false), (.lost, false),
        ]
        for (kind, isUnseen) in kinds {
            scene.fail(0, kind)
            scene.step()
            #expect(scene.entry(0).isUnseen == isUnseen, "\(kind)")
        }
    }

    @Test func `a stopped IO thread ends reads`() {
        var scene = ClusterScene()
        scene.step()
        scene.step(after: 10_000)
        scene.seen[1].channels[0].ioThread = .stopped
        scene.step()
        #expect(scene.entry(1).state == .stopped && !scene.entry(1).acceptsReads)
    }

    @Test func `one stopped channel of several ends reads`() {
        var scene = ClusterScene()
        scene.step()
        scene.step(after: 10_000)
        var second = scene.seen[1].channels[0]
        second.name = "other"
        second.sqlThread = .stopped
        scene.seen[1].channels.append(second)
        scene.step()
        #expect(scene.entry(1).state == .stopped)
        #expect(scene.entry(1).reason.contains("channel 'other'"))
    }

    @Test func `reads survive a dead primary while replicas look for it`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(0, .refused)
        for index in [1, 2] {
            scene.seen[index].channels[0].ioThread = .connecting
            scene.seen[index].channels[0].secondsBehind = nil
        }
        scene.step()
        scene.step(after: 60_000)
        #expect(scene.entry(1).state == .connecting && scene.entry(1).acceptsReads)
        #expect(scene.entry(1).lagMilliseconds == nil)
        #expect(Array(scene.table.readers) == [1, 2])
    }

    @Test func `a replica that cannot reach a living primary has only a grace`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[1].channels[0].ioThread = .connecting
        scene.seen[1].channels[0].secondsBehind = nil
        scene.step(after: 5_000)
        #expect(scene.entry(1).state == .connecting && scene.entry(1).acceptsReads)
        scene.step(after: 5_001)
        #expect(scene.entry(1).state == .connecting && !scene.entry(1).acceptsReads)
    }

    @Test func `a NULL lag is a state and not a number`() {
        var scene = ClusterScene()
        for index in scene.seen.indices { scene.position(index, "") }
        scene.step()
        scene.step(after: 10_000)
        scene.seen[1].channels[0].secondsBehind = nil
        scene.step()
        #expect(scene.entry(1).state == .lagging && scene.entry(1).lagMilliseconds == nil)
        #expect(!scene.entry(1).acceptsReads)
    }

    @Test func `a replica further behind than the policy serves no reads`() {
        var scene = ClusterScene()
        for index in scene.seen.indices { scene.position(index, "") }
        scene.step()
        scene.seen[1].channels[0].secondsBehind = 11
        let events = scene.step()
        #expect(scene.entry(1).state == .lagging && !scene.entry(1).acceptsReads)
        #expect(scene.entry(1).lagMilliseconds == 11_000)
        #expect(events.kinds == [RoutingEventKind.replicaLagging])
        scene.seen[1].channels[0].secondsBehind = 10
        #expect(scene.step().kinds == [RoutingEventKind.replicaOnline])
    }

    @Test func `lag in milliseconds comes from the primary's own positions`() {
        var scene = ClusterScene()
        scene.step()
        #expect(scene.entry(1).lagMilliseconds == 0)
        scene.position(0, "0-10-101")
        scene.step(after: 250)
        scene.position(0, "0-10-102")
        scene.step(after: 250)
        #expect(scene.entry(1).lagMilliseconds == 250)
        scene.position(1, "0-10-101")
        scene.step(after: 100)
        #expect(scene.entry(1).lagMilliseconds == 100)
        // A domain the primary does not have, such as of a second source, is no progress.
        scene.position(1, "0-10-101,7-99-5000")
        scene.step(after: 100)
        #expect(scene.entry(1).lagMilliseconds == 200)
        scene.position(1, "0-10-102")
        scene.step(after: 100)
        #expect(scene.entry(1).lagMilliseconds == 0)
    }

    @Test func `read-only nodes that are re-pointed keep their reads for the grace`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        scene.makeWritable(1)
        scene.seen[2].channels = []
        scene.step()
        #expect(scene.primary == 1)
        #expect(scene.entry(2).state == .stopped && scene.entry(2).acceptsReads)
        #expect(scene.entry(0).acceptsReads)
        scene.step(after: 3_001)
        #expect(!scene.entry(2).acceptsReads && !scene.entry(0).acceptsReads)
    }

    @Test func `a node that was never a reader gets no grace`() {
        var scene = ClusterScene()
        scene.seen[2].channels = []
        scene.step()
        #expect(scene.entry(2).state == .stopped && !scene.entry(2).acceptsReads)
        #expect(scene.entry(2).reason == "read-only and not replicating")
    }

    @Test func `a replica of a node outside the new primary's tree serves no reads`() {
        var scene = ClusterScene()
        scene.step()
        scene.seen[0].readOnly = .readOnly("1")
        scene.makeWritable(1)
        scene.step()
        scene.step(after: 3_001)
        #expect(scene.entry(2).state == .stopped && !scene.entry(2).acceptsReads)
        #expect(scene.entry(2).reason == "replicates from a, which does not follow b")
        scene.makeReplica(0, of: 1)
        scene.step()
        #expect(scene.entry(2).state == .online && scene.entry(2).acceptsReads)
    }

    @Test(arguments: [("8.0.36", ServerFlavor.mySQL), ("9.9.0-MariaDB", .mariaDB)])
    func `a server of another flavor or an older major version serves no reads`(version: String, flavor: ServerFlavor) {
        var scene = ClusterScene()
        scene.seen[1].version = version
        scene.seen[1].flavor = flavor
        let events = scene.step()
        #expect(scene.entry(1).state == .wrongVersion && !scene.entry(1).acceptsReads)
        #expect(scene.entry(1).reason.contains(version))
        #expect(events.contains(kind: RoutingEventKind.wrongVersion))
    }

    @Test func `a replica upgraded before its primary serves reads`() {
        var scene = ClusterScene()
        scene.seen[1].version = "11.4.2-MariaDB"
        scene.step()
        #expect(scene.entry(1).state == .online)
    }

    @Test func `a refused monitor login names the account`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(1, .loginRefused, times: 2, text: "monitor account 'monitor' refused by b:3306: 1045")
        let events = scene.step()
        #expect(scene.entry(1).state == .refused && !scene.entry(1).acceptsReads)
        #expect(scene.entry(1).reason.contains("'monitor' refused by b:3306"))
        #expect(events.kinds == [RoutingEventKind.nodeRefused])
    }

    @Test func `a dead replica comes back`() {
        var scene = ClusterScene()
        scene.step()
        scene.fail(1, .timeout)
        scene.step()
        #expect(scene.entry(1).state == .online && scene.entry(1).acceptsReads)
        scene.fail(1, .timeout)
        #expect(scene.step().kinds == [RoutingEventKind.nodeDown])
        #expect(Array(scene.table.readers) == [2])
        scene.recover(1)
        #expect(scene.step().kinds == [RoutingEventKind.nodeUp])
        #expect(Array(scene.table.readers) == [1, 2])
    }

    @Test func `a reset position is told and ejects nobody`() {
        var scene = ClusterScene()
        scene.step()
        scene.position(1, "0-10-3")
        let events = scene.step()
        #expect(events.contains(kind: RoutingEventKind.gtidReset))
        #expect(scene.entry(1).gtid == "0-10-3")
        #expect(scene.entry(1).acceptsReads)
    }

    @Test func `a drained replica gets no reads and a drained primary keeps its writes`() {
        var scene = ClusterScene()
        scene.step()
        scene.members[1].isDraining = true
        #expect(scene.step().kinds == [RoutingEventKind.nodeDraining])
        #expect(scene.entry(1).state == .draining && !scene.entry(1).acceptsReads)
        scene.members[1].isDraining = false
        #expect(scene.step().kinds == [RoutingEventKind.nodeEnabled])
        scene.members[0].isDraining = true
        scene.step()
        #expect(scene.entry(0).state == .draining && scene.entry(0).acceptsWrites && scene.primary == 0)
    }

    @Test func `the same server under two names counts once`() {
        var scene = ClusterScene(["a", "b", "alsoA"])
        scene.seen[2] = scene.seen[0]
        scene.seen[2].node = NodeID(index: 2)
        let events = scene.step()
        #expect(scene.primary == 0)
        #expect(scene.entry(2).state == .unknown && scene.entry(2).reason == "the same server as a")
        #expect(!scene.entry(2).acceptsReads)
        #expect(events.contains(kind: RoutingEventKind.nodeDuplicate))
        #expect(!events.contains(kind: RoutingEventKind.twoWritable))
    }

    @Test func `the semi-sync source side on a replica is warned about once`() {
        var scene = ClusterScene()
        scene.seen[0].semiSync.isSourceEnabled = true
        scene.seen[1].semiSync.isSourceEnabled = true
        let events = scene.step().filter { $0.kind == RoutingEventKind.semiSyncSourceOnReplica }
        #expect(events.map(\.node) == ["b"])
        #expect(scene.step().isEmpty)
    }

    @Test func `a source known only by its server id is a member`() {
        var scene = ClusterScene()
        scene.seen[1].channels[0].sourceHost = "db-primary.internal"
        scene.step()
        #expect(scene.entry(1).reason == "replicates from a" && scene.entry(1).acceptsReads)
    }
}
