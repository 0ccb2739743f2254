// Which addresses are tried, and what an answer makes of them; positions and history beside them.

import Testing

@testable import Topology

@Suite struct DiscoveryTests {
    private func candidates(_ scene: ClusterScene, _ seen: [Observation]) -> [DiscoveryCandidate] {
        Discovery.candidates(members: Array(scene.members.prefix(1)), observations: seen, policy: scene.policy)
    }

    @Test func `a replica leads to its source`() {
        var scene = ClusterScene(["b", "a"], primary: 1)
        scene.step()
        let found = candidates(scene, [scene.seen[0]])
        #expect(
            found == [
                DiscoveryCandidate(address: .tcp(host: "a", port: 3306), serverID: 11, via: NodeID(index: 0))
            ])
    }

    @Test func `the source of a writable node and a channel named external are not followed`() {
        var scene = ClusterScene(["head"])
        scene.followOutside(0)
        #expect(candidates(scene, scene.seen).isEmpty)
        scene.seen[0].readOnly = .readOnly("1")
        #expect(candidates(scene, scene.seen).count == 1)
        scene.seen[0].channels[0].name = "multi-cluster"
        #expect(candidates(scene, scene.seen).isEmpty)
    }

    @Test func `a primary leads to its replicas by their report_host or by their dump threads`() {
        var scene = ClusterScene(["a"])
        scene.seen[0].connectedReplicas = [
            ConnectedReplica(serverID: 0, host: "10.0.0.2", port: 0),
            ConnectedReplica(serverID: 11, host: "", port: 3307),
            ConnectedReplica(serverID: 12, host: "db3", port: 3306),
        ]
        let found = candidates(scene, scene.seen)
        #expect(found.map(\.address) == [.tcp(host: "10.0.0.2", port: 3307), .tcp(host: "db3", port: 3306)])
        #expect(found.map(\.serverID) == [11, 12])
        scene.policy.discoversMembers = false
        #expect(candidates(scene, scene.seen).isEmpty)
    }

    @Test func `a loopback name means the machine of the member that said it`() {
        var scene = ClusterScene(["a"])
        scene.seen[0].connectedReplicas = [
            ConnectedReplica(serverID: 0, host: "localhost", port: 0),
            ConnectedReplica(serverID: 11, host: "", port: 3307),
            ConnectedReplica(serverID: 12, host: "127.0.0.1", port: 3308),
        ]
        #expect(
            candidates(scene, scene.seen).map(\.address) == [.tcp(host: "a", port: 3307), .tcp(host: "a", port: 3308)])
    }

    @Test func `known addresses and aliases are not tried again`() {
        var scene = ClusterScene(["b", "a"], primary: 1)
        scene.members[0].aliases = [.tcp(host: "a", port: 3306)]
        #expect(candidates(scene, [scene.seen[0]]).isEmpty)
    }

    @Test func `an answer with a known identity is another name of that member`() {
        let scene = ClusterScene()
        let candidate = DiscoveryCandidate(
            address: .tcp(host: "localhost", port: 3306), serverID: 10, via: NodeID(index: 1))
        let outcome = Discovery.outcome(
            of: candidate, answer: scene.seen[0], members: scene.members, observations: scene.seen)
        #expect(outcome == .alias(NodeID(index: 0)))
    }

    @Test func `only the expected server becomes a member`() {
        let scene = ClusterScene()
        let known = Array(scene.seen.prefix(2))
        var candidate = DiscoveryCandidate(address: .tcp(host: "c", port: 3306), serverID: 12, via: NodeID(index: 0))
        let members = Array(scene.members.prefix(2))
        func outcome(_ answer: Observation) -> DiscoveryOutcome {
            Discovery.outcome(of: candidate, answer: answer, members: members, observations: known)
        }
        #expect(outcome(scene.seen[2]) == .member)
        candidate.serverID = 13
        #expect(outcome(scene.seen[2]) == .stranger("server id 12 answers instead of 13"))
        candidate.serverID = 0
        #expect(outcome(scene.seen[2]) == .member)
        var stranger = scene.seen[2]
        stranger.channels = []
        #expect(outcome(stranger) == .stranger("does not replicate from a member"))
        stranger.failure = ProbeFailure(kind: .refused, code: 2002, text: "refused")
        #expect(outcome(stranger) == .stranger("refused"))
    }

    @Test func `positions of MariaDB cover by domain`() {
        #expect(GTIDPosition.covers("0-1-10,1-2-5", "0-9-10", flavor: .mariaDB) == true)
        #expect(GTIDPosition.covers("0-1-10", "0-1-11", flavor: .mariaDB) == false)
        #expect(GTIDPosition.covers("0-1-10", "0-1-10,1-1-1", flavor: .mariaDB) == false)
        #expect(GTIDPosition.covers("", "", flavor: .mariaDB) == true)
        #expect(GTIDPosition.covers("0-1-10", "nonsense", flavor: .mariaDB) == nil)
        #expect(GTIDPosition.covers("u:1-5", "u:1-3", flavor: .mySQL) == nil)
    }

    @Test func `progress counts transactions`() {
        #expect(GTIDPosition.progress("0-1-10,1-2-5", flavor: .mariaDB) == 15)
        #expect(GTIDPosition.progress("u:1-5:7,v:tag:1-2", flavor: .mySQL) == 8)
        #expect(GTIDPosition.progress("", flavor: .mariaDB) == nil)
        #expect(GTIDPosition.progress("0-1-4,5-5-99", within: "0-1-10", flavor: .mariaDB) == 4)
    }

    @Test func `the history keeps the last thousand events in order`() {
        var history = RoutingHistory()
        let events = (0..<1_500).map { number in
            RoutingEvent(
                unixMilliseconds: Int64(number), cluster: "main", node: nil, kind: "x", from: "", to: "", epoch: 0,
                reason: "", evidence: "")
        }
        history.append(contentsOf: Array(events.prefix(700)))
        #expect(history.last(2).map(\.unixMilliseconds) == [698, 699])
        history.append(contentsOf: Array(events.dropFirst(700)))
        #expect(history.last(.max).map(\.unixMilliseconds) == Array(500..<1_500))
        #expect(history.last(1).map(\.unixMilliseconds) == [1_499])
    }

    @Test func `load counts what began and finished`() {
        let load = NodeLoad()
        load.began()
        load.began(isWrite: true)
        load.began()
        #expect(load.inFlight == 3 && load.reads == 2 && load.writes == 1)
        load.finished(latencyNanoseconds: 800_000)
        load.finished(latencyNanoseconds: 1_600_000)
        load.failed()
        #expect(load.inFlight == 0 && load.errors == 1)
        #expect(load.latencyMicroseconds == 900)
        #expect(load.reserveConnection(limit: 1) && !load.reserveConnection(limit: 1))
        #expect(load.connections == 1)
        load.releaseConnection()
        #expect(load.connections == 0)
    }

    @Test func `a server that is full is asked for one connection more now and then, until it takes it`() {
        let load = NodeLoad()
        func reserve(_ now: UInt64) -> Bool { load.reserveConnection(limit: 10, nowMilliseconds: now) }
        for _ in 0..<3 { #expect(reserve(5_000)) }
        load.connectionAccepted()
        #expect(load.fullServerConnections == nil)
        // The third was refused.
        load.releaseConnection()
        load.refusedAsFull(nowMilliseconds: 5_000)
        #expect(load.fullServerConnections == 2)
        #expect(!reserve(5_000) && !reserve(5_999) && !load.hasRoom(limit: 10, nowMilliseconds: 5_999))
        #expect(load.connections == 2)
        // What is closed may be opened again.
        load.releaseConnection()
        #expect(load.hasRoom(limit: 10, nowMilliseconds: 5_999) && reserve(5_999))
        #expect(load.hasRoom(limit: 10, nowMilliseconds: 6_000))
        // One tries, and the others wait for what comes of it; a KILL may go beyond the limit.
        #expect(reserve(6_000) && !reserve(6_000))
        #expect(load.reserveConnection(limit: 10, beyond: 4, nowMilliseconds: 6_000))
        load.releaseConnection()
        load.connectionAccepted()
        #expect(load.fullServerConnections == 10 && reserve(6_000))
    }

    @Test func `a full server that has none of ours is not asked without a pause`() {
        let load = NodeLoad()
        load.refusedAsFull(nowMilliseconds: 100)
        #expect(!load.reserveConnection(limit: 10, nowMilliseconds: 101))
        #expect(load.reserveConnection(limit: 10, nowMilliseconds: 1_100))
    }
}
