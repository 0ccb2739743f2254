// Everything a watcher knows, in one value behind its lock.

/// The state of a watcher; changed on its control queue only.
struct WatcherState: Sendable {
    var policy: ClusterPolicy
    var members: [ClusterMember]
    var probers: [NodeProber] = []
    var observations: [NodeID: Observation] = [:]
    var table: RoutingTable
    var history = RoutingHistory()
    /// The reign in which it was told that a session's position is lost.
    var lostPositionEpoch: UInt64?
    /// What was concluded from traffic.
    var health = HealthMemory()
    var isRunning = false
    var isStopped = false

    /// When an address was tried last, on the monotonic clock; bounded by `Discovery.candidatesMaximum`.
    var candidatesTried: [ProbeAddress: Int64] = [:]
    var isDiscovering = false

    var accounts: [MirroredAccount] = []
    var accountsFailure: String?
    var accountsPrimary: NodeID?
    var accountsReadAtMilliseconds: Int64?
    var isReadingAccounts = false
    var isAskedForAccounts = false
    /// How many readings of the accounts have begun.
    var accountsReading = 0
    /// Those who wait for one; bounded by `Watcher.accountsWaitersMaximum`.
    var accountsWaiters: [AccountsWaiter] = []

    init(policy: ClusterPolicy, members: [ClusterMember], table: RoutingTable) {
        self.policy = policy
        self.members = members
        self.table = table
    }

    var orderedObservations: [Observation] { members.compactMap { observations[$0.id] } }

    /// A probe that has not come back after `limitMilliseconds`, such as one that waits for a name look-up,
    /// counts as failed.
    mutating func noteHangingProbes(now: Int64, limitMilliseconds: Int64) {
        for (member, prober) in zip(members, probers) {
            let running = prober.runningMilliseconds(now: now)
            guard running > limitMilliseconds else { continue }
            var observation = observations[member.id] ?? Observation(node: member.id)
            observation.failure = ProbeFailure(
                kind: .timeout, code: 0,
                text: "\(member.address): the probe has not come back (a slow name look-up?)")
            observation.consecutiveFailures += 1
            observation.observedAtMilliseconds = now
            observations[member.id] = observation
        }
    }
}
