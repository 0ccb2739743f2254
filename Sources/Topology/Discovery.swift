// Which servers nobody configured belong to the cluster: pure decisions on what members tell of each other.

/// An address that may be a further member, or a further name of a known one.
struct DiscoveryCandidate: Sendable, Hashable {
    var address: ProbeAddress
    /// The server id that must answer there; 0 when it is not known.
    var serverID: UInt32
    /// The member that told of it.
    var via: NodeID
}

/// What a candidate's answer makes of it.
enum DiscoveryOutcome: Equatable {
    /// The address is another name of a member.
    case alias(NodeID)
    case member
    case stranger(String)
}

enum Discovery {
    /// The members a cluster may grow to.
    static let membersMaximum = 64
    /// The candidates considered at one time.
    static let candidatesMaximum = 128

    /// Addresses to try: the sources of read-only replicas, the replicas that members list, and the peers of a group.
    /// The source of a writable node is not followed: it leads out of the cluster.
    static func candidates(
        members: [ClusterMember], observations: [Observation], policy: ClusterPolicy
    ) -> [DiscoveryCandidate] {
        guard policy.discoversMembers, members.count < membersMaximum else { return [] }
        var known = Set(members.flatMap { [$0.address] + $0.aliases })
        var found: [DiscoveryCandidate] = []
        for observation in observations where observation.isReachable {
            let told =
                sources(of: observation, members, policy) + replicas(of: observation, members)
                + peers(of: observation, members)
            for candidate in told
            where found.count < candidatesMaximum && known.insert(candidate.address).inserted {
                found.append(candidate)
            }
        }
        return found
    }

    private static func sources(
        of observation: Observation, _ members: [ClusterMember], _ policy: ClusterPolicy
    ) -> [DiscoveryCandidate] {
        if observation.readOnly.isWritable { return [] }
        return observation.channels.filter { !policy.externalChannelNames.contains($0.name) && $0.sourcePort != 0 }
            .map { channel in
                DiscoveryCandidate(
                    address: .tcp(
                        host: reachable(channel.sourceHost, from: members, observation.node), port: channel.sourcePort),
                    serverID: channel.sourceServerID, via: observation.node)
            }
    }

    /// Replicas by their `report_host`; without one, by the hosts their dump threads come from and the ports the
    /// list gives (a guess that only an answer with the right server id confirms).
    private static func replicas(of observation: Observation, _ members: [ClusterMember]) -> [DiscoveryCandidate] {
        let listed = observation.connectedReplicas.filter { $0.port != 0 }
        var dumpHosts: [String] = []
        for replica in observation.connectedReplicas where replica.port == 0 {
            let host = reachable(replica.host, from: members, observation.node)
            if !host.isEmpty && !dumpHosts.contains(host) { dumpHosts.append(host) }
        }
        var found: [DiscoveryCandidate] = []
        for replica in listed {
            let hosts = replica.host.isEmpty ? dumpHosts : [reachable(replica.host, from: members, observation.node)]
            for host in hosts {
                found.append(
                    DiscoveryCandidate(
                        address: .tcp(host: host, port: replica.port), serverID: replica.serverID,
                        via: observation.node))
            }
        }
        if listed.isEmpty, members.indices.contains(observation.node.index),
            case .tcp(_, let port) = members[observation.node.index].address
        {
            for host in dumpHosts {
                found.append(
                    DiscoveryCandidate(
                        address: .tcp(host: host, port: port), serverID: 0, via: observation.node))
            }
        }
        return found
    }

    private static func peers(of observation: Observation, _ members: [ClusterMember]) -> [DiscoveryCandidate] {
        (observation.group?.peers ?? []).map { peer in
            DiscoveryCandidate(
                address: .tcp(host: reachable(peer.host, from: members, observation.node), port: peer.port),
                serverID: 0, via: observation.node)
        }
    }

    /// A loopback name means the machine of the member that said it.
    private static func reachable(_ host: String, from members: [ClusterMember], _ node: NodeID) -> String {
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        guard isLoopback, members.indices.contains(node.index), case .tcp(let own, _) = members[node.index].address
        else { return host }
        return own
    }

    /// Judges the answer of a candidate. Without a known server id it must replicate from a member itself.
    static func outcome(
        of candidate: DiscoveryCandidate, answer: Observation, members: [ClusterMember], observations: [Observation]
    ) -> DiscoveryOutcome {
        guard answer.isReachable else { return .stranger(answer.failure?.text ?? "no answer") }
        if let same = observations.first(where: { $0.hasFacts && $0.identity == answer.identity }) {
            return .alias(same.node)
        }
        let isPeer = observations.contains { observation in
            guard let theirs = observation.group, let group = answer.group, !group.groupID.isEmpty else { return false }
            return theirs.kind == group.kind && theirs.groupID == group.groupID
        }
        if isPeer { return .member }
        if candidate.serverID != 0 {
            if candidate.serverID == answer.serverID { return .member }
            return .stranger("server id \(answer.serverID) answers instead of \(candidate.serverID)")
        }
        let serverIDs = Set(observations.filter(\.hasFacts).map(\.serverID))
        let addresses = Set(members.flatMap { [$0.address] + $0.aliases })
        let followsMember = answer.channels.contains {
            addresses.contains(.tcp(host: $0.sourceHost, port: $0.sourcePort)) || serverIDs.contains($0.sourceServerID)
        }
        // The source of a member that never reached it has no server id yet: a writable server there is the source.
        let isSource = observations.contains { observation in
            observation.channels.contains {
                .tcp(host: reachable($0.sourceHost, from: members, observation.node), port: $0.sourcePort)
                    == candidate.address
            }
        }
        return followsMember || isSource ? .member : .stranger("does not replicate from a member")
    }
}
