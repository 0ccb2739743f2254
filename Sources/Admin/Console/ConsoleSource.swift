// Where the console's tables and commands get what they show and change: closures that the proxy provides.
package import Configuration
package import Frontend
package import Topology

/// One cluster as the console sees it. The closures may be called from any thread and are quick.
package struct ConsoleCluster: Sendable {
    /// The cluster's name.
    package let name: String
    /// The newest routing table.
    package let table: @Sendable () -> RoutingTable
    /// The kept events, oldest first.
    package let history: @Sendable () -> [RoutingEvent]
    /// What was seen of each node that was probed.
    package let observations: @Sendable () -> [Observation]
    /// The members, configured and discovered.
    package let members: @Sendable () -> [ClusterMember]
    /// The accounts mirrored from the primary, and why they could not be read the last time.
    package let accounts: @Sendable () -> (accounts: [MirroredAccount], failure: String?)
    /// Totals of the traffic.
    package let counters: ClusterCounters
    /// What changes of the primary cost.
    package let failover: FailoverCounters
    /// Commits that were in doubt.
    package let outcomes: OutcomeHistory
    /// Server connections to one node, of all lanes together.
    package var connectionsPerNode: Int { limits().connectionsPerNode }
    /// How long a statement waits while no node may take it.
    package var holdTimeoutMilliseconds: UInt64 { limits().holdTimeoutMilliseconds }
    private let limits: @Sendable () -> ConsoleClusterLimits

    /// A cluster by its parts.
    package init(
        name: String, table: @escaping @Sendable () -> RoutingTable,
        history: @escaping @Sendable () -> [RoutingEvent] = { [] },
        observations: @escaping @Sendable () -> [Observation] = { [] },
        members: @escaping @Sendable () -> [ClusterMember] = { [] },
        accounts: @escaping @Sendable () -> (accounts: [MirroredAccount], failure: String?) = { ([], nil) },
        counters: ClusterCounters = ClusterCounters(), failover: FailoverCounters = FailoverCounters(),
        outcomes: OutcomeHistory = OutcomeHistory(),
        limits: @escaping @Sendable () -> ConsoleClusterLimits = { ConsoleClusterLimits() }
    ) {
        self.name = name
        self.table = table
        self.history = history
        self.observations = observations
        self.members = members
        self.accounts = accounts
        self.counters = counters
        self.failover = failover
        self.outcomes = outcomes
        self.limits = limits
    }
}

/// Limits of one cluster now.
package struct ConsoleClusterLimits: Sendable {
    /// Server connections to one node, of all lanes together.
    package var connectionsPerNode: Int
    /// How long a statement waits while no node may take it.
    package var holdTimeoutMilliseconds: UInt64

    /// Limits by value.
    package init(connectionsPerNode: Int = 0, holdTimeoutMilliseconds: UInt64 = 0) {
        self.connectionsPerNode = connectionsPerNode
        self.holdTimeoutMilliseconds = holdTimeoutMilliseconds
    }
}

/// The proxy as the console sees it. The closures are called on the console's queue and may block for about a second.
package struct ConsoleSource: Sendable {
    /// All clusters, in the order of the settings.
    package var clusters: [ConsoleCluster]
    /// Copies of what lives on the lanes.
    package var lanes: @Sendable () -> [LaneSnapshot]
    /// Figures of what lives on the lanes: cheaper than the copies.
    package var laneFigures: @Sendable () -> [LaneFigures] = { [] }
    /// The program's version.
    package var version = ""
    /// The settings in force.
    package var settings: Settings {
        get { currentSettings() }
        set { currentSettings = { newValue } }
    }
    private var currentSettings: @Sendable () -> Settings
    /// Changes the settings; nil where nobody can.
    package var settingsControl: (any SettingsControl)?
    /// Clients of the proxy's listeners now.
    package var clientCount: @Sendable () -> Int
    /// Figures of TLS.
    package var encryptionFigures: @Sendable () -> [EncryptionReading]
    /// Clients of the console now.
    package var consoleClientCount: @Sendable () -> Int
    /// Memory of the process that is resident; nil when the system does not say.
    package var residentBytes: @Sendable () -> Int?
    /// How many lanes there are.
    package var laneCount: Int
    /// Monotonic milliseconds, of the clock that observations carry.
    package var monotonicMilliseconds: @Sendable () -> Int64
    /// Ends a client's session, on behalf of an admin; false when no session has the id.
    package var endSession: @Sendable (_ id: UInt32, _ admin: ConsoleSession) -> Bool
    /// Begins or ends draining of a node, on behalf of an admin; false when it was so already.
    package var setDraining: @Sendable (_ cluster: String, _ node: NodeID, Bool, _ admin: ConsoleSession) -> Bool
    /// Pauses a cluster for so many seconds, on behalf of an admin; false when there is no such cluster.
    package var pauseCluster: @Sendable (_ cluster: String, _ seconds: Int, _ admin: ConsoleSession) -> Bool
    /// Ends the pause of a cluster, on behalf of an admin; false when it is not paused.
    package var resumeCluster: @Sendable (_ cluster: String, _ admin: ConsoleSession) -> Bool
    /// What is counted of statements: one record for each digest.
    package var digests: @Sendable () -> [DigestRecord] = { [] }
    /// Forgets that, on behalf of an admin; how many lanes did.
    package var resetDigests: @Sendable (_ admin: ConsoleSession) -> Int = { _ in 0 }
    /// What clients were told that went wrong.
    package var errors = ErrorHistory()

    /// A source by its parts.
    package init(
        clusters: [ConsoleCluster], settings: @escaping @Sendable () -> Settings,
        lanes: @escaping @Sendable () -> [LaneSnapshot] = { [] },
        clientCount: @escaping @Sendable () -> Int = { 0 },
        encryptionFigures: @escaping @Sendable () -> [EncryptionReading] = { [] },
        consoleClientCount: @escaping @Sendable () -> Int = { 0 }, laneCount: Int = 1,
        residentBytes: @escaping @Sendable () -> Int? = { nil },
        monotonicMilliseconds: @escaping @Sendable () -> Int64 = { 0 },
        endSession: @escaping @Sendable (UInt32, ConsoleSession) -> Bool = { _, _ in false },
        setDraining: @escaping @Sendable (String, NodeID, Bool, ConsoleSession) -> Bool = { _, _, _, _ in false },
        pauseCluster: @escaping @Sendable (String, Int, ConsoleSession) -> Bool = { _, _, _ in false },
        resumeCluster: @escaping @Sendable (String, ConsoleSession) -> Bool = { _, _ in false }
    ) {
        self.clusters = clusters
        currentSettings = settings
        self.lanes = lanes
        self.clientCount = clientCount
        self.encryptionFigures = encryptionFigures
        self.consoleClientCount = consoleClientCount
        self.laneCount = laneCount
        self.residentBytes = residentBytes
        self.monotonicMilliseconds = monotonicMilliseconds
        self.endSession = endSession
        self.setDraining = setDraining
        self.pauseCluster = pauseCluster
        self.resumeCluster = resumeCluster
    }
}
