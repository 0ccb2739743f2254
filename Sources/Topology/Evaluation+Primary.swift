// Who takes the writes: keeping the primary, losing it, finding the next.

extension Evaluation {
    /// Whether a free, writable node may be the primary at all.
    func candidate(_ id: NodeID) -> Observation? {
        guard let observation = living(id), observation.isReachable, observation.readOnly.isWritable,
            !replicatesFromMember(id, observation)
        else { return nil }
        if policy.externalSource == .replica, followsOutside(id, observation) { return nil }
        if let group = observation.group, !groupLetsWrite(id, group) { return nil }
        return observation
    }

    /// Decides whether the last primary stays one. Leaves `primary` nil if not.
    mutating func judgePrimary() {
        guard let last = memory.primary, let observation = observation(last) else { return }
        if observation.isGone { memory.primaryRestarted = true }
        guard closedReason == nil, previous.gate.isOpen else { return }
        guard let living = living(last) else {
            if isKeptUnseen(last) { primary = last }
            return
        }
        let wasDemoted =
            !living.readOnly.isWritable || replicatesFromMember(last, living) || primaryMoved(living)
            || living.group.map { !groupLetsWrite(last, $0) } ?? false
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
        if successor(of: last) != nil || splitRival(of: last, among: rivals) != nil { return }
        primary = last
        restartPrimaryIfNeeded(living)
    }

    /// Other candidates that were already writable when the primary was last seen so. A rival that was seen
    /// later than the primary may be its successor: the next probe of the primary tells.
    private func confirmedRivals(of primary: NodeID, seenAt observation: Observation) -> [NodeID] {
        members.map(\.id).filter { id in
            guard id != primary, candidate(id) != nil, observation.isReachable, !arePeers(id, primary),
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
        if candidates.isEmpty, let last = memory.primary, isKeptUnseen(last) { return reopen(last) }
        guard let chosen = choose(heads(of: candidates)) else { return }
        let last = memory.primary
        closedReason = whyNotElectable(chosen)
        if closedReason != nil { return }
        let isMoved = observation(chosen).map(primaryMoved) ?? false
        guard chosen != last || isMoved else { return reopen(chosen) }
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
            reason: whyChosen(chosen, last),
            evidence: evidence(of: chosen))
    }

    private func whyChosen(_ chosen: NodeID, _ last: NodeID?) -> String {
        guard let last else { return "\(name(chosen)) accepts writes and replicates from no member" }
        if chosen == last { return "another server answers as \(name(chosen)), and accepts writes" }
        return "\(name(chosen)) was promoted; \(name(last)): \(whyNotPrimary(last))"
    }

    /// One of the candidates, or nil with `closedReason` set when it cannot be told which.
    private mutating func choose(_ candidates: [NodeID]) -> NodeID? {
        if candidates.count <= 1 { return candidates.first }
        let names = candidates.map(name).joined(separator: ", ")
        // With policy `stop`, a gate that was closed because of a rival stays closed until the rival is gone.
        if previous.gate.isOpen || memory.primary == nil || policy.twoWritable == .keep {
            // A candidate that was the primary until now is not given up, unless its followers gave it up.
            if let last = memory.primary, candidates.contains(last), policy.twoWritable == .keep,
                successor(of: last).map(candidates.contains) != true
            {
                return last
            }
            let ranked = candidates.map { (id: $0, followers: followers(of: $0)) }
                .sorted { ($0.followers, $1.id) > ($1.followers, $0.id) }
            if ranked[0].followers > ranked[1].followers,
                memory.primary != nil || !isBehindAnother(ranked[0].id, candidates)
            {
                return ranked[0].id
            }
            let covering = candidates.filter { coversLastPosition($0) == true }
            if memory.primary != nil, !memory.primaryPosition.isEmpty, covering.count == 1 { return covering[0] }
        }
        closedReason =
            "several nodes accept writes (\(names)) and the replicas do not tell which is right; "
            + "set read_only on the wrong ones"
        return nil
    }

    /// Whether another candidate has all that `id` has, and more: then it was promoted, and `id` came back.
    private func isBehindAnother(_ id: NodeID, _ candidates: [NodeID]) -> Bool {
        guard let mine = observation(id) else { return false }
        return candidates.contains { other in
            guard other != id, let theirs = observation(other) else { return false }
            let (position, otherPosition) = (mine.gtidCurrentPosition, theirs.gtidCurrentPosition)
            return policy.positionCovers(otherPosition, position, mine.flavor) == true
                && policy.positionCovers(position, otherPosition, mine.flavor) == false
        }
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
        let earlier = moved.contains(id) ? "" : previous.entry(id)?.gtid ?? ""
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
        memory.nodes[primary]?.alarms[.twoWritable] = nil
        memory.primaryIdentity = observation.identity
        memory.primaryFlavor = observation.flavor
        memory.primaryVersion = ServerVersion(observation.version)
        // Galera's nodes number for themselves, as long as wsrep_gtid_mode is off: nothing can be compared.
        memory.notePrimaryPosition(
            memory.kind == .galera ? "" : observation.gtidCurrentPosition, flavor: observation.flavor,
            nowUnixMilliseconds: now)
    }
}
