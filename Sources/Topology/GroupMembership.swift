// A node's place in a group of servers that certify each other's writes: Galera, or Group Replication.

/// How the nodes of a cluster share their data.
package enum ClusterKind: String, Sendable {
    /// A primary, and replicas that follow it.
    case replication
    case galera
    case groupReplication = "group_replication"

    /// What people call it.
    package var words: String {
        switch self {
        case .replication: "replication"
        case .galera: "Galera"
        case .groupReplication: "Group Replication"
        }
    }
}

/// What a member says of itself and of its group.
package struct GroupMembership: Sendable, Equatable {
    /// `galera` or `groupReplication`.
    package var kind: ClusterKind
    /// `wsrep_cluster_state_uuid`, or `group_replication_group_name`: members of one group agree on it.
    package var groupID = ""
    /// The member's id in its group: the server's uuid.
    package var memberID = ""
    /// `wsrep_local_state_comment` or `MEMBER_STATE`, in the server's words.
    package var state = ""
    /// Whether the member is with the majority: a Primary component, or most of its view is reachable.
    package var hasMajority = false
    /// Whether it has everything and serves statements (`Synced`, `ONLINE`), majority included.
    package var isOnline = false
    /// A Galera donor, or a desynced node: it serves, but may fall behind or stand still while it sends its data.
    package var isDonor = false
    /// Whether writes may begin here as far as the group is concerned (`MEMBER_ROLE` is PRIMARY; any Galera member).
    package var mayWrite = false
    /// `wsrep_local_index`: the order that all members agree on; 0 in Group Replication.
    package var rank: UInt64 = 0
    /// Whether the server refuses statements by itself (`wsrep_reject_queries`) or does not replicate (`wsrep_on`).
    package var isClosed = false
    /// The members that this one knows, itself included, as far as they have addresses.
    package var peers: [ConnectedReplica] = []

    /// Nothing known yet.
    package init(kind: ClusterKind) { self.kind = kind }

    /// The order in which members are taken for the writer: every proxy finds the same.
    func precedes(_ other: GroupMembership) -> Bool { (rank, memberID) < (other.rank, other.memberID) }
}
