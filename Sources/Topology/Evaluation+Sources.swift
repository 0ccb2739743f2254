// Who replicates from whom: the edges that decide what a writable node is.

/// Where a channel leads.
enum ChannelSource: Equatable {
    case member(NodeID)
    case outside
}

extension Evaluation {
    /// Where `channel` of `node` leads. A named external channel leads outside; then the address decides, and
    /// the server id only when no address fits (a service name, an address behind a translation).
    func source(of channel: ReplicationChannel, at node: NodeID) -> ChannelSource {
        if policy.externalChannelNames.contains(channel.name) { return .outside }
        for member in members where member.id != node && answers(member, to: channel) {
            return .member(sameServerAs[member.id.index] ?? member.id)
        }
        guard channel.sourceServerID != 0 else { return .outside }
        for member in members where member.id != node {
            if let observation = observation(member.id), observation.hasFacts,
                observation.serverID == channel.sourceServerID, observation.serverID != self.observation(node)?.serverID
            {
                return .member(sameServerAs[member.id.index] ?? member.id)
            }
        }
        return .outside
    }

    private func answers(_ member: ClusterMember, to channel: ReplicationChannel) -> Bool {
        let host = channel.sourceHost.lowercased()
        for address in [member.address] + member.aliases {
            if case .tcp(let memberHost, let port) = address, port == channel.sourcePort,
                memberHost.lowercased() == host
            {
                return true
            }
        }
        guard let observation = observation(member.id), observation.port == channel.sourcePort, !host.isEmpty else {
            return false
        }
        return observation.hostName.lowercased() == host || observation.reportHost.lowercased() == host
    }

    /// The channels of `node` that lead to members.
    func memberChannels(_ node: NodeID, _ observation: Observation) -> [(channel: ReplicationChannel, source: NodeID)] {
        observation.channels.compactMap { channel in
            guard case .member(let source) = source(of: channel, at: node) else { return nil }
            return (channel, source)
        }
    }

    /// Whether `node` follows a member, so that writing to it would fork the cluster. A stopped channel counts
    /// when the node was writable all along, because then nobody promoted it by stopping replication. In a ring
    /// (two nodes that replicate from each other) the writable one is the head, and follows nobody.
    func replicatesFromMember(_ node: NodeID, _ observation: Observation) -> Bool {
        let channels = memberChannels(node, observation)
        if channels.contains(where: { $0.channel.isRunning && !leads($0.source, to: node, onlyRunning: true) }) {
            return true
        }
        if channels.contains(where: { $0.channel.isRunning }) { return false }
        return !channels.isEmpty && memory.nodes[node]?.isWritableByHabit == true
    }

    /// Whether a running channel of `node` leads out of the cluster.
    func followsOutside(_ node: NodeID, _ observation: Observation) -> Bool {
        observation.channels.contains { $0.isRunning && source(of: $0, at: node) == .outside }
    }

    /// How many other members are configured to replicate from `node`, directly, or are in its group.
    func followers(of node: NodeID) -> Int {
        members.count { member in
            guard member.id != node, sameServerAs[member.id.index] == nil,
                let observation = observation(member.id), observation.hasFacts
            else { return false }
            return arePeers(member.id, node)
                || memberChannels(member.id, observation).contains { $0.source == node }
        }
    }

    /// Whether the chain of sources of `node` reaches `target`; with `onlyRunning`, over running channels only.
    func leads(_ node: NodeID, to target: NodeID, onlyRunning: Bool = false) -> Bool {
        var visited: Set<NodeID> = [node]
        var frontier = [node]
        while let next = frontier.popLast() {
            if next == target || arePeers(next, target) { return true }
            guard let observation = observation(next), observation.hasFacts else { continue }
            for (channel, source) in memberChannels(next, observation) {
                if onlyRunning && !channel.isRunning { continue }
                if visited.insert(source).inserted { frontier.append(source) }
            }
        }
        return false
    }
}
