// Galera and Group Replication: one writer that every proxy finds, readers in sync, nothing without a majority.

import Testing

@testable import Topology

extension ClusterScene {
    /// Three members of a Galera cluster; `a` has the highest index.
    static func galera() -> ClusterScene {
        var scene = ClusterScene(primary: nil)
        for index in scene.seen.indices {
            var group = GroupMembership(kind: .galera)
            group.groupID = "cluster-uuid"
            group.memberID = "uid-\(index)"
            group.rank = UInt64(2 - index)
            scene.seen[index].readOnly = .writable
            scene.seen[index].group = group
            scene.galeraState(index, "Synced")
        }
        return scene
    }

    /// Three members of a replication group in single-primary mode; `a` is its primary.
    static func groupReplication() -> ClusterScene {
        var scene = ClusterScene(primary: nil)
        for index in scene.seen.indices {
            var group = GroupMembership(kind: .groupReplication)
            group.groupID = "group-name"
            group.memberID = "uid-\(index)"
            group.state = "ONLINE"
            group.hasMajority = true
            group.isOnline = true
            scene.seen[index].group = group
            scene.seen[index].flavor = .mySQL
            scene.seen[index].version = "9.7.0"
            scene.position(index, "group-name:1-100")
        }
        scene.groupPrimary(0)
        return scene
    }

    mutating func galeraState(_ index: Int, _ state: String, hasMajority: Bool = true) {
        seen[index].group?.state = state
        seen[index].group?.hasMajority = hasMajority
        seen[index].group?.isOnline = hasMajority && state == "Synced"
        seen[index].group?.isDonor = hasMajority && state == "Donor/Desynced"
        seen[index].group?.mayWrite = hasMajority && state == "Synced"
    }

    mutating func groupPrimary(_ primary: Int) {
        for index in seen.indices {
            seen[index].group?.mayWrite = index == primary
            seen[index].readOnly = index == primary ? .writable : .readOnly("super_read_only")
        }
    }
}

@Suite struct GroupTests {
    @Test func `of a Galera cluster the member with the lowest index is written to and the others read`() {
        var scene = ClusterScene.galera()
        let events = scene.step()
        #expect(scene.primary == 2 && scene.table.kind == .galera)
        #expect(Array(scene.table.readers) == [0, 1])
        #expect(scene.entry(0).role == .replica && scene.entry(0).state == .online)
        #expect(scene.entry(0).reason == "Galera: Synced; writes go to c" && scene.entry(0).lagMilliseconds == nil)
        #expect(!events.contains(kind: RoutingEventKind.twoWritable))
        #expect(!events.contains(kind: RoutingEventKind.writableReplica))
        #expect(scene.step().isEmpty)
    }

    @Test func `positions of Galera's nodes are not compared`() {
        var scene = ClusterScene.galera()
        scene.position(2, "0-1-500")
        scene.step()
        #expect(scene.table.entries.allSatisfy { $0.gtid.isEmpty && !$0.sharesPositions })
        scene.fail(2, .refused)
        let events = scene.step()
        #expect(scene.primary == 1 && !events.contains(kind: RoutingEventKind.lostGTID))
        scene.position(1, "0-1-3")
        #expect(!scene.step().contains(kind: RoutingEventKind.gtidReset))
    }

    @Test func `a Galera writer stays while it is fit, whoever joins`() {
        var scene = ClusterScene.galera()
        scene.step()
        scene.fail(2, .refused)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        scene.recover(2, restarted: true)
        scene.galeraState(2, "Joined")
        scene.step()
        #expect(scene.entry(2).state == .connecting && !scene.entry(2).acceptsReads)
        scene.galeraState(2, "Synced")
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        #expect(Array(scene.table.readers) == [0, 2])
    }

    @Test func `a donor gives the writes away, unless nobody else is in sync`() {
        var scene = ClusterScene.galera()
        scene.step()
        scene.galeraState(2, "Donor/Desynced")
        scene.step()
        #expect(scene.primary == 1)
        #expect(scene.entry(2).state == .lagging && !scene.entry(2).acceptsReads)
        for index in [0, 1] { scene.galeraState(index, "Joining") }
        scene.step()
        #expect(scene.primary == 2)
        scene.galeraState(0, "Synced")
        scene.step()
        #expect(scene.primary == 0)
    }

    @Test func `a Galera node without a majority accepts nothing`() {
        var scene = ClusterScene.galera()
        scene.step()
        scene.galeraState(2, "Initialized", hasMajority: false)
        scene.step()
        #expect(scene.primary == 1 && scene.entry(2).state == .stopped && !scene.entry(2).acceptsReads)
        for index in [0, 1] { scene.galeraState(index, "Initialized", hasMajority: false) }
        scene.step()
        #expect(!scene.table.gate.isOpen && scene.table.readers.isEmpty)
        #expect(scene.closedReason.contains("b: Galera: Initialized"))
    }

    @Test func `a read-only member of Galera reads but is not written to`() {
        var scene = ClusterScene.galera()
        scene.seen[2].readOnly = .readOnly("1")
        scene.step()
        #expect(scene.primary == 1 && Array(scene.table.readers) == [0, 2])
    }

    @Test func `a second Galera cluster among the nodes is a rival`() {
        var scene = ClusterScene.galera()
        scene.step()
        scene.seen[0].group?.groupID = "other-uuid"
        let events = scene.step()
        #expect(events.filter { $0.kind == RoutingEventKind.twoWritable }.map(\.node) == ["a"])
        #expect(scene.primary == 2 && scene.entry(0).state == .writable && Array(scene.table.readers) == [1])
    }

    @Test func `a replica of any member follows the cluster`() {
        var scene = ClusterScene.galera()
        scene.seen[0].group = nil
        scene.makeReplica(0, of: 1)
        scene.step()
        #expect(scene.primary == 2 && scene.entry(0).state == .online && scene.entry(0).acceptsReads)
        #expect(scene.entry(0).gtid.isEmpty)
    }

    @Test func `the primary of a replication group is the primary and online secondaries read`() {
        var scene = ClusterScene.groupReplication()
        scene.step()
        #expect(scene.primary == 0 && scene.table.kind == .groupReplication)
        #expect(Array(scene.table.readers) == [1, 2])
        #expect(scene.entry(1).lagMilliseconds == 0 && scene.entry(1).sharesPositions)
        scene.groupPrimary(1)
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        #expect(Array(scene.table.readers) == [0, 2])
    }

    @Test(arguments: [("RECOVERING", NodeState.connecting), ("ERROR", .stopped), ("OFFLINE", .stopped)])
    func `a member that is not online serves nothing`(state: String, judged: NodeState) {
        var scene = ClusterScene.groupReplication()
        scene.step()
        scene.seen[1].group?.state = state
        scene.seen[1].group?.isOnline = false
        scene.step()
        #expect(scene.entry(1).state == judged && !scene.entry(1).acceptsReads)
    }

    @Test func `a group's primary that lost its majority is not written to although it says writable`() {
        var scene = ClusterScene.groupReplication()
        scene.step()
        scene.seen[0].group?.hasMajority = false
        scene.seen[0].group?.isOnline = false
        scene.seen[0].group?.mayWrite = false
        scene.step()
        #expect(!scene.table.gate.isOpen && !scene.entry(0).acceptsReads)
        scene.seen[1].group?.mayWrite = true
        scene.seen[1].readOnly = .writable
        scene.step()
        #expect(scene.table.gate == .open(epoch: 2, primary: NodeID(index: 1)))
        #expect(scene.table.alarms.isEmpty)
    }

    @Test func `of a group in multi-primary mode one member is written to, the same for every proxy`() {
        for order in [[0, 1, 2], [2, 0, 1]] {
            var scene = ClusterScene.groupReplication()
            for index in scene.seen.indices {
                scene.seen[index].group?.mayWrite = true
                scene.seen[index].readOnly = .writable
                scene.seen[index].group?.memberID = "uid-\(order[index])"
            }
            let events = scene.step()
            #expect(scene.primary == order.firstIndex(of: 0))
            #expect(!events.contains(kind: RoutingEventKind.twoWritable))
            #expect(scene.table.readers.count == 2)
        }
    }

    @Test func `a member of a group that is too far behind serves no reads`() {
        var scene = ClusterScene.groupReplication()
        scene.step()
        scene.position(0, "group-name:1-101")
        scene.step()
        scene.step(after: 10_001)
        #expect(scene.entry(1).state == .lagging && !scene.entry(1).acceptsReads)
    }

    @Test func `peers are discovered and taken in when they are of the same group`() {
        var scene = ClusterScene.galera()
        scene.seen[0].group?.peers = [
            ConnectedReplica(serverID: 0, host: "a", port: 3306), ConnectedReplica(serverID: 0, host: "b", port: 3306),
        ]
        let members = Array(scene.members.prefix(1))
        let found = Discovery.candidates(members: members, observations: [scene.seen[0]], policy: scene.policy)
        #expect(found.map(\.address) == [.tcp(host: "b", port: 3306)])
        func outcome(_ answer: Observation) -> DiscoveryOutcome {
            Discovery.outcome(of: found[0], answer: answer, members: members, observations: [scene.seen[0]])
        }
        #expect(outcome(scene.seen[1]) == .member)
        var stranger = scene.seen[1]
        stranger.group?.groupID = "other-uuid"
        #expect(outcome(stranger) == .stranger("does not replicate from a member"))
    }
}
