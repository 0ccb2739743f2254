// What each node is and whether it serves reads, once it is known who takes the writes.

/// A judgement of one node.
struct Verdict {
    var role: NodeRole
    var state: NodeState
    var reason: String
    var acceptsReads = false
    /// Serves reads on its own merit, not by grace.
    var isGoodReader = false
    var lagMilliseconds: Int?
}

extension Evaluation {
    /// Opens or closes the gate by `primary`.
    mutating func settleGate() {
        if let primary {
            gate = .open(epoch: epoch, primary: primary)
            if case .closed(let reason, let since) = previous.gate {
                memory.closedMilliseconds += max(0, now - since)
                record(
                    RoutingEventKind.gateOpened, node: primary, from: "closed", to: "open",
                    reason: "\(name(primary)) takes the writes after \(max(0, now - since)) ms: \(reason)",
                    evidence: evidence(of: primary))
            }
            return
        }
        let each = members.map { "\($0.name): \(whyNotPrimary($0.id))" }.joined(separator: "; ")
        let reason = String(
            (closedReason ?? "no node accepts writes: \(each)").prefix(Evaluator.gateReasonCharactersMaximum))
        if case .closed(_, let since) = previous.gate {
            gate = .closed(reason: reason, sinceUnixMilliseconds: since)
        } else {
            gate = .closed(reason: reason, sinceUnixMilliseconds: now)
            record(
                RoutingEventKind.gateClosed, node: memory.primary, from: "open", to: "closed", reason: reason,
                evidence: memory.primary.map(evidence) ?? "")
        }
    }

    /// Builds the entries.
    mutating func judgeNodes() {
        entries.reserveCapacity(members.count)
        for member in members {
            var verdict = judge(member)
            drain(member, &verdict)
            if verdict.isGoodReader { memory.nodes[member.id, default: .init()].goodReaderUnixMilliseconds = now }
            entries.append(entry(member, verdict))
        }
    }

    private func judge(_ member: ClusterMember) -> Verdict {
        guard let observation = observation(member.id) else {
            return Verdict(role: .unknown, state: .starting, reason: "not probed yet")
        }
        if let first = sameServerAs[member.id.index] {
            return Verdict(role: .unknown, state: .unknown, reason: "the same server as \(name(first))")
        }
        if let failure = observation.failure { return judgeSilent(member, observation, failure) }
        if primary == member.id {
            let isFed = observation.channels.contains(where: \.isRunning)
            return Verdict(
                role: .primary, state: .online,
                reason: (isFed
                    ? "accepts writes; itself replicates from \(sourceNames(member.id, observation))"
                    : "accepts writes") + (observation.group.map { "; \($0.kind.words): \($0.state)" } ?? ""),
                acceptsReads: true, isGoodReader: true, lagMilliseconds: 0)
        }
        if let group = observation.group, !isRival(member.id, group) {
            return judgeGroupMember(member.id, observation, group)
        }
        if observation.readOnly.isWritable, !replicatesFromMember(member.id, observation),
            !(policy.externalSource == .replica && followsOutside(member.id, observation))
        {
            return judgeWritable(member)
        }
        var verdict = judgeReplica(member.id, observation)
        if observation.readOnly.isWritable { verdict.reason += "; read_only is OFF although it replicates" }
        return verdict
    }

    /// Whether a member of a group accepts writes without being a peer of who takes them.
    private func isRival(_ id: NodeID, _ group: GroupMembership) -> Bool {
        guard candidate(id) != nil, let head = primary ?? memory.primary else { return false }
        return head == id || !arePeers(id, head)
    }

    /// The last probe failed: what was known stays true until the node counts as down.
    private func judgeSilent(_ member: ClusterMember, _ observation: Observation, _ failure: ProbeFailure) -> Verdict {
        let before = previous.entry(member.id)
        let roleBefore = before?.role ?? .unknown
        let role = primary == member.id ? .primary : (roleBefore == .primary ? .unknown : roleBefore)
        if !isDown(observation), let before {
            return Verdict(
                role: role, state: before.state,
                reason: "\(observation.consecutiveFailures) probe failed: \(failure.text)",
                acceptsReads: before.acceptsReads, lagMilliseconds: before.lagMilliseconds)
        }
        if primary == member.id {
            return Verdict(
                role: role, state: .online,
                reason:
                    "does not answer the probes (\(failure.text)), but its replicas receive from it; kept by policy",
                acceptsReads: true)
        }
        let isRefused = failure.kind == .loginRefused || failure.kind == .privilege
        return Verdict(role: role, state: isRefused ? .refused : .down, reason: failure.text)
    }

    /// Accepts writes, follows nobody here, and is not the one writes go to.
    private func judgeWritable(_ member: ClusterMember) -> Verdict {
        var verdict = Verdict(role: .unknown, state: .writable, reason: "")
        if let primary {
            // A rival may lack what was committed since the two parted: it serves nothing. A node the primary was
            // not seen beside yet is probably its successor, and keeps what it had.
            if memory.nodes[member.id]?.alarms[.twoWritable] != nil {
                verdict.reason = "accepts writes, but \(name(primary)) is the primary; nothing is sent here"
            } else {
                verdict.reason = "became writable; waiting for the next probe of \(name(primary))"
                verdict.acceptsReads = isInGrace(member.id)
            }
        } else if memory.primary == member.id {
            verdict.reason = "accepts writes, but the gate is closed: \(closedReason ?? "")"
            verdict.acceptsReads = true
        } else {
            verdict.reason = "accepts writes, but is not taken as the primary: \(closedReason ?? "")"
            verdict.acceptsReads = isInGrace(member.id)
        }
        return verdict
    }

    /// Whether a former reader still serves reads: only around a switchover, and not for long.
    func isInGrace(_ id: NodeID) -> Bool {
        guard let good = memory.nodes[id]?.goodReaderUnixMilliseconds else { return false }
        let isSwitching = primary == nil || now - memory.gateOpenedUnixMilliseconds <= policy.readGraceMilliseconds
        return isSwitching && now - good <= policy.readGraceMilliseconds
    }

    private func judgeReplica(_ id: NodeID, _ observation: Observation) -> Verdict {
        var verdict = Verdict(role: .replica, state: .online, reason: "replicates")
        if observation.channels.isEmpty { return judgeStandalone(id, observation) }
        if let reason = versionConflict(observation) {
            verdict.state = .wrongVersion
            verdict.reason = reason
            return verdict
        }
        for channel in observation.channels {
            if let reason = stopReason(channel) {
                verdict.state = .stopped
                verdict.reason = reason
                verdict.acceptsReads = isInGrace(id)
                return verdict
            }
        }
        if let root = primary ?? memory.primary, root != id, !leads(id, to: root) {
            verdict.state = .stopped
            verdict.reason = "replicates from \(sourceNames(id, observation)), which does not follow \(name(root))"
            verdict.acceptsReads = isInGrace(id)
            return verdict
        }
        if let channel = observation.channels.first(where: { $0.ioThread == .connecting }) {
            return judgeConnecting(id, channel)
        }
        return judgeLag(id, observation)
    }

    /// Read-only, and replicates from nobody.
    private func judgeStandalone(_ id: NodeID, _ observation: Observation) -> Verdict {
        guard memory.primary == id else {
            return Verdict(
                role: previous.entry(id)?.role == .replica ? .replica : .unknown, state: .stopped,
                reason: "read-only and not replicating", acceptsReads: isInGrace(id))
        }
        // Nobody has newer data while the gate is closed: its reads are the best there are.
        return Verdict(
            role: .unknown, state: .readOnly,
            reason: "was the primary; read_only is ON and it replicates from nobody yet",
            acceptsReads: true)
    }

    private func stopReason(_ channel: ReplicationChannel) -> String? {
        let label = channel.name.isEmpty ? "" : " of channel '\(channel.name)'"
        if channel.sqlThread != .running {
            return "the SQL thread\(label) is stopped"
                + (channel.lastSQLError.isEmpty ? "" : ": \(channel.lastSQLError)")
        }
        if channel.ioThread == .stopped {
            return "the IO thread\(label) is stopped" + (channel.lastIOError.isEmpty ? "" : ": \(channel.lastIOError)")
        }
        return nil
    }

    private func versionConflict(_ observation: Observation) -> String? {
        guard memory.primary != nil, memory.primaryFlavor != .unknown, observation.flavor != .unknown else {
            return nil
        }
        if observation.flavor != memory.primaryFlavor {
            return "\(observation.version) is another flavor of server than the primary's"
        }
        guard let primaryVersion = memory.primaryVersion, let version = ServerVersion(observation.version),
            !version.canFollow(primaryVersion)
        else { return nil }
        return "version \(observation.version) is a major version older than the primary's "
            + "\(primaryVersion.major).\(primaryVersion.minor).\(primaryVersion.patch)"
    }

    private func drain(_ member: ClusterMember, _ verdict: inout Verdict) {
        guard member.isDraining else { return }
        switch verdict.state {
        case .starting, .down, .refused, .wrongVersion, .unknown: return
        case .online, .lagging, .stopped, .connecting, .readOnly, .writable, .draining: break
        }
        verdict.state = .draining
        let who = member.drainOrder?.user ?? "an admin"
        if primary == member.id {
            verdict.reason = "drained by \(who); the primary goes on taking writes"
        } else {
            verdict.reason = "drained by \(who); \(verdict.reason)"
            verdict.acceptsReads = false
        }
    }

    private func entry(_ member: ClusterMember, _ verdict: Verdict) -> RoutingEntry {
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: now)
        entry.role = verdict.role
        entry.state = verdict.state
        entry.reason = verdict.reason
        entry.acceptsReads = verdict.acceptsReads
        entry.acceptsWrites = primary == member.id
        entry.lagMilliseconds = verdict.lagMilliseconds
        entry.sharesPositions = memory.kind != .galera
        entry.moves = memory.nodes[member.id]?.moves ?? 0
        entry.isUnseen = observation(member.id)?.failure.map { !$0.isHostReached } ?? false
        if let observation = observation(member.id), observation.hasFacts {
            // Members of a group apply what it agreed on, also the one that is written to.
            entry.appliesFromOthers =
                memory.kind != .replication || observation.channels.contains { $0.sqlThread != .stopped }
            entry.gtid = entry.sharesPositions ? observation.gtidCurrentPosition : ""
            entry.gtidLogged = entry.sharesPositions ? observation.gtidBinlogPosition : ""
            entry.gtidAskedAtMilliseconds = observation.askedAtMilliseconds
            entry.serverVersion = observation.version
            entry.flavor = observation.flavor
            entry.serverID = observation.serverID
            entry.collation = observation.collation
            entry.capabilities = observation.capabilities
        }
        if let before = previous.entry(member.id), before.role == entry.role, before.state == entry.state {
            entry.sinceUnixMilliseconds = before.sinceUnixMilliseconds
        }
        return entry
    }
}
