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
        /// Galera's status variables.
        case galera
        /// Group Replication's members.
        case groupMembers
        /// How many threads a global read lock holds up.
        case stall
    }

    /// Every variable a probe may want; a server that lacks one is not asked for it.
    static let variablesWanted = [
        "version", "read_only", "super_read_only", "innodb_read_only", "server_id", "server_uuid", "server_uid",
        "hostname", "port", "report_host", "gtid_binlog_pos", "gtid_current_pos", "gtid_executed",
        "rpl_semi_sync_master_enabled", "rpl_semi_sync_slave_enabled", "rpl_semi_sync_source_enabled",
        "rpl_semi_sync_replica_enabled", "wsrep_on", "wsrep_reject_queries",
    ]

    /// What only the plan depends on; changing one takes a restart of the server, or of its group.
    private static let variablesDetected = ["wsrep_provider", "group_replication_group_name"]

    /// Asks which of the variables exist, and their values.
    static var detection: String {
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ("
            + (variablesWanted + variablesDetected).map { "'\($0)'" }.joined(separator: ", ") + ")"
    }

    let flavor: ServerFlavor
    let version: ServerVersion
    let variables: [String]
    /// The kind of group the server is configured for; nil for a server on its own.
    let groupKind: ClusterKind?
    /// `group_replication_group_name`; empty otherwise.
    let groupName: String
    /// Optional parts the account turned out not to be allowed.
    private(set) var forbidden: [Part] = []

    /// A plan for the server whose `detection` answered `pairs`; nil if that is no MySQL or MariaDB.
    init?(detected pairs: [String: String]) {
        guard let text = pairs["version"], let version = ServerVersion(text) else { return nil }
        self.version = version
        flavor = Self.flavor(version: text, variables: pairs)
        variables = Self.variablesWanted.filter { pairs[$0] != nil }
        groupName = pairs["group_replication_group_name"] ?? ""
        groupKind = Self.isGalera(pairs) ? .galera : groupName.isEmpty ? nil : .groupReplication
    }

    /// Every MariaDB has the variables; with Galera there is a provider. Percona's `wsrep_on` is a session's only.
    private static func isGalera(_ variables: [String: String]) -> Bool {
        guard let provider = variables["wsrep_provider"], !provider.isEmpty, provider.lowercased() != "none" else {
            return false
        }
        return variables["wsrep_on"].map(isOn) ?? true
    }

    /// Sent once on a new connection, its failure ignored: a probe must not wait until a node has caught up.
    var preparation: String? { groupKind == .galera ? "SET SESSION wsrep_sync_wait = 0" : nil }

    /// MariaDB says so in its version, unless somebody set `version` to hide it: then its GTIDs give it away.
    static func flavor(version: String, variables: [String: String]) -> ServerFlavor {
        if version.lowercased().contains("mariadb") || variables["gtid_current_pos"] != nil { return .mariaDB }
        return .mySQL
    }

    private var hasReplicaWords: Bool { version >= ServerVersion(major: 8, minor: 0, patch: 22) }

    /// The parts without which a probe is worth nothing; they come first, because an error ends a multi-statement.
    var requiredParts: Int { groupKind == nil ? 2 : 3 }

    /// The statements of one probe in order; the required ones always, the others when `isThorough`.
    func parts(isThorough: Bool) -> [(part: Part, sql: String)] {
        let names = variables.map { "@@GLOBAL.\($0) AS \($0)" }.joined(separator: ", ")
        var parts: [(part: Part, sql: String)] = [
            (.variables, "SELECT CONNECTION_ID() AS connection_id, \(names)"),
            (.replication, replicationStatus),
        ]
        switch groupKind {
        case .galera?: parts.append((.galera, "SHOW STATUS LIKE 'wsrep\\_%'"))
        case .groupReplication?:
            parts.append((.groupMembers, "SELECT * FROM performance_schema.replication_group_members"))
        case .replication?, nil: break
        }
        guard isThorough else { return parts }
        for (part, sql) in [
            (Part.semiSync, "SHOW GLOBAL STATUS LIKE 'Rpl\\_semi\\_sync%'"),
            (.dumpThreads, dumpThreads), (.stall, stall),
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

    private var processList: String {
        flavor == .mySQL && hasReplicaWords ? "performance_schema.processlist" : "information_schema.processlist"
    }

    private var dumpThreads: String { "SELECT host FROM \(processList) WHERE command LIKE 'Binlog Dump%'" }

    /// What FLUSH TABLES WITH READ LOCK makes statements and commits wait for; MariaDB 10.4 calls both a backup lock.
    private var stall: String {
        let states =
            flavor == .mariaDB && version >= ServerVersion(major: 10, minor: 4, patch: 0)
            ? "'Waiting for backup lock'" : "'Waiting for global read lock', 'Waiting for commit lock'"
        return "SELECT COUNT(*) AS stalled FROM \(processList) WHERE state IN (\(states))"
    }

    /// Leaves `part` out from now on.
    mutating func forbid(_ part: Part) { forbidden.append(part) }

    /// What the account would have to be granted for `part`.
    func grant(for part: Part, user: String) -> String { "GRANT \(privilege(for: part)) TO '\(user)'" }

    /// The privilege that `part` needs, with what it is on.
    func privilege(for part: Part) -> String {
        switch part {
        case .variables, .semiSync, .galera: "USAGE ON *.*"
        case .replication: "\(flavor == .mariaDB ? mariaDBMonitor : "REPLICATION CLIENT") ON *.*"
        case .connectedReplicas:
            flavor == .mariaDB && version >= ServerVersion(major: 10, minor: 5, patch: 2)
                ? "REPLICATION MASTER ADMIN ON *.*" : "REPLICATION SLAVE ON *.*"
        case .dumpThreads, .stall: "PROCESS ON *.*"
        case .groupMembers: "SELECT ON performance_schema.replication_group_members"
        }
    }

    private var mariaDBMonitor: String {
        version >= ServerVersion(major: 10, minor: 5, patch: 9) ? "SLAVE MONITOR" : "REPLICATION CLIENT"
    }
}
