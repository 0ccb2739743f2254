// The events of nodes: what differs between two tables, and conditions that are told when they begin.

extension Evaluation {
    /// Records what changed for each node.
    mutating func compareWithPrevious() {
        for entry in entries {
            if let before = previous.entry(entry.id) ?? initialEntry(entry.id) { recordChange(from: before, to: entry) }
            tellConditions(entry)
        }
        tellUnseenPrimary()
        judgeZones()
    }

    private func initialEntry(_ id: NodeID) -> RoutingEntry? {
        members.indices.contains(id.index) ? RoutingEntry(member: members[id.index], nowUnixMilliseconds: now) : nil
    }

    private mutating func recordChange(from before: RoutingEntry, to entry: RoutingEntry) {
        guard before.role != entry.role || before.state != entry.state else { return }
        guard let kind = kind(from: before, to: entry) else { return }
        let isOrdered = kind == RoutingEventKind.nodeDraining || kind == RoutingEventKind.nodeEnabled
        record(
            kind, node: entry.id, from: "\(before.role.rawValue) \(before.state.rawValue)",
            to: "\(entry.role.rawValue) \(entry.state.rawValue)", reason: entry.reason,
            evidence: evidence(of: entry.id) + (isOrdered ? orderEvidence(entry.id) : ""))
    }

    private func kind(from before: RoutingEntry, to entry: RoutingEntry) -> String? {
        if before.state == .draining && entry.state != .draining && entry.state != .down {
            return RoutingEventKind.nodeEnabled
        }
        switch entry.state {
        case .online:
            if before.state == .down || before.state == .refused { return RoutingEventKind.nodeUp }
            if entry.role == .primary { return nil }
            return before.state == .online ? RoutingEventKind.nodeChanged : RoutingEventKind.replicaOnline
        case .lagging: return RoutingEventKind.replicaLagging
        case .stopped: return RoutingEventKind.replicaStopped
        case .connecting: return RoutingEventKind.replicaConnecting
        case .starting: return nil
        case .readOnly: return RoutingEventKind.primaryReadOnly
        case .down: return RoutingEventKind.nodeDown
        case .refused: return RoutingEventKind.nodeRefused
        case .wrongVersion: return RoutingEventKind.wrongVersion
        case .draining: return RoutingEventKind.nodeDraining
        case .writable: return RoutingEventKind.nodeChanged
        case .unknown: return RoutingEventKind.nodeDuplicate
        }
    }

    private mutating func tellConditions(_ entry: RoutingEntry) {
        guard let observation = observation(entry.id), observation.isReachable else { return }
        // A rival's end is seen here also while nobody is primary.
        if candidate(entry.id) == nil { end(.twoWritable, of: entry.id) }
        let isReplica = entry.role == .replica && observation.group == nil
        tell(
            .writableReplica, of: entry.id, if: isReplica && observation.readOnly.isWritable,
            kind: RoutingEventKind.writableReplica,
            reason: "\(entry.name) replicates, but read_only is OFF; set it, or a stray write forks the cluster",
            evidence: evidence(of: entry.id))
        tell(
            .externalSource, of: entry.id,
            if: entry.role == .primary && followsOutside(entry.id, observation),
            kind: RoutingEventKind.externalSource,
            reason: "\(entry.name) takes the writes and itself replicates from "
                + observation.channels.map { "\($0.sourceHost):\($0.sourcePort)" }.joined(separator: ", "),
            evidence: evidence(of: entry.id))
        tell(
            .semiSyncSource, of: entry.id, if: isReplica && observation.semiSync.isSourceEnabled,
            kind: RoutingEventKind.semiSyncSourceOnReplica,
            reason: "the semi-sync source side is enabled on the replica \(entry.name): its SQL thread may wait for "
                + "acknowledgements nobody sends; set rpl_semi_sync_master_enabled=OFF there")
        tellPrimaryConditions(entry, observation)
        tell(
            .missingPrivilege, of: entry.id, if: !observation.missingPrivileges.isEmpty,
            kind: RoutingEventKind.monitorPrivilege, reason: observation.missingPrivileges.joined(separator: "; "))
    }

    private mutating func tellPrimaryConditions(_ entry: RoutingEntry, _ observation: Observation) {
        let isPrimary = entry.role == .primary
        tell(
            .writesStalled, of: entry.id, if: isPrimary && observation.stalledThreads > 0,
            kind: RoutingEventKind.writesStalled,
            reason: "a global read lock holds up \(observation.stalledThreads) threads of \(entry.name) (FLUSH TABLES "
                + "WITH READ LOCK of a switchover or a backup): writes wait there until it is released")
        let semiSync = observation.semiSync
        tell(
            .semiSyncInactive, of: entry.id,
            if: isPrimary && semiSync.isSourceEnabled && semiSync.isSourceActive == false,
            kind: RoutingEventKind.semiSyncInactive,
            reason: "semi-sync is enabled on \(entry.name), but it acknowledges without waiting for a replica "
                + "(\(semiSync.replicasAcknowledging.map { "\($0)" } ?? "unknown") replicas acknowledge): what it "
                + "acknowledges now can be lost with it",
            evidence: evidence(of: entry.id))
    }
}
