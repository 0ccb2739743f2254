// Who takes the writes: keeping the primary, losing it, finding the next.

extension Evaluation {
    /// Brings the per-node memory up to date before anything is decided.
    mutating func noteNodes() {
        for member in members {
            guard let observation = observation(member.id), observation.isReachable else { continue }
            var node = memory.nodes[member.id, default: .init()]
            let isFirstSight = !node.wasObserved
            node.wasObserved = true
            let channels = memberChannels(member.id, observation)
            if !observation.readOnly.isWritable || channels.isEmpty {
                node.isWritableByHabit = false
            } else if channels.contains(where: { $0.channel.isRunning }) {
                node.isWritableByHabit = true
            }
            memory.nodes[member.id] = node
            let isFree = observation.readOnly.isWritable && !replicatesFromMember(member.id, observation)
            node.writableSinceMilliseconds =
                isFree ? node.writableSinceMilliseconds ?? observation.observedAtMilliseconds : nil
            noteRestart(member.id, observation, node)
            node.connectionID = observation.connectionID
            if !isFirstSight { notePosition(member.id, observation, previous: node.position) }
            node.position = observation.gtidCurrentPosition
            node.flags = memory.nodes[member.id]?.flags ?? []
            memory.nodes[member.id] = node
        }
    }

    /// The primary's connection ids start anew with its process.
    private mutating func noteRestart(_ id: NodeID, _ observation: Observation, _ node: EvaluationMemory.NodeMemory) {
        if memory.primary == id, node.connectionID != 0, observation.connectionID < node.connectionID {
            memory.primaryRestarted = true
        }
    }

    private mutating func notePosition(_ id: NodeID, _ observation: Observation, previous position: String) {
        guard policy.positionCovers(observation.gtidCurrentPosition, position, observation.flavor) == false else {
            return
        }
        record(
            RoutingEventKind.gtidReset, node: id, from: position, to: observation.gtidCurrentPosition,
            reason: "the position went backwards: binary logs were reset, or a backup was restored")
    }

    /// Whether a free, writable node may be the primary at all.
    func candidate(_ id: NodeID) -> Observation? {
        guard let observation = living(id), observation.isReachable, observation.readOnly.isWritable,
            !replicatesFromMember(id, observation)
        else { return nil }
        if policy.externalSource == .replica, followsOutside(id, observation) { return nil }
        return observation
    }

    /// Decides whether the last primary stays one. Leaves `primary` nil if not.
    mutating func judgePrimary() {
        guard let last = memory.primary, let observation = observation(last) else { return }
        if observation.isGone { memory.primaryRestarted = true }
        guard previous.gate.isOpen, let living = living(last) else { return }
        let wasDemoted = !living.readOnly.isWritable || replicatesFromMember(last, living)
        if wasDemoted && living.isReachable { return }
        let rivals = confirmedRivals(of: last, seenAt: living)
        for member in members where member.id != last {
            let isRival = rivals.contains(member.id)
            tell(
                .twoWritable, of: member.id, if: isRival, kind: RoutingEventKind.twoWritable,
                reason: "\(member.name) accepts writes beside the primary \(name(last)); policy "
                    + policy.twoWritable.rawValue,
                evidence: isRival ? evidence(of: member.id) + "; " + evidence(of: last) : "")
        }
        if !rivals.isEmpty && policy.twoWritable == .stop {
            closedReason =
                "two nodes accept writes: \(name(last)) and \(rivals.map(name).joined(separator: ", ")); "
                + "set read_only on the one that is wrong"
            return
        }
        primary = last
        restartPrimaryIfNeeded(living)
    }

    /// Other candidates that were already writable when the primary was last seen so. A rival that was seen
    /// later than the primary may be its successor: the next probe of the primary tells.
    private func confirmedRivals(of primary: NodeID, seenAt observation: Observation) -> [NodeID] {
        members.map(\.id).filter { id in
            guard id != primary, candidate(id) != nil, observation.isReachable,
                let since = memory.nodes[id]?.writableSinceMilliseconds
            else { return false }
            return observation.observedAtMilliseconds >= since
        }
    }

    private mutating func restartPrimaryIfNeeded(_ observation: Observation) {
        guard memory.primaryRestarted, observation.isReachable, let primary else { return }
        memory.primaryRestarted = false
        epoch += 1
        memory.gateOpenedUnixMilliseconds = now
        record(
            RoutingEventKind.primaryRestarted, node: primary, from: name(primary), to: name(primary),
            reason: "\(name(primary)) restarted and still accepts writes", evidence: evidence(of: primary))
    }

    /// Looks for a primary among the candidates, once every member was looked at.
    mutating func electPrimary() {
        if closedReason != nil { return }
        let candidates = members.map(\.id).filter { candidate($0) != nil }
        if memory.primary == nil, let unseen = members.first(where: { observation($0.id) == nil }) {
            closedReason = "starting: \(unseen.name) was not probed yet"
            return
        }
        guard let chosen = choose(candidates) else { return }
        let last = memory.primary
        guard chosen != last else { return reopen(chosen) }
        guard isPositionAcceptable(chosen) else { return }
        let old = last.map(name) ?? ""
        memory.primary = chosen
        memory.primaryRestarted = false
        memory.positions.removeAll()
        memory.gateOpenedUnixMilliseconds = now
        epoch += 1
        primary = chosen
        record(
            RoutingEventKind.primaryChanged, node: chosen, from: old, to: name(chosen),
            reason: old.isEmpty
                ? "\(name(chosen)) accepts writes and replicates from no member"
                : "\(name(chosen)) was promoted; \(name(last ?? chosen)): \(whyNotPrimary(last ?? chosen))",
            evidence: evidence(of: chosen))
    }

    /// One of the candidates, or nil with `closedReason` set when it cannot be told which.
    private mutating func choose(_ candidates: [NodeID]) -> NodeID? {
        if candidates.count <= 1 { return candidates.first }
        let names = candidates.map(name).joined(separator: ", ")
        // With policy `stop`, a gate that was closed because of a rival stays closed until the rival is gone.
        if previous.gate.isOpen || memory.primary == nil || policy.twoWritable == .keep {
            let ranked = candidates.map { (id: $0, followers: followers(of: $0)) }
                .sorted { ($0.followers, $1.id) > ($1.followers, $0.id) }
            if ranked[0].followers > ranked[1].followers { return ranked[0].id }
            // A candidate that was the primary until now is not given up for a draw.
            if let last = memory.primary, candidates.contains(last), policy.twoWritable == .keep { return last }
            let covering = candidates.filter { coversLastPosition($0) == true }
            if memory.primary != nil, !memory.primaryPosition.isEmpty, covering.count == 1 { return covering[0] }
        }
        closedReason =
            "several nodes accept writes (\(names)) and the replicas do not tell which is right; "
            + "set read_only on the wrong ones"
        return nil
    }

    private mutating func reopen(_ id: NodeID) {
        primary = id
        if memory.primaryRestarted {
            if let observation = observation(id) { restartPrimaryIfNeeded(observation) }
        } else {
            memory.gateOpenedUnixMilliseconds = now
        }
    }

    /// Whether `id` has all that the last primary was seen to have. A node's own earlier position counts too:
    /// promotion by an operator resets `gtid_slave_pos`, not the data.
    private func coversLastPosition(_ id: NodeID) -> Bool? {
        guard let observation = observation(id) else { return nil }
        let earlier = previous.entry(id)?.gtid ?? ""
        var answer: Bool?
        for position in [observation.gtidCurrentPosition, observation.gtidBinlogPosition, earlier] {
            guard let covers = policy.positionCovers(position, memory.primaryPosition, observation.flavor) else {
                continue
            }
            if covers { return true }
            answer = false
        }
        return answer
    }

    private mutating func isPositionAcceptable(_ id: NodeID) -> Bool {
        guard memory.primary != nil, coversLastPosition(id) == false, let observation = observation(id) else {
            return true
        }
        let text =
            "\(name(id)) at \(observation.gtidCurrentPosition) lacks transactions of the old primary, "
            + "last seen at \(memory.primaryPosition)"
        switch policy.lossyFailover {
        case .accept:
            record(
                RoutingEventKind.lostGTID, node: id, from: memory.primaryPosition,
                to: observation.gtidCurrentPosition, reason: text, evidence: evidence(of: id))
            return true
        case .hold:
            closedReason = text + "; held by policy (lossy failover)"
            return false
        }
    }

    /// Remembers what the primary looks like.
    mutating func notePrimary() {
        guard let primary, let observation = observation(primary), observation.isReachable else { return }
        memory.nodes[primary]?.flags.remove(.twoWritable)
        memory.primaryFlavor = observation.flavor
        memory.primaryVersion = ServerVersion(observation.version)
        memory.notePrimaryPosition(
            observation.gtidCurrentPosition, flavor: observation.flavor, nowUnixMilliseconds: now)
    }

    /// Why `id` takes no writes, in a few words.
    func whyNotPrimary(_ id: NodeID) -> String {
        guard let observation = observation(id) else { return "not probed yet" }
        if let first = sameServerAs[id.index] { return "the same server as \(name(first))" }
        if let failure = observation.failure { return "\(failure.kind.rawValue): \(failure.text)" }
        if case .readOnly(let value) = observation.readOnly {
            let sources = memberChannels(id, observation).map { name($0.source) }
            return "read_only=\(value)"
                + (sources.isEmpty ? "" : ", replicates from \(sources.joined(separator: ", "))")
        }
        if replicatesFromMember(id, observation) {
            return "replicates from " + memberChannels(id, observation).map { name($0.source) }.joined(separator: ", ")
        }
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
        if let failure = observation.failure {
            parts.append(
                "failure=\(failure.kind.rawValue) code=\(failure.code) in_a_row=\(observation.consecutiveFailures)")
        }
        return parts.joined(separator: " ")
    }
}
