// Watches one cluster: probes its nodes, finds further ones, and publishes a table whenever something changed.
//
// Threads: every node has its own probing queue. Observations meet on `control`, which alone changes `state`,
// so tables are published in order; `state` is behind a lock only for the snapshots others take.

import Dispatch
package import Logging
import Synchronization

/// The times of a watcher, in milliseconds.
package struct ProbeIntervals: Sendable, Equatable {
    /// Between probes of the primary.
    package var primaryMilliseconds = 250
    /// Between probes of any other node.
    package var replicaMilliseconds = 500
    /// The time one probe may take, from connecting to the last row.
    package var budgetMilliseconds = 500
    /// Between probes of all nodes while nobody may be written to, for the first `hurryMilliseconds` of it.
    package var gateClosedMilliseconds = 100
    /// For how long `gateClosedMilliseconds` applies.
    package var hurryMilliseconds = 60_000
    /// Between attempts at addresses that members tell of.
    package var discoveryMilliseconds = 2_000
    /// Between readings of the primary's accounts.
    package var accountsMilliseconds = 30_000

    /// The usual times.
    package init() {}
}

/// Watches one cluster. `start()` once, `stop()` once.
package final class Watcher: Sendable {
    /// The time `stop()` waits for probes under way; a name look-up may take longer and is left to end alone.
    private static let stopMilliseconds = 2_000
    /// How often the watcher looks whether a probe hangs, and whether a grace ended.
    private static let tickMilliseconds = 500
    /// A watcher whose last turn is longer ago is stuck.
    package static let turnAgeMillisecondsMaximum: Int64 = 5_000
    /// Attempts between two reads of the accounts, at least.
    static let accountsPauseMilliseconds: Int64 = 1_000

    let cluster: String
    /// What may be changed while the watcher runs, but for policy and members. Never held while `state` is taken.
    let probing: Mutex<Probing>
    let logger: Logger
    let publish: @Sendable (RoutingTable, [RoutingEvent]) -> Void
    let accountsPublished: @Sendable ([MirroredAccount]) -> Void
    let control: DispatchQueue
    let discoveryQueue: DispatchQueue
    let accountsQueue: DispatchQueue
    let state: Mutex<WatcherState>
    /// Monotonic milliseconds of the last turn of `tick`, which judges; 0 before the first.
    private let turnedAtMilliseconds = Atomic<Int64>(0)

    /// A watcher of the cluster reached by `seeds`.
    ///
    /// - Parameters:
    ///   - publish: called in order, on one queue, with each new table and the events that led to it; must be quick.
    ///   - accountsPublished: called with the primary's accounts when they changed.
    package init(
        cluster: String, seeds: [ProbeNode], monitorUser: String, monitorPassword: String, tls: ProbeTLS? = nil,
        policy: ClusterPolicy,
        intervals: ProbeIntervals = ProbeIntervals(), logger: Logger,
        publish: @escaping @Sendable (RoutingTable, [RoutingEvent]) -> Void,
        accountsPublished: @escaping @Sendable ([MirroredAccount]) -> Void = { _ in }
    ) {
        self.cluster = cluster
        probing = Mutex(
            Probing(
                credentials: MonitorCredentials(user: monitorUser, password: monitorPassword, tls: tls),
                intervals: intervals))
        self.logger = logger
        self.publish = publish
        self.accountsPublished = accountsPublished
        control = DispatchQueue(label: "switchyard.watcher.\(cluster)", qos: .userInitiated)
        discoveryQueue = DispatchQueue(label: "switchyard.discovery.\(cluster)")
        accountsQueue = DispatchQueue(label: "switchyard.accounts.\(cluster)")
        let members = seeds.enumerated().map { index, seed in
            ClusterMember(
                id: NodeID(index: index), name: seed.name ?? seed.address.description, address: seed.address,
                zone: seed.zone, weight: seed.weight)
        }
        state = Mutex(
            WatcherState(
                policy: policy, members: members,
                table: RoutingTable(cluster: cluster, members: members, nowUnixMilliseconds: unixMilliseconds())))
    }

    /// Begins probing.
    package func start() {
        let probers = state.withLock { state -> [NodeProber] in
            guard !state.isRunning, !state.isStopped else { return [] }
            state.isRunning = true
            state.probers = state.members.map { makeProber($0) }
            return state.probers
        }
        for prober in probers { prober.probeSoon() }
        tick()
    }

    /// Ends probing and closes the connections; returns when that is done, or after two seconds.
    /// Not to be called from `publish` or `accountsPublished`.
    package func stop() {
        let probers = state.withLock { state -> [NodeProber] in
            state.isRunning = false
            state.isStopped = true
            defer { state.probers = [] }
            return state.probers
        }
        let group = DispatchGroup()
        for prober in probers { prober.stop(group) }
        discoveryQueue.async(group: group) {}
        accountsQueue.async(group: group) {}
        if group.wait(timeout: .now() + .milliseconds(Self.stopMilliseconds)) == .timedOut {
            logger.warning("a probe is still waiting for a name look-up; not waiting for it")
        }
        control.sync {}
        releaseAccountsWaiters()
    }

    /// Probes `node`, or all nodes for nil, at once. Cheap to call often: calls before the probe begins are one.
    package func probeNow(_ node: NodeID?) {
        let probers = state.withLock { state -> [NodeProber] in
            guard let node else { return state.probers }
            return state.probers.indices.contains(node.index) ? [state.probers[node.index]] : []
        }
        for prober in probers { prober.probeSoon() }
    }

    /// How long ago the queue on which tables are made had its last turn, in milliseconds; 0 before the first. A healthy
    /// watcher has one every half second.
    package var turnAgeMilliseconds: Int64 {
        let turned = turnedAtMilliseconds.load(ordering: .relaxed)
        return turned == 0 ? 0 : max(0, monotonicMilliseconds() - turned)
    }

    /// The newest table.
    package var currentTable: RoutingTable { state.withLock { $0.table } }

    /// The last `limit` events, oldest first; at most 1,000 are kept.
    package func history(limit: Int = .max) -> [RoutingEvent] { state.withLock { $0.history.last(limit) } }

    /// What was seen of each node, in the order of `NodeID`; nodes not probed yet are absent.
    package var observations: [Observation] { state.withLock { $0.orderedObservations } }

    /// The members, configured and discovered, in the order of `NodeID`.
    package var members: [ClusterMember] { state.withLock { $0.members } }

    /// The primary's accounts as last read.
    package var accounts: [MirroredAccount] { state.withLock { $0.accounts } }

    /// Why the accounts could not be read the last time; nil when they could.
    package var accountsFailure: String? { state.withLock { $0.accountsFailure } }

    /// The node called `name`, or listening at the address `name`.
    package func node(named name: String) -> NodeID? {
        state.withLock { state in
            state.members.first { $0.name == name || $0.address.description == name }?.id
        }
    }

    /// Judges by another policy from now on; a pause stays.
    package func setPolicy(_ policy: ClusterPolicy) {
        control.async {
            self.state.withLock { state in
                let pausing = state.policy.pausing
                state.policy = policy
                state.policy.pausing = pausing
            }
            self.judge()
        }
    }

    func makeProber(_ member: ClusterMember) -> NodeProber {
        NodeProber(
            node: member.id, address: member.address, credentials: credentials,
            budgetMilliseconds: Int64(intervals.budgetMilliseconds),
            intervalMilliseconds: intervals.replicaMilliseconds
        ) { [weak self] observation in
            guard let self else { return }
            self.control.async { self.observed(observation) }
        }
    }

    private func tick() {
        turnedAtMilliseconds.store(monotonicMilliseconds(), ordering: .relaxed)
        control.asyncAfter(deadline: .now() + .milliseconds(Self.tickMilliseconds)) { [weak self] in
            guard let self, self.state.withLock({ $0.isRunning }) else { return }
            self.state.withLock { state in
                state.noteHangingProbes(
                    now: monotonicMilliseconds(), limitMilliseconds: Int64(self.intervals.budgetMilliseconds) * 4)
            }
            self.judge(also: self.judgeHealth())
            self.fetchAccountsIfDue(isAsked: false)
            self.releaseAccountsWaiters()
            self.tick()
        }
    }
}
