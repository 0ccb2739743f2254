// A change in a cluster, told with its evidence, as `routing_history` keeps it.

/// One change. `kind` is a word of `RoutingEventKind`.
package struct RoutingEvent: Sendable, Equatable {
    /// When the change was judged.
    package var unixMilliseconds: Int64
    /// The cluster's name.
    package var cluster: String
    /// The node's name; nil for what concerns the whole cluster.
    package var node: String?
    /// A word of `RoutingEventKind`.
    package var kind: String
    /// What was before; a role and state, a name, or a position.
    package var from: String
    /// What is now.
    package var to: String
    /// The reign in which, or with which, it happened.
    package var epoch: UInt64
    /// The change in a sentence.
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
    /// Writes go somewhere again.
    package static let gateOpened = "gate_opened"
    /// Writes go nowhere.
    package static let gateClosed = "gate_closed"
    /// A second node accepts writes.
    package static let twoWritable = "two_writable"
    /// The promoted node lacks transactions the old primary was seen to have.
    package static let lostGTID = "lost_gtid"
    /// A session's reads had to wait for what the primary does not have: they do not wait for it any more.
    package static let positionLost = "position_lost"
    /// A node's position went backwards (`RESET MASTER`, a restored backup).
    package static let gtidReset = "gtid_reset"
    /// A replica accepts writes although it replicates from a member.
    package static let writableReplica = "writable_replica"
    /// The primary itself replicates from a server outside the cluster.
    package static let externalSource = "external_source"
    /// The primary does not answer the probes, but replicas receive from it.
    package static let primaryUnseen = "primary_unseen"
    /// A global read lock holds up writes on the primary.
    package static let writesStalled = "writes_stalled"
    /// The primary acknowledges writes without waiting for a replica, although semi-sync is enabled.
    package static let semiSyncInactive = "semi_sync_inactive"
    /// A condition that was told before has ended; `from` is its word.
    package static let alarmEnded = "alarm_ended"
    /// Another server answers under a node's name.
    package static let nodeMoved = "node_moved"
    /// All nodes of a zone are down.
    package static let zoneDown = "zone_down"
    /// A node of a zone that was down answers.
    package static let zoneUp = "zone_up"
    /// The semi-sync source side is enabled on a replica, whose SQL thread may then hang.
    package static let semiSyncSourceOnReplica = "semi_sync_source_on_replica"
    /// A server nobody configured was found and is probed.
    package static let nodeDiscovered = "node_discovered"
    /// A node that came into the settings is probed.
    package static let nodeAdded = "node_added"
    /// Two addresses lead to the same server.
    package static let nodeDuplicate = "node_duplicate"
    /// A node that was down answers.
    package static let nodeUp = "node_up"
    /// A node does not answer.
    package static let nodeDown = "node_down"
    /// A node does not accept the monitor account.
    package static let nodeRefused = "node_refused"
    /// An admin drained a node.
    package static let nodeDraining = "node_draining"
    /// An admin ended the draining.
    package static let nodeEnabled = "node_enabled"
    /// An admin paused the cluster: no write and no transaction begins.
    package static let clusterPaused = "cluster_paused"
    /// A pause ended, by an admin or by itself.
    package static let clusterResumed = "cluster_resumed"
    /// A change of role or state that has no word of its own.
    package static let nodeChanged = "node_changed"
    /// Reads leave a node out for a while: it fails, or is far slower than the other readers.
    package static let nodeEjected = "node_ejected"
    /// The ejection is over: the node takes reads again, gradually.
    package static let nodeReturned = "node_returned"
    /// Connections to a node failed so often that they are tried one at a time.
    package static let circuitOpened = "circuit_opened"
    /// A connection to it was made again.
    package static let circuitClosed = "circuit_closed"
    /// A replica serves reads.
    package static let replicaOnline = "replica_online"
    /// A replica's replication stopped or leads nowhere.
    package static let replicaStopped = "replica_stopped"
    /// A replica is too far behind.
    package static let replicaLagging = "replica_lagging"
    /// A replica is looking for its source.
    package static let replicaConnecting = "replica_connecting"
    /// A node's flavor or version does not fit the primary's.
    package static let wrongVersion = "wrong_version"
    /// The primary was demoted: it accepts no writes any more.
    package static let primaryReadOnly = "primary_read_only"
    /// The monitor account lacks a privilege that only discovery needs.
    package static let monitorPrivilege = "monitor_privilege"
}
