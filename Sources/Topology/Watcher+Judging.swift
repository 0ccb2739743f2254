// From an observation to a published table: what happens on the control queue after each probe.

import Dispatch
import Logging
import Synchronization

extension Watcher {
    /// A probe came back.
    func observed(_ observation: Observation) {
        let isRunning = state.withLock { state -> Bool in
            state.noteNewConnection(observation)
            state.observations[observation.node] = observation
            return state.isRunning
        }
        guard isRunning else { return }
        // What the others say of a silent primary is wanted now, and who is promoted may be one of them.
        if observation.consecutiveFailures == 1, currentTable.primary?.id == observation.node { probeNow(nil) }
        judge()
        discover()
    }

    /// Evaluates, publishes, and adjusts how often nodes are probed.
    func judge(also extra: [RoutingEvent] = []) {
        let outcome = state.withLock { state -> (table: RoutingTable, events: [RoutingEvent], isNew: Bool) in
            let before = state.table
            state.policy.pausing.expire(nowMilliseconds: monotonicMilliseconds())
            var (table, events) = Evaluator.evaluate(
                previous: before, members: state.members, observations: state.orderedObservations,
                policy: state.policy, nowUnixMilliseconds: unixMilliseconds())
            events = extra + events
            state.table = table
            state.history.append(contentsOf: events)
            return (table, events, table.version != before.version)
        }
        for event in outcome.events { log(event) }
        if outcome.isNew || !outcome.events.isEmpty { publish(outcome.table, outcome.events) }
        adjustProbing(outcome.table, outcome.events)
        if outcome.table.primary != nil { fetchAccountsIfDue(isAsked: false) }
    }

    /// A session gave up a position because the primary, at `primary`, does not have it. One of each reign is told:
    /// there may be as many as sessions.
    package func notePositionLost(_ position: String, _ primary: String) {
        control.async { [self] in
            let event = state.withLock { state -> RoutingEvent? in
                guard state.lostPositionEpoch != state.table.epoch else { return nil }
                state.lostPositionEpoch = state.table.epoch
                let event = RoutingEvent(
                    unixMilliseconds: unixMilliseconds(), cluster: cluster, node: state.table.primary?.name,
                    kind: RoutingEventKind.positionLost, from: position, to: primary, epoch: state.table.epoch,
                    reason: "a session's reads had to wait for what the primary does not have; they do not any more",
                    evidence: "")
                state.history.append(contentsOf: [event])
                return event
            }
            if let event { log(event) }
        }
    }

    private func log(_ event: RoutingEvent) {
        let level: Logger.Level
        switch event.kind {
        case RoutingEventKind.gateClosed, RoutingEventKind.twoWritable, RoutingEventKind.lostGTID,
            RoutingEventKind.positionLost, RoutingEventKind.nodeDown, RoutingEventKind.nodeRefused,
            RoutingEventKind.wrongVersion, RoutingEventKind.nodeEjected, RoutingEventKind.circuitOpened,
            RoutingEventKind.primaryUnseen, RoutingEventKind.zoneDown, RoutingEventKind.writesStalled,
            RoutingEventKind.semiSyncInactive, RoutingEventKind.nodeMoved:
            level = .warning
        default: level = .info
        }
        logger.log(
            level: level, "\(event.kind): \(event.reason)",
            metadata: ["cluster": "\(event.cluster)", "node": "\(event.node ?? "")", "epoch": "\(event.epoch)"])
    }

    /// The primary is probed more often; everybody is, while nobody may be written to. A rival is settled by
    /// looking at the primary at once.
    private func adjustProbing(_ table: RoutingTable, _ events: [RoutingEvent]) {
        let probers = state.withLock { $0.probers }
        var all = intervals.replicaMilliseconds
        if case .closed(_, let since) = table.gate,
            unixMilliseconds() - since <= Int64(intervals.hurryMilliseconds)
        {
            all = min(all, intervals.gateClosedMilliseconds)
        }
        for (index, prober) in probers.enumerated() {
            let isPrimary = table.primary?.id.index == index
            prober.setInterval(milliseconds: isPrimary ? min(all, intervals.primaryMilliseconds) : all)
        }
        let isRivalNew = events.contains {
            $0.kind == RoutingEventKind.nodeChanged && $0.to.hasSuffix(NodeState.writable.rawValue)
        }
        if isRivalNew || events.contains(where: { $0.kind == RoutingEventKind.gateClosed }) { probeNow(nil) }
    }

    // MARK: Discovery

    /// Tries the addresses that members tell of, one round at a time, away from the control queue.
    func discover() {
        let now = monotonicMilliseconds()
        let due = state.withLock { state -> [DiscoveryCandidate] in
            guard state.isRunning, !state.isDiscovering else { return [] }
            let candidates = Discovery.candidates(
                members: state.members, observations: state.orderedObservations, policy: state.policy)
            let due = candidates.filter {
                now - (state.candidatesTried[$0.address] ?? .min / 2) >= Int64(intervals.discoveryMilliseconds)
            }
            guard !due.isEmpty else { return [] }
            state.isDiscovering = true
            if state.candidatesTried.count > Discovery.candidatesMaximum { state.candidatesTried.removeAll() }
            for candidate in due { state.candidatesTried[candidate.address] = now }
            return due
        }
        guard !due.isEmpty else { return }
        discoveryQueue.async {
            for candidate in due where self.state.withLock({ $0.isRunning }) {
                let probe = NodeProbe(
                    node: NodeID(index: Int(Int32.max)), address: candidate.address, credentials: self.credentials,
                    budgetMilliseconds: Int64(self.intervals.budgetMilliseconds))
                let answer = probe.run()
                self.control.async { self.candidateAnswered(candidate, answer) }
            }
            self.control.async { self.state.withLock { $0.isDiscovering = false } }
        }
    }

    private func candidateAnswered(_ candidate: DiscoveryCandidate, _ answer: Observation) {
        let added = state.withLock { state -> (event: RoutingEvent, prober: NodeProber)? in
            guard state.isRunning, state.members.count < Discovery.membersMaximum else { return nil }
            let outcome = Discovery.outcome(
                of: candidate, answer: answer, members: state.members, observations: state.orderedObservations)
            switch outcome {
            case .alias(let node):
                state.members[node.index].aliases.append(candidate.address)
                return nil
            case .stranger(let reason):
                logger.debug("\(candidate.address) is no member: \(reason)")
                return nil
            case .member:
                return add(candidate, answer, &state)
            }
        }
        guard let added else { return }
        added.prober.probeSoon()
        judge(also: [added.event])
    }

    private func add(
        _ candidate: DiscoveryCandidate, _ answer: Observation, _ state: inout WatcherState
    ) -> (event: RoutingEvent, prober: NodeProber) {
        let id = NodeID(index: state.members.count)
        let member = ClusterMember(
            id: id, name: candidate.address.description, address: candidate.address, isConfigured: false)
        let prober = takeIn(member, answer, &state)
        let via = state.members[candidate.via.index].name
        let event = RoutingEvent(
            unixMilliseconds: unixMilliseconds(), cluster: cluster, node: member.name,
            kind: RoutingEventKind.nodeDiscovered, from: "", to: candidate.address.description,
            epoch: state.table.epoch, reason: "\(via) told of it",
            evidence: "server_id=\(answer.serverID) version=\(answer.version)")
        return (event, prober)
    }

    /// A member by what it just answered: from now on it is probed.
    func takeIn(_ member: ClusterMember, _ answer: Observation, _ state: inout WatcherState) -> NodeProber {
        state.members.append(member)
        let prober = makeProber(member)
        state.probers.append(prober)
        var observation = answer
        observation.node = member.id
        state.observations[member.id] = observation
        return prober
    }
}
