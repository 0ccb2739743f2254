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

    package var kind: Kind
    /// The server's or the client library's error number, or an errno; 0 if there is none.
    package var code: Int
    /// A sentence for people, with the remedy where there is one.
    package var text: String

    /// A failure; see the properties.
    package init(kind: Kind, code: Int, text: String) {
        self.kind = kind
        self.code = code
        self.text = text
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
    package var sourceHost = ""
    package var sourcePort: UInt16 = 0
    /// 0 before the first contact with the source.
    package var sourceServerID: UInt32 = 0
    package var ioThread = ReplicationThreadState.stopped
    package var sqlThread = ReplicationThreadState.stopped
    /// NULL is nil, and means "nobody knows".
    package var secondsBehind: Int?
    package var lastIOError = ""
    package var lastSQLError = ""
    package var heartbeatPeriodSeconds: Double?
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
    package var node: NodeID
    package var failure: ProbeFailure?
    /// Failed probes in a row; 0 after a good one.
    package var consecutiveFailures = 0
    /// False while no probe ever succeeded: the facts below are then defaults.
    package var hasFacts = false

    package var readOnly = ReadOnlyState.readOnly("unknown")
    package var serverID: UInt32 = 0
    /// Tells servers apart that share a server id, and the same server under two names: `server_uuid` or
    /// `server_uid`, host name, port and server id in one text.
    package var identity = ""
    package var hostName = ""
    package var port: UInt16 = 0
    package var reportHost = ""
    package var version = ""
    package var flavor = ServerFlavor.unknown
    package var gtidBinlogPosition = ""
    /// `gtid_current_pos`; on MySQL `gtid_executed`.
    package var gtidCurrentPosition = ""
    package var channels: [ReplicationChannel] = []
    package var semiSync = SemiSyncState()
    package var collation: UInt8 = 0
    package var connectedReplicas: [ConnectedReplica] = []
    /// The monitor connection's id on the server. A smaller one than before means that the server restarted.
    package var connectionID: UInt64 = 0
    /// Optional statements the account may not use, with the grant that would help.
    package var missingPrivileges: [String] = []

    package var probeLatencyMicroseconds: UInt64 = 0
    /// Monotonic clock, when the answer was complete.
    package var observedAtMilliseconds: Int64 = 0

    /// Nothing known yet of `node`.
    package init(node: NodeID) { self.node = node }

    /// Whether the last probe succeeded.
    package var isReachable: Bool { failure == nil && hasFacts }

    /// Whether the node's process is known to be gone, without waiting for more failures.
    package var isGone: Bool { failure?.kind == .refused }
}
