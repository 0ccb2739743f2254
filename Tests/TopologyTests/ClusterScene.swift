// A cluster as tests tell it: what the probes see, step by step, and what the judge makes of it.

@testable import Topology

/// `a` is written to; `b` and `c` replicate from it. Servers are 10, 11 and 12, on host a, b and c.
struct ClusterScene {
    var members: [ClusterMember]
    var seen: [Observation]
    var policy = ClusterPolicy()
    var table: RoutingTable
    var now: Int64 = 1_000_000
    var connection: UInt64 = 50

    init(_ names: [String] = ["a", "b", "c"], primary: Int? = 0) {
        members = names.enumerated().map { index, name in
            ClusterMember(id: NodeID(index: index), name: name, address: .tcp(host: name, port: 3306))
        }
        seen = []
        table = RoutingTable(cluster: "main", members: members, nowUnixMilliseconds: 1_000_000)
        for index in members.indices { seen.append(Self.facts(index)) }
        for index in members.indices {
            if index == primary {
                makeWritable(index)
            } else if let primary {
                makeReplica(index, of: primary)
            }
        }
    }

    private static func facts(_ index: Int) -> Observation {
        var observation = Observation(node: NodeID(index: index))
        observation.hasFacts = true
        observation.serverID = UInt32(10 + index)
        observation.identity = "uid-\(index)"
        observation.port = 3306
        observation.hostName = "machine\(index)"
        observation.version = "10.11.6-MariaDB-log"
        observation.flavor = .mariaDB
        observation.gtidCurrentPosition = "0-10-100"
        observation.gtidBinlogPosition = "0-10-100"
        observation.readOnly = .readOnly("1")
        observation.connectionID = 50
        return observation
    }

    mutating func makeWritable(_ index: Int) {
        seen[index].readOnly = .writable
        seen[index].channels = []
    }

    mutating func makeReplica(_ index: Int, of source: Int, name: String = "") {
        seen[index].readOnly = .readOnly("1")
        var channel = ReplicationChannel()
        channel.name = name
        channel.sourceHost = members[source].name
        channel.sourcePort = 3306
        channel.sourceServerID = seen[source].serverID
        channel.ioThread = .running
        channel.sqlThread = .running
        channel.secondsBehind = 0
        seen[index].channels = [channel]
    }

    /// A channel to a server that is no member.
    mutating func followOutside(_ index: Int) {
        var channel = ReplicationChannel()
        channel.sourceHost = "elsewhere"
        channel.sourcePort = 3306
        channel.sourceServerID = 999
        channel.ioThread = .running
        channel.sqlThread = .running
        channel.secondsBehind = 0
        seen[index].channels = [channel]
    }

    mutating func fail(_ index: Int, _ kind: ProbeFailure.Kind, times: Int = 1, text: String = "") {
        seen[index].failure = ProbeFailure(kind: kind, code: 0, text: text.isEmpty ? kind.rawValue : text)
        seen[index].consecutiveFailures += times
    }

    mutating func recover(_ index: Int, restarted: Bool = false) {
        seen[index].failure = nil
        seen[index].consecutiveFailures = 0
        if restarted { seen[index].connectionID = 3 }
    }

    mutating func position(_ index: Int, _ gtid: String) {
        seen[index].gtidCurrentPosition = gtid
        seen[index].gtidBinlogPosition = gtid
    }

    /// Lets time pass and judges; nodes in `unseen` keep the time of their last observation.
    @discardableResult
    mutating func step(after milliseconds: Int64 = 250, unseen: Set<Int> = []) -> [RoutingEvent] {
        now += milliseconds
        for index in seen.indices where !unseen.contains(index) { seen[index].observedAtMilliseconds = now }
        let (next, events) = Evaluator.evaluate(
            previous: table, members: members, observations: seen, policy: policy, nowUnixMilliseconds: now)
        table = next
        return events
    }

    func entry(_ index: Int) -> RoutingEntry { table.entries[index] }

    var primary: Int? { table.primary?.id.index }

    var closedReason: String {
        if case .closed(let reason, _) = table.gate { reason } else { "" }
    }
}

extension [RoutingEvent] {
    var kinds: [String] { map(\.kind) }
    func contains(kind: String) -> Bool { contains { $0.kind == kind } }
}
