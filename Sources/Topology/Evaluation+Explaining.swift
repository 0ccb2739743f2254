// Why a node is not written to, and what was seen of it: the words of reasons and evidence.

extension Evaluation {
    /// Why `id` takes no writes, in a few words.
    func whyNotPrimary(_ id: NodeID) -> String {
        guard let observation = observation(id) else { return "not probed yet" }
        if let first = sameServerAs[id.index] { return "the same server as \(name(first))" }
        if let failure = observation.failure {
            let witnesses = memory.primary == id ? feeding(id) : []
            return "\(failure.kind.rawValue): \(failure.text)"
                + (witnesses.isEmpty
                    ? "" : " (but \(witnesses.map(name).joined(separator: ", ")) received from it since)")
        }
        if case .readOnly(let value) = observation.readOnly {
            let sources = memberChannels(id, observation).map { name($0.source) }
            return "read_only=\(value)"
                + (sources.isEmpty ? "" : ", replicates from \(sources.joined(separator: ", "))")
        }
        if replicatesFromMember(id, observation) {
            return "replicates from " + memberChannels(id, observation).map { name($0.source) }.joined(separator: ", ")
        }
        if let group = observation.group, !groupLetsWrite(id, group) { return "\(group.kind.words): \(group.state)" }
        if candidate(id) == nil { return "replicates from outside the cluster; policy external_source=replica" }
        return "accepts writes"
    }

    /// What was seen of a node, as `name=value` pairs.
    func evidence(of id: NodeID) -> String {
        guard let observation = observation(id) else { return "" }
        var parts = ["node=\(name(id))"]
        switch observation.readOnly {
        case .writable: parts.append("read_only=OFF")
        case .readOnly(let value): parts.append("read_only=\(value)")
        }
        parts.append("server_id=\(observation.serverID)")
        parts.append("gtid=\(observation.gtidCurrentPosition)")
        parts.append("channels=\(observation.channels.count)")
        parts.append("followers=\(followers(of: id))")
        if let group = observation.group {
            parts.append("group=\(group.groupID) state=\(group.state) majority=\(group.hasMajority ? "yes" : "no")")
        }
        for channel in observation.channels {
            parts.append(
                "io=\(channel.ioThread.rawValue) from=\(channel.sourceHost):\(channel.sourcePort) "
                    + "heartbeats=\(channel.receivedHeartbeats.map { "\($0)" } ?? "unknown")")
        }
        if let failure = observation.failure {
            parts.append(
                "failure=\(failure.kind.rawValue) code=\(failure.code) in_a_row=\(observation.consecutiveFailures)")
        }
        return parts.joined(separator: " ")
    }
}
