// What a settings file says about one replicated cluster: its nodes, its monitor account and its timing.

/// One replicated cluster. All times are whole milliseconds.
package struct ClusterSettings: Sendable, Equatable {
    /// Unique in the file; letters, digits, `_`, `-` and `.`.
    package var name: String
    /// The nodes named in the file, at least one; others may be discovered.
    package var nodes: [NodeSettings]
    /// The account that the probes use.
    package var monitor: MonitorSettings
    /// Whether nodes that are not in the file are found by following replication.
    package var discover: Bool
    /// How long a statement waits while no primary is known.
    package var holdTimeoutMilliseconds: Int
    /// How long sessions may keep a node that is being drained.
    package var drainTimeoutMilliseconds: Int
    /// How often, and how patiently, nodes are probed.
    package var probe: ProbeSettings
    /// What becomes of interrupted transactions.
    package var replay = ReplaySettings()
    /// What happens to writes while two nodes are writable.
    package var twoWritable: TwoWritablePolicy
    /// What happens when a promoted node lacks transactions of the primary before it.
    package var lossyFailover = LossyFailoverPolicy.accept
    /// What a writable node is that replicates from outside of the cluster.
    package var externalSource = ExternalSourcePolicy.primary
    /// Whether a proxy that is cut off from most of the nodes in `nodes` stops writing.
    package var majority = MajorityPolicy.auto
    /// What happens to writes while the primary does not answer the probes and its replicas show that it lives.
    package var unseenPrimary = UnseenPrimaryPolicy.close
    /// A replica further behind than this serves no reads.
    package var maxLagMilliseconds: Int
    /// Which node a reader of the binary log is connected to.
    package var binlogNode = BinlogNodeSetting.primary
    /// Whether a statement is ended on its server when its client goes away.
    package var killOnDisconnect = false
    /// How nodes are told who the client is, beneath the MySQL protocol.
    package var sendProxyProtocol = SendProxyProtocol.off
    /// Encryption to the nodes.
    package var tls: ClusterTLSSettings
    /// How connections to the nodes are compressed.
    package var compression = NodeCompression.off

    /// Builds a cluster in code. Nothing is validated here.
    package init(
        name: String, nodes: [NodeSettings], monitor: MonitorSettings, discover: Bool = true,
        holdTimeoutMilliseconds: Int = 10_000, drainTimeoutMilliseconds: Int = 10_000,
        probe: ProbeSettings = ProbeSettings(), twoWritable: TwoWritablePolicy = .keep,
        maxLagMilliseconds: Int = 10_000, tls: ClusterTLSSettings = ClusterTLSSettings()
    ) {
        self.name = name
        self.nodes = nodes
        self.monitor = monitor
        self.discover = discover
        self.holdTimeoutMilliseconds = holdTimeoutMilliseconds
        self.drainTimeoutMilliseconds = drainTimeoutMilliseconds
        self.probe = probe
        self.twoWritable = twoWritable
        self.maxLagMilliseconds = maxLagMilliseconds
        self.tls = tls
    }
}

/// Which node a replica, or another reader of the binary log, is connected to through the proxy.
package enum BinlogNodeSetting: Sendable, Equatable {
    case primary
    /// Any replica that serves reads; the primary while there is none.
    case replica
    /// The node of this name.
    case named(String)

    /// As it stands in the file.
    package var text: String {
        switch self {
        case .primary: "primary"
        case .replica: "replica"
        case .named(let name): name
        }
    }
}

/// The PROXY protocol header that a node gets in front of everything else.
package enum SendProxyProtocol: String, Sendable, CaseIterable {
    case off, v1, v2
}

/// What happens to writes while a second node is writable too.
package enum TwoWritablePolicy: String, Sendable, CaseIterable {
    /// The current primary keeps receiving writes; the second node raises an alarm.
    case keep
    /// Writes wait until only one node is writable.
    case stop
}

/// What happens when a promoted node lacks transactions of the primary before it.
package enum LossyFailoverPolicy: String, Sendable, CaseIterable {
    /// It is written to, and the loss is told.
    case accept
    /// Writes wait until somebody decides.
    case hold
}

/// What a writable node is that replicates from outside of the cluster.
package enum ExternalSourcePolicy: String, Sendable, CaseIterable {
    /// The head of this cluster, which takes its writes.
    case primary
    /// A replica of the other cluster, which takes none.
    case replica
}

/// Whether writes need that the proxy reaches most of the configured nodes.
package enum MajorityPolicy: String, Sendable, CaseIterable {
    /// From three configured nodes on: of two, one alone is no majority, and a crash looks like a cut. Galera and Group
    /// Replication need none: a member says whether it is with the majority.
    case auto
    /// Always.
    case required
    /// Never.
    case ignore
}

/// What happens to writes while only the replicas see the primary.
package enum UnseenPrimaryPolicy: String, Sendable, CaseIterable {
    /// They wait: what is not seen is not written to.
    case close
    /// They go on while a replica receives from the primary and nobody else accepts writes.
    case keep
}

/// One node of a cluster.
package struct NodeSettings: Sendable, Equatable {
    /// Where the server listens.
    package var address: NodeAddress
    /// A name for people; the address stands in when it is absent.
    package var name: String?
    /// The zone the node runs in.
    package var zone: String?
    /// Its share of reads relative to the other replicas, 0…10000; 0 takes reads only when nobody else can.
    package var weight: Int

    /// What people call this node: its name, or else its address.
    package var displayName: String { name ?? address.description }

    /// Builds a node in code. Nothing is validated here.
    package init(address: NodeAddress, name: String? = nil, zone: String? = nil, weight: Int = 100) {
        self.address = address
        self.name = name
        self.zone = zone
        self.weight = weight
    }
}

/// The account that probes use on every node of a cluster. Its descriptions never contain the password.
package struct MonitorSettings: Sendable, Equatable {
    /// The account's name.
    package var user: String
    /// The clear password. Never log it.
    package var password: String

    /// Builds a monitor account in code.
    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }
}

/// How nodes are probed. All times are whole milliseconds.
package struct ProbeSettings: Sendable, Equatable {
    /// The time between two probes of the primary.
    package var primaryIntervalMilliseconds: Int
    /// The time between two probes of a replica.
    package var replicaIntervalMilliseconds: Int
    /// How long one probe may take before the node counts as unreachable.
    package var timeoutMilliseconds: Int

    /// Builds probe settings in code.
    package init(
        primaryIntervalMilliseconds: Int = 250, replicaIntervalMilliseconds: Int = 500, timeoutMilliseconds: Int = 500
    ) {
        self.primaryIntervalMilliseconds = primaryIntervalMilliseconds
        self.replicaIntervalMilliseconds = replicaIntervalMilliseconds
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}
