// A change in a cluster, told with its evidence, as `routing_history` keeps it.

/// One change. `kind` is a word of `RoutingEventKind`.
package struct RoutingEvent: Sendable, Equatable {
    package var unixMilliseconds: Int64
    package var cluster: String
    /// The node's name; nil for what concerns the whole cluster.
    package var node: String?
    package var kind: String
    package var from: String
    package var to: String
    package var epoch: UInt64
    package var reason: String
    /// What was seen, as `name=value` pairs.
    package var evidence: String

    /// An event; see the properties.
    package init(
        unixMilliseconds: Int64, cluster: String, node: String?, kind: String, from: String, to: String,
        epoch: UInt64, reason: String, evidence: String
    ) {
        self.unixMilliseconds = unixMilliseconds
        self.cluster = cluster
        self.node = node
        self.kind = kind
        self.from = from
        self.to = to
        self.epoch = epoch
        self.reason = reason
        self.evidence = evidence
    }
}

/// The words an event's `kind` can be.
package enum RoutingEventKind {
    /// A primary was found or another one was promoted; a new epoch began.
    package static let primaryChanged = "primary_changed"
    /// The same primary came back after its process ended; a new epoch began.
    package static let primaryRestarted = "primary_restarted"
    package static let gateOpened = "gate_opened"
    package static let gateClosed = "gate_closed"
    /// A second node accepts writes.
    package static let twoWritable = "two_writable"
    /// The promoted node lacks transactions the old primary was seen to have.
    package static let lostGTID = "lost_gtid"
    /// A node's position went backwards (`RESET MASTER`, a restored backup).
    package static let gtidReset = "gtid_reset"
    /// A replica accepts writes although it replicates from a member.
    package static let writableReplica = "writable_replica"
    /// The primary itself replicates from a server outside the cluster.
    package static let externalSource = "external_source"
    /// The semi-sync source side is enabled on a replica, whose SQL thread may then hang.
    package static let semiSyncSourceOnReplica = "semi_sync_source_on_replica"
    package static let nodeDiscovered = "node_discovered"
    package static let nodeDuplicate = "node_duplicate"
    package static let nodeUp = "node_up"
    package static let nodeDown = "node_down"
    package static let nodeRefused = "node_refused"
    package static let nodeDraining = "node_draining"
    package static let nodeEnabled = "node_enabled"
    package static let nodeChanged = "node_changed"
    package static let replicaOnline = "replica_online"
    package static let replicaStopped = "replica_stopped"
    package static let replicaLagging = "replica_lagging"
    package static let replicaConnecting = "replica_connecting"
    package static let wrongVersion = "wrong_version"
    /// The primary was demoted: it accepts no writes any more.
    package static let primaryReadOnly = "primary_read_only"
    /// The monitor account lacks a privilege that only discovery needs.
    package static let monitorPrivilege = "monitor_privilege"
}
