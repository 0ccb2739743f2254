// What one probe saw of one node: plain data, the input of `Evaluator`.

/// Whether a server accepts writes from ordinary accounts.
package enum ReadOnlyState: Sendable, Equatable {
    case writable
    /// The value that says so, such as `1`, `ON`, `NO_LOCK_NO_ADMIN`, or the variable's name.
    case readOnly(String)

    /// Reads the value of `read_only`, a number or (MariaDB 12 and later) a word: only `0`, `OFF`, `FALSE`
    /// and `NO` mean writable, whatever else a future server prints is read-only.
    package init(value: String) {
        switch value.uppercased() {
        case "0", "OFF", "FALSE", "NO": self = .writable
        default: self = .readOnly(value)
        }
    }

    /// Whether writes are accepted.
    package var isWritable: Bool { self == .writable }
}

/// Why a probe brought no answer.
package struct ProbeFailure: Sendable, Equatable {
    /// The families that are treated differently.
    package enum Kind: String, Sendable {
        /// Nothing listens at the address, or the server is shutting down: the process is gone.
        case refused
        /// No answer within the budget.
        case timeout
        /// An established connection broke.
        case lost
        /// No route to the host, network down.
        case unreachable
        /// The name does not resolve.
        case resolve
        /// The server does not accept the monitor account (1045, 1698, …).
        case loginRefused = "login_refused"
        /// The monitor account lacks a privilege (1227, 1142, …).
        case privilege
        /// The answer cannot be understood, or any other server error.
        case `protocol`
    }

    /// The family of the failure.
    package var kind: Kind
    /// The server's or the client library's error number, or an errno; 0 if there is none.
    package var code: Int
    /// A sentence for people, with the remedy where there is one.
    package var text: String
    /// The host took the connection of this very probe, and then its server said nothing.
    package var wasAccepted = false

    /// A failure; see the properties.
    package init(kind: Kind, code: Int, text: String) {
        self.kind = kind
        self.code = code
        self.text = text
    }

    /// Whether the node's host answered somehow. Then the network to it is whole, and nobody else can use the node as
    /// a server that is only unseen from here.
    package var isHostReached: Bool {
        switch kind {
        case .refused, .lost, .loginRefused, .privilege, .protocol: true
        case .timeout, .unreachable, .resolve: wasAccepted
        }
    }
}

/// A replication thread's state.
package enum ReplicationThreadState: String, Sendable {
    case running = "Yes"
    case stopped = "No"
    case connecting = "Connecting"

    /// Reads `Yes`, `No`, `Connecting` or `Preparing`; anything else counts as stopped.
    package init(value: String) {
        switch value {
        case "Yes": self = .running
        case "Connecting", "Preparing": self = .connecting
        default: self = .stopped
        }
    }
}

/// One replication channel of a node (a row of `SHOW ALL SLAVES STATUS` or `SHOW REPLICA STATUS`).
package struct ReplicationChannel: Sendable, Equatable {
    /// The connection or channel name; empty for the default one.
    package var name = ""
    /// `Master_Host` or `Source_Host`, as configured on the replica.
    package var sourceHost = ""
    /// `Master_Port` or `Source_Port`.
    package var sourcePort: UInt16 = 0
    /// 0 before the first contact with the source.
    package var sourceServerID: UInt32 = 0
    /// The thread that receives.
    package var ioThread = ReplicationThreadState.stopped
    /// The thread that applies.
    package var sqlThread = ReplicationThreadState.stopped
    /// NULL is nil, and means "nobody knows".
    package var secondsBehind: Int?
    /// `Last_IO_Error`; empty if there is none.
    package var lastIOError = ""
    /// `Last_SQL_Error`; empty if there is none.
    package var lastSQLError = ""
    /// `Slave_heartbeat_period` (MariaDB).
    package var heartbeatPeriodSeconds: Double?
    /// `Slave_received_heartbeats` (MariaDB).
    package var receivedHeartbeats: UInt64?
    /// `Gtid_IO_Pos`, or `Retrieved_Gtid_Set` on MySQL.
    package var gtidReceived = ""

    /// An unconfigured channel.
    package init() {}

    /// Whether any thread works, or tries to.
    package var isRunning: Bool { ioThread != .stopped || sqlThread != .stopped }
}

/// A replica as its source lists it (`SHOW SLAVE HOSTS`, `SHOW REPLICAS`, or a `Binlog Dump` thread).
package struct ConnectedReplica: Sendable, Equatable, Hashable {
    /// 0 when only a dump thread was seen.
    package var serverID: UInt32
    /// Empty when the replica has no `report_host`.
    package var host: String
    /// 0 when only a dump thread was seen.
    package var port: UInt16

    /// A row of the list; see the properties.
    package init(serverID: UInt32, host: String, port: UInt16) {
        self.serverID = serverID
        self.host = host
        self.port = port
    }
}

/// The semi-synchronous replication switches of a node.
package struct SemiSyncState: Sendable, Equatable {
    /// `rpl_semi_sync_master_enabled` / `…_source_enabled`.
    package var isSourceEnabled = false
    /// `rpl_semi_sync_slave_enabled` / `…_replica_enabled`.
    package var isReplicaEnabled = false
    /// `Rpl_semi_sync_master_status`: commits really wait for an acknowledgement. Nil if not asked yet.
    package var isSourceActive: Bool?
    /// `Rpl_semi_sync_master_clients`. Nil if not asked yet.
    package var replicasAcknowledging: Int?

    /// Semi-sync off.
    package init() {}
}

/// What is known of a node after a probe. After a failed probe `failure` is set and all else is what the last
/// good probe saw.
package struct Observation: Sendable, Equatable {
    /// The node that was probed.
    package var node: NodeID
    /// Why the last probe failed; nil when it succeeded.
    package var failure: ProbeFailure?
    /// Failed probes in a row; 0 after a good one.
    package var consecutiveFailures = 0
    /// False while no probe ever succeeded: the facts below are then defaults.
    package var hasFacts = false

    /// `read_only`, `super_read_only` and `innodb_read_only` in one.
    package var readOnly = ReadOnlyState.readOnly("unknown")
    /// `server_id`.
    package var serverID: UInt32 = 0
    /// Tells servers apart that share a server id, and the same server under two names: `server_uuid` or
    /// `server_uid`, host name, port and server id in one text.
    package var identity = ""
    /// `server_uuid` or `server_uid`; empty if the server has neither.
    package var serverUUID = ""
    /// `hostname`: what the server's machine calls itself.
    package var hostName = ""
    /// `port`: where the server itself listens, which a translation may hide.
    package var port: UInt16 = 0
    /// `report_host`; empty if not set.
    package var reportHost = ""
    /// `version`, in full.
    package var version = ""
    /// MariaDB or MySQL.
    package var flavor = ServerFlavor.unknown
    /// `gtid_binlog_pos`; on MySQL `gtid_executed`.
    package var gtidBinlogPosition = ""
    /// `gtid_current_pos`; on MySQL `gtid_executed`.
    package var gtidCurrentPosition = ""
    /// The configured replication channels.
    package var channels: [ReplicationChannel] = []
    /// The semi-synchronous switches.
    package var semiSync = SemiSyncState()
    /// The node's place in its Galera cluster or replication group; nil for a server on its own.
    package var group: GroupMembership?
    /// Threads that a global read lock holds up, such as FLUSH TABLES WITH READ LOCK; asked every other second.
    package var stalledThreads = 0
    /// The collation byte of the server's greeting.
    package var collation: UInt8 = 0
    /// The capability flags of the server's greeting, MariaDB's extended ones in the upper half.
    package var capabilities: UInt64 = 0
    /// The replicas this node sends to, as far as it says so.
    package var connectedReplicas: [ConnectedReplica] = []
    /// The monitor connection's id on the server. A smaller one than before means that the server restarted.
    package var connectionID: UInt64 = 0
    /// Optional statements the account may not use, with the grant that would help.
    package var missingPrivileges: [String] = []

    /// How long the probe took, to the millisecond.
    package var probeLatencyMicroseconds: UInt64 = 0
    /// Monotonic clock, when the answer was complete.
    package var observedAtMilliseconds: Int64 = 0

    /// Monotonic clock, when the probe that brought the facts began; 0 while there are none.
    package var askedAtMilliseconds: UInt64 = 0

    /// Nothing known yet of `node`.
    package init(node: NodeID) { self.node = node }

    /// Whether the last probe succeeded.
    package var isReachable: Bool { failure == nil && hasFacts }

    /// Whether the node's process is known to be gone, without waiting for more failures.
    package var isGone: Bool { failure?.kind == .refused }
}
