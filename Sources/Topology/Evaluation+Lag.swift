// How far behind a replica is, and what that means for its reads.

extension Evaluation {
    /// The IO thread looks for its source. While that source is dead or nobody is primary, the replica is as fresh
    /// as anything and goes on serving; while the source lives, it only has a grace.
    func judgeConnecting(_ id: NodeID, _ channel: ReplicationChannel) -> Verdict {
        var verdict = Verdict(
            role: .replica, state: .connecting,
            reason: "connecting to \(channel.sourceHost):\(channel.sourcePort)"
                + (channel.lastIOError.isEmpty ? "" : ": \(channel.lastIOError)"))
        var isSourceDead = primary == nil
        if case .member(let source) = source(of: channel, at: id), let observation = observation(source) {
            isSourceDead = isSourceDead || observation.failure != nil
        }
        let before = previous.entry(id)
        let wasReader = before.map { $0.acceptsReads || $0.state == .starting } ?? true
        if isSourceDead {
            verdict.acceptsReads = wasReader
        } else if let good = memory.nodes[id]?.goodReaderUnixMilliseconds {
            verdict.acceptsReads = now - good <= policy.connectingGraceMilliseconds
        }
        return verdict
    }

    func judgeLag(_ id: NodeID, _ observation: Observation) -> Verdict {
        var verdict = Verdict(role: .replica, state: .online, reason: "")
        let measured = memory.lagMilliseconds(
            of: observation.gtidCurrentPosition, flavor: observation.flavor, nowUnixMilliseconds: now)
        var visited: Set<NodeID> = []
        verdict.lagMilliseconds = measured ?? reportedLag(id, observation, &visited)
        let sources = sourceNames(id, observation)
        guard let lag = verdict.lagMilliseconds else {
            verdict.state = .lagging
            verdict.reason = "replicates from \(sources), but how far it is behind is NULL"
            verdict.acceptsReads = isInGrace(id)
            return verdict
        }
        if lag > policy.maxLagMilliseconds {
            verdict.state = .lagging
            verdict.reason = "more than \(policy.maxLagMilliseconds) ms behind \(sources)"
            return verdict
        }
        verdict.reason = "replicates from \(sources)"
        verdict.acceptsReads = true
        verdict.isGoodReader = true
        return verdict
    }

    /// The sum of what the replicas of a chain say of themselves, in milliseconds; nil when one of them knows nothing.
    private func reportedLag(_ id: NodeID, _ observation: Observation, _ visited: inout Set<NodeID>) -> Int? {
        visited.insert(id)
        var worst = 0
        for channel in observation.channels {
            guard let seconds = channel.secondsBehind else { return nil }
            var lag = seconds.multipliedReportingOverflow(by: 1_000).partialValue
            if case .member(let source) = source(of: channel, at: id), source != (primary ?? memory.primary),
                let above = self.observation(source), !above.channels.isEmpty, !visited.contains(source)
            {
                guard let further = reportedLag(source, above, &visited) else { return nil }
                lag = lag.addingReportingOverflow(further).partialValue
            }
            worst = max(worst, lag)
        }
        return worst
    }

    func sourceNames(_ id: NodeID, _ observation: Observation) -> String {
        observation.channels.map { channel in
            switch source(of: channel, at: id) {
            case .member(let source): name(source)
            case .outside: "\(channel.sourceHost):\(channel.sourcePort) (outside the cluster)"
            }
        }.joined(separator: ", ")
    }
}
