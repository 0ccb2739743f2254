// What a caller may choose about a local cluster.

/// The shape of a cluster and the settings of its servers.
package struct LocalClusterOptions: Sendable {
    /// How the servers write their binary logs (`binlog_format`).
    package enum BinaryLogFormat: String, Sendable {
        case row = "ROW"
        case mixed = "MIXED"
        case statement = "STATEMENT"
    }

    /// Number of replicas beside the primary, 0 to `LocalClusterLimits.replicas`.
    package var replicas: Int
    /// Semi-synchronous replication: the source side on the primary only, the replica side everywhere.
    package var semiSync: Bool
    package var flavor: Flavor
    /// `max_connections` of every server.
    package var maximumConnections: Int
    package var rowFormat: BinaryLogFormat
    /// Options for the server's command line, after ours, so that they win: `["--innodb-lock-wait-timeout=2"]`.
    package var extraServerOptions: [String]
    /// The folder in which the cluster makes (and removes) a folder of its own; nil means the temporary directory.
    package var directory: String?
    /// A host for each node, in order; empty means that all are on 127.0.0.1.
    package var hosts: [Host] = []
    /// Servers of a group instead of a primary and its replicas, all on 127.0.0.1: Galera for MariaDB, Group Replication
    /// with one primary for MySQL. The group itself says who writes; only starting, killing, freezing, statements and
    /// waiting are for it. Its first node must not be restarted: it would make a group of its own.
    package var isGroup = false

    package init(
        replicas: Int = 2, semiSync: Bool = false, flavor: Flavor = .mariaDB, maximumConnections: Int = 2000,
        rowFormat: BinaryLogFormat = .row, extraServerOptions: [String] = [], directory: String? = nil
    ) {
        self.replicas = replicas
        self.semiSync = semiSync
        self.flavor = flavor
        self.maximumConnections = maximumConnections
        self.rowFormat = rowFormat
        self.extraServerOptions = extraServerOptions
        self.directory = directory
    }
}

/// Every bound of this target, in one place. Times are in seconds, sizes in bytes.
enum LocalClusterLimits {
    static let replicas = 16
    static let startAttempts = 3
    static let templateSeconds = 120.0
    static let copySeconds = 60.0
    static let versionSeconds = 20.0
    static let serverStartSeconds = 60.0
    static let serverStopSeconds = 30.0
    /// How long one `execute` may take.
    static let statementSeconds = 120.0
    /// `FLUSH TABLES WITH READ LOCK` waits for row locks' owners, up to `innodb_lock_wait_timeout` and more.
    static let globalReadLockSeconds = 120.0
    static let replicationStartSeconds = 30.0
    static let groupStartSeconds = 60.0
    static let relayDrainSeconds = 30.0
    static let rebuildSeconds = 120.0
    /// The operator gives the replicas this long to reach the old primary's position, then starts all over.
    static let catchUpSeconds = 10
    static let switchoverAttempts = 3
    static let outputBytes = 256 << 20
    static let logTailLines = 20
    static let logTailBytes = 16 << 10
    static let portAttempts = 200
    /// `sockaddr_un.sun_path` holds 108 bytes with the terminating zero.
    static let socketPathBytes = 107
}
