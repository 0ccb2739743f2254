// What a run consists of.

package import LocalCluster

/// What is done to the cluster in a round.
package enum NemesisKind: String, Sendable, CaseIterable {
    /// A planned change of the primary, in mariadb-operator's steps.
    case switchover
    /// The primary is killed; after a while the most advanced replica is promoted, and the old one comes back as a replica.
    case kill
    /// A node stops without closing anything, and goes on later: a primary, with or without a promotion meanwhile, or
    /// a replica.
    case freeze
    /// A node is shut down and started again; a primary is opened again.
    case restart
    /// A replica stops replicating for a while.
    case replicaStop = "replica-stop"
    /// A replica applies everything a second late for a while.
    case lag
    /// The servers end the proxy's connections, several times.
    case proxyConnections = "proxy-connections"
    /// A second node is writable for a while: a replica, or the old primary after a promotion.
    case splitBrain = "split-brain"
    /// The network is cut: the primary is on the smaller side, sometimes with a proxy, and a replica of the greater side is
    /// promoted; or a replica, or a proxy's sight of the primary, is cut off for a while. Needs a network lab.
    case partition
    /// One of the others, but `partition`, in each round.
    case mixed
}

/// A bug made in what is checked; a checker that does not find it is none.
package enum LedgerPlant: String, Sendable, CaseIterable {
    case lostWrite = "lost-write"
    case doubledWrite = "doubled-write"
    case halfTransfer = "half-transfer"
    case secondWriter = "second-writer"
}

/// The shape of a run.
package struct ChaosOptions: Sendable {
    package var flavor = LocalCluster.Options.Flavor.mariaDB
    package var nemesis = NemesisKind.switchover
    package var rounds = 10
    package var clients = 32
    package var proxies = 1
    package var seed: UInt64 = 1
    package var semiSync = false
    package var plant: LedgerPlant?
    /// What the orchestrator takes to see that a primary is gone, before it does anything.
    package var orchestratorMilliseconds = 500
    /// Transfers choose among all accounts, not their client's own: they wait for each other's locks, which a planned
    /// switchover's global read lock makes longer waits (up to `innodb_lock_wait_timeout`).
    package var isContended = false
    /// A client rests for up to so long after each operation.
    package var restMilliseconds = 20
    package var lanes = 2
    /// Further keys of the cluster in the proxy's settings: `hold_timeout: 5s`.
    package var cluster: [String: String] = [:]

    package init() {}

    /// Nodes and proxies are on hosts of their own.
    var needsLab: Bool { nemesis == .partition }
}

/// Times of a run, in seconds.
enum ChaosLimits {
    /// Clients play so long before the nemesis comes, and so long after writes flow again.
    static let calmSeconds = 1.0
    /// So long after the nemesis is done, a write must have been acknowledged.
    static let resumptionSeconds = 30.0
    /// What an orchestrator waits at least before it promotes past a primary that it does not reach and cannot end: so long
    /// a proxy that is cut off with it may write to it (two probes, half a second each, and the time between).
    static let isolationSeconds = 3.0
    /// A primary that no replica reaches waits so long for an acknowledgement: no partition lasts as long.
    static let semiSyncTimeoutMilliseconds = 60_000
    /// No statement takes longer, whatever happens.
    static let statementSeconds = 45.0
    /// What the clients of a round may take to come to their end.
    static let endSeconds = 120.0
    /// So many violations of a run are kept.
    static let violations = 1_000
}
