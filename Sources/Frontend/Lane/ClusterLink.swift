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

    /// Counters at zero.
    package init() {}

    /// Statements answered.
    package var statements: Int { answered.load(ordering: .relaxed) }
    /// Errors of Switchyard's own given to clients.
    package var proxyErrors: Int { errors.load(ordering: .relaxed) }
    /// Statements sent to another node because the first failed.
    package var retriedReads: Int { retried.load(ordering: .relaxed) }
    /// Statements waiting for a primary, a reader or a connection.
    package var waitingStatements: Int { waiting.load(ordering: .relaxed) }

    func statementAnswered() { answered.add(1, ordering: .relaxed) }
    func proxyErrorGiven() { errors.add(1, ordering: .relaxed) }
    func readRetried() { retried.add(1, ordering: .relaxed) }
    func waitingEnded(_ count: Int) { waiting.subtract(count, ordering: .relaxed) }

    func reserveWaiting(limit: Int) -> Bool {
        if waiting.add(1, ordering: .relaxed).newValue <= limit { return true }
        waiting.subtract(1, ordering: .relaxed)
        return false
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

/// One cluster as the lanes see it. Immutable but for its counters.
package final class ClusterLink: Sendable {
    /// The cluster's name.
    package let name: String
    /// How sessions behave.
    package let settings: SessionSettings
    /// How pools behave.
    package let poolSettings: PoolSettings
    /// The lanes themselves, for questions to all of them.
    let lanes = ClusterLanes()
    /// Connections that waiting statements want.
    let wants = ConnectionWants()
    /// Totals.
    package let counters = ClusterCounters()
    /// Asks the watcher to look at a node (nil: at all) at once.
    package let probeNow: @Sendable (NodeID?) -> Void
    /// A server refused an account that the proxy let in: the accounts are to be read again.
    let accountRefused: @Sendable () -> Void

    /// A link by its parts.
    package init(
        name: String, settings: SessionSettings, poolSettings: PoolSettings,
        probeNow: @escaping @Sendable (NodeID?) -> Void, accountRefused: @escaping @Sendable () -> Void = {}
    ) {
        self.name = name
        self.settings = settings
        self.poolSettings = poolSettings
        self.probeNow = probeNow
        self.accountRefused = accountRefused
    }
}
