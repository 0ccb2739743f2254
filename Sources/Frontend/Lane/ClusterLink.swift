// What every lane needs of one cluster, shared by all: settings, counters, the way to the watcher.
package import Backend
internal import Synchronization
package import Topology

/// Totals of one cluster's traffic, over all lanes. Relaxed: they are shown, and bound what need not be exact.
package final class ClusterCounters: Sendable {
    private let answered = Atomic<Int>(0)
    private let errors = Atomic<Int>(0)
    private let retried = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)
    private let waitingBytes = Atomic<Int>(0)
    private let pins = PinCounters()

    /// Of reads that must have seen something.
    package let causal = CausalCounters()

    private let pool: PoolCounters

    /// Counters at zero, but for what the pools count.
    package init(pool: PoolCounters = PoolCounters()) { self.pool = pool }

    /// Statements of the proxy's own on session connections: state, questions, statements prepared again.
    package var injectedStatements: Int { pool.injectedStatements }
    /// Connections that went to another session as they were.
    package var passedConnections: Int { pool.passed }
    /// Connections that were reset for another session.
    package var resetConnections: Int { pool.resets }

    /// Statements answered.
    package var statements: Int { answered.load(ordering: .relaxed) }
    /// Errors of Switchyard's own given to clients.
    package var proxyErrors: Int { errors.load(ordering: .relaxed) }
    /// Statements sent to another node because the first failed.
    package var retriedReads: Int { retried.load(ordering: .relaxed) }
    /// Statements waiting for a primary, a reader or a connection.
    package var waitingStatements: Int { waiting.load(ordering: .relaxed) }

    /// How often sessions were pinned, by reason, as metrics spell it.
    package var pinned: [(name: String, count: Int)] { pins.all }

    func pinned(_ bits: UInt32) { pins.pinned(bits) }
    func statementAnswered() { answered.add(1, ordering: .relaxed) }
    func proxyErrorGiven() { errors.add(1, ordering: .relaxed) }
    func readRetried() { retried.add(1, ordering: .relaxed) }

    /// Takes a place for one more statement of so many bytes; false when there would be too many of either.
    func reserveWaiting(limit: Int, bytes: Int, byteLimit: Int) -> Bool {
        if waiting.add(1, ordering: .relaxed).newValue <= limit {
            if waitingBytes.add(bytes, ordering: .relaxed).newValue <= byteLimit { return true }
            waitingBytes.subtract(bytes, ordering: .relaxed)
        }
        waiting.subtract(1, ordering: .relaxed)
        return false
    }

    /// A statement that had taken a place waits no more.
    func waitingEnded(bytes: Int) {
        waiting.subtract(1, ordering: .relaxed)
        waitingBytes.subtract(bytes, ordering: .relaxed)
    }
}

/// Which node a reader of the binary log is connected to.
package enum BinlogNode: Sendable, Equatable {
    case primary, replica
    case named(String)
}

/// Settings of the sessions of one cluster.
package struct SessionSettings: Sendable, Equatable {
    /// How long a statement waits while nobody may take it.
    package var holdTimeoutMilliseconds: UInt64
    /// How long it waits for a connection to a node that has as many as it may have.
    package var waitTimeoutMilliseconds: UInt64 = 10_000
    /// How many statements wait at once, in the whole process.
    package var waitingClients: Int
    /// The longest command taken from a client, in bytes.
    package var packetBytes: Int
    /// A client that sends nothing for this long is closed; 0 for never.
    package var idleTimeoutMilliseconds: UInt64
    /// From accept to a verified login.
    package var loginTimeoutMilliseconds: UInt64
    /// Clients of the whole process at once.
    package var clients: Int
    /// Where readers of the binary log go.
    package var binlogNode = BinlogNode.primary
    /// Whether a statement is ended on its server when its client goes away.
    package var killOnDisconnect = false
    /// Where the proxy is; readers there are preferred. Nil for nowhere in particular.
    package var zone: String?
    /// The zones whose readers are preferred next.
    package var zoneOrder: [String] = []
    /// How long sessions may stay on a node that is being drained.
    package var drainTimeoutMilliseconds: UInt64 = 10_000
    /// Whether a transaction that is interrupted by a change of the primary is done again on the next one.
    package var replay = true
    /// The bytes kept of one transaction for that: its statements, and a checksum of each reply.
    package var replayLimitBytes = 1 << 20
    /// How often one transaction is replayed.
    package var replayAttempts = 3
    /// Whether a transaction that a deadlock rolled back is replayed too.
    package var retryDeadlocks = false

    /// Settings by value.
    package init(
        holdTimeoutMilliseconds: UInt64, waitingClients: Int, packetBytes: Int, idleTimeoutMilliseconds: UInt64,
        loginTimeoutMilliseconds: UInt64, clients: Int
    ) {
        self.holdTimeoutMilliseconds = holdTimeoutMilliseconds
        self.waitingClients = waitingClients
        self.packetBytes = packetBytes
        self.idleTimeoutMilliseconds = idleTimeoutMilliseconds
        self.loginTimeoutMilliseconds = loginTimeoutMilliseconds
        self.clients = clients
    }
}

/// One cluster as the lanes see it. Immutable but for its counters: other settings are another link, which shares them.
package final class ClusterLink: Sendable {
    /// The cluster's name.
    package let name: String
    /// How sessions behave.
    package let settings: SessionSettings
    /// How pools behave.
    package let poolSettings: PoolSettings
    /// The lanes themselves, for questions to all of them.
    let lanes: ClusterLanes
    /// What was acknowledged last.
    let newest: NewestPosition
    /// What primaries committed, for what is in doubt.
    let ledgers: CommitLedgers
    /// Connections that waiting statements want.
    let wants: ConnectionWants
    /// Transactions that are being repeated.
    let replays: ReplayBarrier
    /// Users that `read_only` does not bind.
    package let unbound: UnboundUsers
    /// Totals.
    package let counters: ClusterCounters
    /// What changes of the primary cost.
    package let failover: FailoverCounters
    /// Commits that were in doubt.
    package let outcomes: OutcomeHistory
    /// Statements that take long.
    let slowLog: SlowLog
    /// Asks the watcher to look at a node (nil: at all) at once.
    package let probeNow: @Sendable (NodeID?) -> Void
    /// A server refused an account that the proxy let in: the accounts are to be read again.
    let accountRefused: @Sendable () -> Void
    /// A session's position is lost: it is told as an event, with the position.
    let positionLost: @Sendable (_ position: String, _ primary: String) -> Void

    /// A link by its parts.
    package init(
        name: String, settings: SessionSettings, poolSettings: PoolSettings,
        probeNow: @escaping @Sendable (NodeID?) -> Void, accountRefused: @escaping @Sendable () -> Void = {},
        positionLost: @escaping @Sendable (_ position: String, _ primary: String) -> Void = { _, _ in },
        slowLog: SlowLog = SlowLog()
    ) {
        self.name = name
        self.settings = settings
        self.poolSettings = poolSettings
        counters = ClusterCounters(pool: poolSettings.counters)
        lanes = ClusterLanes()
        newest = NewestPosition()
        ledgers = CommitLedgers()
        wants = ConnectionWants()
        replays = ReplayBarrier()
        unbound = UnboundUsers()
        failover = FailoverCounters()
        outcomes = OutcomeHistory()
        self.probeNow = probeNow
        self.accountRefused = accountRefused
        self.positionLost = positionLost
        self.slowLog = slowLog
    }

    /// Whether another process, whose place this one takes or which takes this one's, serves the same clients meanwhile:
    /// reads in mode `global` must see what it acknowledged. Any thread.
    package func shareWrites(_ isShared: Bool) { newest.setShared(isShared) }

    /// The same cluster under other settings. The budget and the counters of the pools are those of before.
    package init(_ link: ClusterLink, settings: SessionSettings, poolSettings: PoolSettings) {
        name = link.name
        self.settings = settings
        var poolSettings = poolSettings
        poolSettings.budget = link.poolSettings.budget
        poolSettings.counters = link.poolSettings.counters
        self.poolSettings = poolSettings
        counters = link.counters
        lanes = link.lanes
        newest = link.newest
        ledgers = link.ledgers
        wants = link.wants
        replays = link.replays
        unbound = link.unbound
        failover = link.failover
        outcomes = link.outcomes
        slowLog = link.slowLog
        probeNow = link.probeNow
        accountRefused = link.accountRefused
        positionLost = link.positionLost
    }
}
