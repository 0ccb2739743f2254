// Members of a Galera cluster or of a replication group: who of them is written to, and who serves reads.

extension Evaluation {
    /// Whether two nodes are in one group.
    func arePeers(_ one: NodeID, _ other: NodeID) -> Bool {
        guard let left = observation(one), let right = observation(other), left.hasFacts, right.hasFacts,
            let mine = left.group, let theirs = right.group
        else { return false }
        return mine.kind == theirs.kind && !mine.groupID.isEmpty && mine.groupID == theirs.groupID
    }

    /// Whether the group lets `id` be written to. A donor is the last resort: it may stand still while it sends.
    func groupLetsWrite(_ id: NodeID, _ group: GroupMembership) -> Bool {
        if group.mayWrite { return true }
        guard group.isDonor else { return false }
        return !members.contains { member in
            guard member.id != id, arePeers(member.id, id), let peer = living(member.id), peer.isReachable else {
                return false
            }
            return peer.group?.mayWrite == true && peer.readOnly.isWritable
        }
    }

    /// One candidate of each group, by an order that every proxy finds, and each candidate without a group.
    func heads(of candidates: [NodeID]) -> [NodeID] {
        candidates.filter { id in
            guard let group = observation(id)?.group else { return true }
            return !candidates.contains { other in
                guard other != id, arePeers(other, id), let peer = observation(other)?.group else { return false }
                return peer.precedes(group)
            }
        }
    }

    /// What the cluster is: as its primary says, or else any node in a group.
    mutating func noteKind() {
        if let primary = memory.primary, let observation = observation(primary), observation.isReachable {
            memory.kind = observation.group?.kind ?? .replication
        } else if let group = seen.lazy.compactMap({ $0?.hasFacts == true ? $0?.group : nil }).first {
            memory.kind = group.kind
        }
    }

    /// A member that is not the one writes go to.
    func judgeGroupMember(_ id: NodeID, _ observation: Observation, _ group: GroupMembership) -> Verdict {
        var verdict = Verdict(role: .replica, state: .online, reason: "\(group.kind.words): \(group.state)")
        guard group.hasMajority else {
            verdict.state = .stopped
            verdict.reason += "; without a majority of its group it accepts nothing"
            return verdict
        }
        if let head = primary ?? memory.primary, head != id, !arePeers(id, head) {
            verdict.state = .stopped
            verdict.reason += "; not in the group of \(name(head))"
            return verdict
        }
        guard group.isOnline else {
            verdict.state = group.isDonor ? .lagging : isJoining(group) ? .connecting : .stopped
            if group.isDonor { verdict.reason += "; serves nothing while others are in sync" }
            if group.isClosed { verdict.reason += "; it refuses statements or does not replicate" }
            return verdict
        }
        verdict.lagMilliseconds = memory.lagMilliseconds(
            of: observation.gtidCurrentPosition, flavor: observation.flavor, nowUnixMilliseconds: now)
        if let lag = verdict.lagMilliseconds, lag > policy.maxLagMilliseconds {
            verdict.state = .lagging
            verdict.reason += "; more than \(policy.maxLagMilliseconds) ms behind"
            return verdict
        }
        if let primary { verdict.reason += "; writes go to \(name(primary))" }
        verdict.acceptsReads = true
        verdict.isGoodReader = true
        return verdict
    }

    /// On its way in: states that end by themselves.
    private func isJoining(_ group: GroupMembership) -> Bool {
        group.state == "RECOVERING" || (group.kind == .galera && group.state.hasPrefix("Join"))
    }
}
