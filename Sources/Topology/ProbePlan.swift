// The SQL of a probe: found out once per connection, then one multi-statement round trip each time.

/// What a probe sends to one kind of server.
struct ProbePlan: Sendable, Equatable {
    /// The meaning of a result set, by its place in the multi-statement.
    enum Part: Sendable, Equatable {
        case variables
        case replication
        case connectedReplicas
        case dumpThreads
        case semiSync
    }

    /// Every variable a probe may want; a server that lacks one is not asked for it.
    static let variablesWanted = [
        "version", "read_only", "super_read_only", "innodb_read_only", "server_id", "server_uuid", "server_uid",
        "hostname", "port", "report_host", "gtid_binlog_pos", "gtid_current_pos", "gtid_executed",
        "rpl_semi_sync_master_enabled", "rpl_semi_sync_slave_enabled", "rpl_semi_sync_source_enabled",
        "rpl_semi_sync_replica_enabled",
    ]

    /// Asks which of the variables exist, and their values.
    static var detection: String {
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ("
            + variablesWanted.map { "'\($0)'" }.joined(separator: ", ") + ")"
    }

    let flavor: ServerFlavor
    let version: ServerVersion
    let variables: [String]
    /// Optional parts the account turned out not to be allowed.
    private(set) var forbidden: [Part] = []

    /// A plan for the server whose `detection` answered `pairs`; nil if that is no MySQL or MariaDB.
    init?(detected pairs: [String: String]) {
        guard let text = pairs["version"], let version = ServerVersion(text) else { return nil }
        self.version = version
        flavor = Self.flavor(version: text, variables: pairs)
        variables = Self.variablesWanted.filter { pairs[$0] != nil }
    }

    /// MariaDB says so in its version, unless somebody set `version` to hide it: then its GTIDs give it away.
    static func flavor(version: String, variables: [String: String]) -> ServerFlavor {
        if version.lowercased().contains("mariadb") || variables["gtid_current_pos"] != nil { return .mariaDB }
        return .mySQL
    }

    private var hasReplicaWords: Bool { version >= ServerVersion(major: 8, minor: 0, patch: 22) }

    /// The statements of one probe in order; the first two always, the others when `isThorough`. Required ones
    /// come first, because an error ends a multi-statement.
    func parts(isThorough: Bool) -> [(part: Part, sql: String)] {
        let names = variables.map { "@@GLOBAL.\($0) AS \($0)" }.joined(separator: ", ")
        var parts: [(part: Part, sql: String)] = [
            (.variables, "SELECT CONNECTION_ID() AS connection_id, \(names)"),
            (.replication, replicationStatus),
        ]
        guard isThorough else { return parts }
        for (part, sql) in [
            (Part.semiSync, "SHOW GLOBAL STATUS LIKE 'Rpl\\_semi\\_sync%'"),
            (.dumpThreads, dumpThreads),
            (.connectedReplicas, flavor == .mySQL && hasReplicaWords ? "SHOW REPLICAS" : "SHOW SLAVE HOSTS"),
        ] where !forbidden.contains(part) {
            parts.append((part, sql))
        }
        return parts
    }

    private var replicationStatus: String {
        if flavor == .mariaDB { return "SHOW ALL SLAVES STATUS" }
        return hasReplicaWords ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS"
    }

    private var dumpThreads: String {
        let table =
            flavor == .mySQL && hasReplicaWords ? "performance_schema.processlist" : "information_schema.processlist"
        return "SELECT host FROM \(table) WHERE command LIKE 'Binlog Dump%'"
    }

    /// Leaves `part` out from now on.
    mutating func forbid(_ part: Part) { forbidden.append(part) }

    /// What the account would have to be granted for `part`.
    func grant(for part: Part, user: String) -> String {
        let privilege: String
        switch part {
        case .variables: privilege = "USAGE"
        case .replication: privilege = flavor == .mariaDB ? mariaDBMonitor : "REPLICATION CLIENT"
        case .connectedReplicas:
            privilege =
                flavor == .mariaDB && version >= ServerVersion(major: 10, minor: 5, patch: 2)
                ? "REPLICATION MASTER ADMIN" : "REPLICATION SLAVE"
        case .dumpThreads: privilege = "PROCESS"
        case .semiSync: privilege = "USAGE"
        }
        return "GRANT \(privilege) ON *.* TO '\(user)'"
    }

    private var mariaDBMonitor: String {
        version >= ServerVersion(major: 10, minor: 5, patch: 9) ? "SLAVE MONITOR" : "REPLICATION CLIENT"
    }
}
