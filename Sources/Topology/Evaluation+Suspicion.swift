// What other nodes say of a primary that does not answer, and how much of the cluster this proxy sees at all.

extension Evaluation {
    /// Notes what each replica received from the primary, and since when a node is not seen.
    mutating func noteFeeds() {
        for member in members {
            guard let observation = observation(member.id) else { continue }
            var node = memory.nodes[member.id, default: .init()]
            if observation.failure == nil {
                node.unseenSinceMilliseconds = nil
                noteFeed(member.id, observation, &node)
            } else if node.unseenSinceMilliseconds == nil {
                node.unseenSinceMilliseconds = observation.observedAtMilliseconds
            }
            memory.nodes[member.id] = node
        }
    }

    /// Heartbeats and transactions that came since the last look.
    private func noteFeed(_ id: NodeID, _ observation: Observation, _ node: inout EvaluationMemory.NodeMemory) {
        guard let primary = memory.primary else { return }
        let channels = memberChannels(id, observation).filter { $0.source == primary }.map(\.channel)
        if channels.contains(where: \.isRunning) {
            node.followedEpoch = epoch
        } else if follows(id, observation, belowReplicaOf: primary) {
            node.followedEpoch = 0
        }
        let fed = channels.filter { $0.ioThread == .running }
            .map { "\($0.name)|\($0.receivedHeartbeats ?? 0)|\($0.gtidReceived)" }.joined(separator: ";")
        guard !fed.isEmpty else {
            node.fed = nil
            node.newsMilliseconds = nil
            return
        }
        if node.fed != nil && node.fed != fed {
            node.newsMilliseconds = (after: node.fedSeenAtMilliseconds, before: observation.observedAtMilliseconds)
        }
        node.fed = fed
        node.fedSeenAtMilliseconds = observation.observedAtMilliseconds
    }

    /// Whether a node follows one that is seen to follow `primary` itself.
    private func follows(_ id: NodeID, _ observation: Observation, belowReplicaOf primary: NodeID) -> Bool {
        memberChannels(id, observation).contains { channel, source in
            channel.isRunning && self.observation(source)?.isReachable == true && leads(source, to: primary)
        }
    }

    /// How many members that are not down replicate from `id`.
    private func seenFollowers(of id: NodeID) -> Int {
        members.count { member in
            guard member.id != id, let replica = living(member.id) else { return false }
            return memberChannels(member.id, replica).contains { $0.source == id && $0.channel.isRunning }
        }
    }

    /// The replicas that received something from `id` after this proxy lost it: proof that it lives. What they were
    /// only seen to have after that may have come before.
    func feeding(_ id: NodeID) -> [NodeID] {
        guard let since = memory.nodes[id]?.unseenSinceMilliseconds else { return [] }
        return members.map(\.id).filter { replica in
            // One that is not seen any more may have lost it meanwhile.
            guard replica != id, observation(replica)?.isReachable == true,
                let news = memory.nodes[replica]?.newsMilliseconds
            else { return false }
            return news.after >= since
        }
    }

    /// Whether all replicas of a silent primary, seen after it fell silent, have lost it as well.
    func replicasLost(_ observation: Observation) -> Bool {
        guard observation.failure != nil, let since = memory.nodes[observation.node]?.unseenSinceMilliseconds else {
            return false
        }
        var lost = 0
        for member in members where member.id != observation.node && sameServerAs[member.id.index] == nil {
            guard let replica = self.observation(member.id), replica.hasFacts else { continue }
            let channels = memberChannels(member.id, replica).filter { $0.source == observation.node }
            if channels.isEmpty { continue }
            guard replica.isReachable, replica.observedAtMilliseconds >= since,
                channels.allSatisfy({ $0.channel.ioThread == .connecting })
            else { return false }
            lost += 1
        }
        return lost > 0
    }

    /// With policy `keep`: a primary that only its replicas see goes on, while one received from it lately, it was
    /// writable when it was seen last, and nobody else could be meant.
    func isKeptUnseen(_ id: NodeID) -> Bool {
        guard policy.unseenPrimary == .keep, let observation = observation(id), observation.hasFacts,
            !observation.isGone, observation.failure != nil, observation.readOnly.isWritable,
            sameServerAs[id.index] == nil, !members.contains(where: { $0.id != id && candidate($0.id) != nil })
        else { return false }
        let newest = seen.compactMap { $0?.observedAtMilliseconds }.max() ?? 0
        return feeding(id).contains { replica in
            guard let news = memory.nodes[replica]?.newsMilliseconds else { return false }
            return newest - news.before <= policy.feedFreshMilliseconds
        }
    }

    /// Whom the replicas that followed `last` in its reign follow now, if more of them than `last` has left follow one
    /// that does not follow `last` itself: somebody failed over past a primary that could not be demoted, whether this
    /// proxy sees the new one or not. Followers alone do not tell: right after a promotion they are the old primary's.
    func successor(of last: NodeID) -> NodeID? {
        guard memory.primary == last, epoch > 0 else { return nil }
        let remaining = seenFollowers(of: last)
        for member in members where member.id != last && memory.nodes[member.id]?.followedEpoch == epoch {
            guard let replica = observation(member.id), replica.isReachable else { continue }
            for (channel, source) in memberChannels(member.id, replica)
            where channel.isRunning && source != last && seenFollowers(of: source) > remaining {
                let isBelow = observation(source)?.isReachable == true && leads(source, to: last)
                if !isBelow { return source }
            }
        }
        return nil
    }

    /// A replica of `last` in its reign that accepts writes now and has some that `last` lacks, while no replica is seen
    /// to follow `last`: it was promoted past `last`, and other proxies may write to it. An older primary that came
    /// back with what it lost is none.
    func splitRival(of last: NodeID, among rivals: [NodeID]) -> NodeID? {
        guard let mine = observation(last), memory.kind != .galera, seenFollowers(of: last) == 0 else { return nil }
        return rivals.first { rival in
            guard rival != last, memory.nodes[rival]?.followedEpoch == epoch, !arePeers(rival, last),
                let theirs = candidate(rival)
            else { return false }
            return policy.positionCovers(mine.gtidCurrentPosition, theirs.gtidCurrentPosition, mine.flavor) == false
        }
    }

    /// Why a candidate is not taken although it is the best there is: another node, which this proxy does not see,
    /// shows in its replicas that it may be the primary.
    func whyNotElectable(_ chosen: NodeID) -> String? {
        if chosen == memory.primary {
            if let rival = splitRival(of: chosen, among: members.map(\.id)) {
                return
                    "\(name(chosen)) and \(name(rival)) accept writes, \(name(rival)) has some that \(name(chosen)) lacks, "
                    + "and no replica is seen to follow \(name(chosen)); set read_only on the wrong one"
            }
            guard let successor = successor(of: chosen) else { return nil }
            return "the replicas of \(name(chosen)) follow \(name(successor)) now (\(whyNotPrimary(successor)))"
        }
        if let last = memory.primary {
            guard let observation = observation(last), observation.failure != nil, !observation.isGone,
                observation.readOnly.isWritable, let witness = feeding(last).first
            else { return nil }
            return "\(name(chosen)) accepts writes, but \(name(last)), which this proxy does not reach, accepted them, "
                + "too, and \(name(witness)) still receives from it"
        }
        guard let (head, witness) = unseenHead(), followers(of: head) > followers(of: chosen), !leads(head, to: chosen)
        else { return nil }
        return "\(name(chosen)) accepts writes, but \(name(witness)) receives from \(name(head)), which this proxy "
            + "does not reach and which may be the primary"
    }

    /// A node that never answered this proxy, and one of the replicas that are connected to it.
    private func unseenHead() -> (head: NodeID, witness: NodeID)? {
        for member in members {
            guard let replica = observation(member.id), replica.isReachable else { continue }
            for (channel, source) in memberChannels(member.id, replica) where channel.ioThread == .running {
                if let above = observation(source), !above.hasFacts { return (source, member.id) }
            }
        }
        return nil
    }

    /// Tells when the failure lies between this proxy and the primary.
    mutating func tellUnseenPrimary() {
        guard let primary = memory.primary, let observation = observation(primary) else { return }
        let witnesses = isDown(observation) ? feeding(primary) : []
        tell(
            .unseenPrimary, of: primary, if: !witnesses.isEmpty, kind: RoutingEventKind.primaryUnseen,
            reason: "\(name(primary)) does not answer the probes (\(observation.failure?.text ?? "")), but "
                + "\(witnesses.map(name).joined(separator: ", ")) received from it since: the failure lies between "
                + "this proxy and \(name(primary)); policy \(policy.unseenPrimary.rawValue)",
            evidence: witnesses.isEmpty
                ? "" : ([primary] + witnesses).map { evidence(of: $0) }.joined(separator: "; "))
    }

    /// Closes the gate of a proxy that is cut off. What counts are the nodes that the settings name: those that were
    /// discovered come and go. The members of a group know better who is with the majority. A host that refuses a connection, or takes it and says nothing, is not out of reach.
    mutating func judgeMajority() {
        let electors = members.filter { $0.isConfigured && sameServerAs[$0.id.index] == nil }
        switch policy.majority {
        case .ignore: return
        case .auto where electors.count < 3 || memory.kind != .replication: return
        case .auto, .required: break
        }
        let unseen = electors.filter { member in
            guard let observation = observation(member.id), let failure = observation.failure else { return false }
            return isDown(observation) && !failure.isHostReached
        }
        guard (electors.count - unseen.count) * 2 <= electors.count, !unseen.isEmpty else { return }
        closedReason =
            "this proxy reaches \(electors.count - unseen.count) of \(electors.count) configured nodes, no majority "
            + "(out of reach: \(unseen.map(\.name).joined(separator: ", "))): the others may have another primary; "
            + "policy majority=\(policy.majority.rawValue)"
    }
}
