// Other settings for a watcher that runs: what it knows of its nodes stays.

import Dispatch
import Logging
import Synchronization

/// How a watcher probes.
struct Probing: Sendable {
    var credentials: MonitorCredentials
    var intervals: ProbeIntervals
}

extension Watcher {
    var credentials: MonitorCredentials { probing.withLock { $0.credentials } }
    var intervals: ProbeIntervals { probing.withLock { $0.intervals } }

    /// The most members that a watcher has, configured and discovered.
    package static var membersMaximum: Int { Discovery.membersMaximum }

    /// Probes and judges by other settings from now on. Seeds that are members already take over name, zone and weight;
    /// the others become members when they were probed once, so that a node which nobody has seen yet counts for nothing.
    /// Members that are no seeds stay. Returns at once.
    package func adopt(
        seeds: [ProbeNode], monitorUser: String, monitorPassword: String, tls: ProbeTLS?, policy: ClusterPolicy,
        intervals: ProbeIntervals
    ) {
        let new = Probing(
            credentials: MonitorCredentials(user: monitorUser, password: monitorPassword, tls: tls),
            intervals: intervals)
        let needsProbers = probing.withLock { probing in
            defer { probing = new }
            return probing.credentials != new.credentials
                || probing.intervals.budgetMilliseconds != new.intervals.budgetMilliseconds
        }
        control.async {
            if needsProbers { self.replaceProbers() }
            for seed in seeds where !self.update(seed) { self.probeBeforeAdding(seed) }
        }
        // Judges, and so adjusts how often nodes are probed.
        setPolicy(policy)
    }

    /// New probers connect by the new settings; what the old ones still report is true all the same.
    private func replaceProbers() {
        let (old, new) = state.withLock { state -> ([NodeProber], [NodeProber]) in
            guard state.isRunning else { return ([], []) }
            let old = state.probers
            state.probers = state.members.map { makeProber($0) }
            return (old, state.probers)
        }
        let ended = DispatchGroup()
        for prober in old { prober.stop(ended) }
        for prober in new { prober.probeSoon() }
    }

    /// Takes over what the settings say of a member; false when it is none.
    private func update(_ seed: ProbeNode) -> Bool {
        state.withLock { state in
            guard let index = Self.index(of: seed, in: state.members) else { return false }
            state.members[index].name = seed.name ?? seed.address.description
            state.members[index].zone = seed.zone
            state.members[index].weight = seed.weight
            state.members[index].isConfigured = true
            return true
        }
    }

    private static func index(of seed: ProbeNode, in members: [ClusterMember]) -> Int? {
        members.firstIndex { $0.address == seed.address } ?? members.firstIndex { $0.aliases.contains(seed.address) }
    }

    private func probeBeforeAdding(_ seed: ProbeNode) {
        discoveryQueue.async { [self] in
            let probe = NodeProbe(
                node: NodeID(index: Int(Int32.max)), address: seed.address, credentials: credentials,
                budgetMilliseconds: Int64(intervals.budgetMilliseconds))
            let answer = probe.run()
            probe.close()
            control.async { self.add(seed, answer) }
        }
    }

    private func add(_ seed: ProbeNode, _ answer: Observation) {
        // It may have been discovered meanwhile.
        guard !update(seed) else { return judge() }
        let added = state.withLock { state -> (event: RoutingEvent, prober: NodeProber)? in
            guard state.isRunning, state.members.count < Discovery.membersMaximum else { return nil }
            let id = NodeID(index: state.members.count)
            let member = ClusterMember(
                id: id, name: seed.name ?? seed.address.description, address: seed.address, zone: seed.zone,
                weight: seed.weight)
            let prober = takeIn(member, answer, &state)
            let event = RoutingEvent(
                unixMilliseconds: unixMilliseconds(), cluster: cluster, node: member.name,
                kind: RoutingEventKind.nodeAdded, from: "", to: seed.address.description, epoch: state.table.epoch,
                reason: "the settings name it now",
                evidence: answer.failure?.text ?? "server_id=\(answer.serverID) version=\(answer.version)")
            return (event, prober)
        }
        guard let added else { return }
        added.prober.probeSoon()
        judge(also: [added.event])
    }
}
