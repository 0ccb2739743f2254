// The immutable picture of a cluster that lanes route by: nodes with roles and states, the gate, the epoch.

/// What a node is to the cluster.
@usableFromInline package enum NodeRole: String, Sendable {
    case primary
    case replica
    case unknown

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// How a node is doing; the text that goes with it is the entry's `reason`.
@usableFromInline package enum NodeState: String, Sendable {
    /// Everything is as it should be.
    case online
    /// Replicates, but is further behind than the policy allows, or nobody knows how far.
    case lagging
    /// Replication is stopped, not configured, or does not lead to the primary.
    case stopped
    /// The IO thread is trying to reach its source.
    case connecting
    /// Not probed yet.
    case starting
    /// Was the primary, is read-only now and replicates from nobody yet.
    case readOnly = "read_only"
    /// Does not answer.
    case down
    /// The monitor account may not log in or may not look.
    case refused
    /// Flavor or version do not fit the primary's.
    case wrongVersion = "wrong_version"
    /// Accepts writes beside the primary, or without being one.
    case writable
    /// An admin asked for no new reads.
    case draining
    /// Cannot be judged (the same server under a second name, for one).
    case unknown

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// One node of the routing table.
package struct RoutingEntry: Sendable {
    /// The node.
    package let id: NodeID
    /// The configured name, or the address.
    package var name: String
    /// Where to connect.
    package var address: ProbeAddress
    /// The zone, if one was given.
    package var zone: String?
    /// The share of reads relative to the other nodes; 0 takes none.
    package var weight: Int
    /// What the node is to the cluster.
    package var role: NodeRole
    /// How the node is doing.
    package var state: NodeState
    /// Why the state is what it is, for people; never empty.
    package var reason: String
    /// When role or state changed last.
    package var sinceUnixMilliseconds: Int64
    /// True for the gate's primary only.
    package var acceptsWrites: Bool
    /// Whether reads may be sent here.
    package var acceptsReads: Bool
    /// The position the node has applied: `gtid_current_pos`, or `gtid_executed` on MySQL; empty if unknown.
    package var gtid: String
    /// The last positions in its binary log: `gtid_binlog_pos`, or `gtid_executed` on MySQL; empty if unknown. After a
    /// promotion MariaDB may know what was before in no other place.
    package var gtidLogged = ""
    /// Whether `gtid` can be compared with the primary's, and waited for: Galera's nodes number for themselves.
    package var sharesPositions = true
    /// Whether a thread of it applies what others wrote, from whatever source: what it has of them is not all yet.
    package var appliesFromOthers = false
    /// Whether the last probe failed, and not even its host answered: others may reach it all the same.
    package var isUnseen = false
    /// When the probe that told `gtid` began, in monotonic milliseconds; 0 if unknown.
    package var gtidAskedAtMilliseconds: UInt64 = 0
    /// How far behind the primary; nil when unknown, which is not zero.
    package var lagMilliseconds: Int?
    /// `version`, in full; empty if unknown.
    package var serverVersion: String
    /// MariaDB or MySQL.
    package var flavor: ServerFlavor
    /// `server_id`; 0 if unknown.
    package var serverID: UInt32
    /// How often another server was found to answer as this node: connections to the one before are no good.
    package var moves: UInt32 = 0
    /// The collation byte of the server's greeting (the low byte of the id of `collation_server`); 0 if unknown.
    package var collation: UInt8
    /// The capability flags of the server's greeting, MariaDB's extended ones in the upper half; 0 if unknown.
    package var capabilities: UInt64
    /// The live counters, shared by all tables.
    package let load: NodeLoad

    /// A node that nothing is known of yet.
    package init(member: ClusterMember, nowUnixMilliseconds: Int64) {
        id = member.id
        name = member.name
        address = member.address
        zone = member.zone
        weight = member.weight
        role = .unknown
        state = .starting
        reason = "not probed yet"
        sinceUnixMilliseconds = nowUnixMilliseconds
        acceptsWrites = false
        acceptsReads = false
        gtid = ""
        serverVersion = ""
        flavor = .unknown
        serverID = 0
        collation = 0
        capabilities = 0
        load = member.load
    }

    /// Whether the same is sent to the same server, how far it is aside.
    func isServedAlike(as other: RoutingEntry) -> Bool {
        id == other.id && address == other.address && role == other.role && state == other.state
            && acceptsWrites == other.acceptsWrites && acceptsReads == other.acceptsReads
            && isUnseen == other.isUnseen && moves == other.moves && weight == other.weight
            && flavor == other.flavor && capabilities == other.capabilities
    }

    /// Whether lanes would act or people read the same; counters and times aside.
    func isSame(as other: RoutingEntry) -> Bool {
        isServedAlike(as: other) && name == other.name && zone == other.zone && reason == other.reason
            && gtid == other.gtid && gtidLogged == other.gtidLogged
            && sharesPositions == other.sharesPositions && appliesFromOthers == other.appliesFromOthers
            && lagMilliseconds == other.lagMilliseconds && serverVersion == other.serverVersion
            && serverID == other.serverID && collation == other.collation
    }
}

/// The permission to write.
package enum Gate: Sendable, Equatable {
    /// Writes go to `primary`, and belong to the reign `epoch`.
    case open(epoch: UInt64, primary: NodeID)
    /// Nobody may be written to, since when and why.
    case closed(reason: String, sinceUnixMilliseconds: Int64)

    /// Whether writes may go anywhere.
    package var isOpen: Bool {
        if case .open = self { true } else { false }
    }
}

/// One published state of a cluster. Immutable; lanes get a new one by mailbox.
package final class RoutingTable: Sendable {
    /// The cluster's name.
    package let cluster: String
    /// Grows by one with every published change.
    package let version: UInt64
    /// The current or last reign's number; 0 before the first primary. Never decreases.
    package let epoch: UInt64
    /// Where writes may go.
    package let gate: Gate
    /// The time in which, whatever the gate says, nothing may begin that writes; nil while no admin wants it so.
    package let pause: ClusterPause?
    /// Whether there is one. Asked for every statement.
    package let isPaused: Bool
    /// All members, at the position of their `NodeID.index`.
    package let entries: ContiguousArray<RoutingEntry>
    /// Positions in `entries` of nodes other than the primary that accept reads.
    package let readers: ContiguousArray<Int>
    /// When this version came to be.
    package let publishedUnixMilliseconds: Int64
    /// What `Evaluator` has to know of the past.
    let memory: EvaluationMemory

    /// The position in `entries` of the node that is written to; nil while the gate is closed.
    package let primaryIndex: Int?

    init(
        cluster: String, version: UInt64, epoch: UInt64, gate: Gate, pause: ClusterPause? = nil,
        entries: ContiguousArray<RoutingEntry>, publishedUnixMilliseconds: Int64, memory: EvaluationMemory
    ) {
        self.cluster = cluster
        self.version = version
        self.epoch = epoch
        self.gate = gate
        self.pause = pause
        isPaused = pause != nil
        self.entries = entries
        self.publishedUnixMilliseconds = publishedUnixMilliseconds
        self.memory = memory
        var primaryIndex: Int?
        if case .open(_, let primary) = gate { primaryIndex = primary.index }
        self.primaryIndex = primaryIndex
        readers = ContiguousArray(entries.indices.filter { entries[$0].acceptsReads && $0 != primaryIndex })
    }

    /// The table before any probe: the gate is closed and nobody is known.
    package convenience init(cluster: String, members: [ClusterMember] = [], nowUnixMilliseconds: Int64) {
        self.init(
            cluster: cluster, version: 0, epoch: 0,
            gate: .closed(reason: "no node was probed yet", sinceUnixMilliseconds: nowUnixMilliseconds),
            entries: ContiguousArray(
                members.map { RoutingEntry(member: $0, nowUnixMilliseconds: nowUnixMilliseconds) }),
            publishedUnixMilliseconds: nowUnixMilliseconds, memory: EvaluationMemory())
    }

    /// A table with exactly these entries, for tests of what routes by it.
    package convenience init(
        cluster: String, version: UInt64, epoch: UInt64, gate: Gate, pause: ClusterPause? = nil,
        entries: [RoutingEntry], publishedUnixMilliseconds: Int64
    ) {
        self.init(
            cluster: cluster, version: version, epoch: epoch, gate: gate, pause: pause,
            entries: ContiguousArray(entries),
            publishedUnixMilliseconds: publishedUnixMilliseconds, memory: EvaluationMemory())
    }

    /// The node that is written to; nil while the gate is closed.
    package var primary: RoutingEntry? {
        guard let primaryIndex, entries.indices.contains(primaryIndex) else { return nil }
        return entries[primaryIndex]
    }

    /// Whether there is a primary that numbers what it commits.
    ///
    /// This and what follows is asked for every statement: an entry that leaves this floor is a copy, which retains each
    /// of its texts.
    package var primaryHasPositions: Bool {
        guard let primaryIndex, entries.indices.contains(primaryIndex) else { return false }
        return !entries[primaryIndex].gtid.isEmpty
    }

    /// Whether reads may be sent to a node.
    package func acceptsReads(_ id: NodeID) -> Bool {
        entries.indices.contains(id.index) && entries[id.index].acceptsReads
    }

    /// Whether the gate is open for this node in this reign.
    package func isOpen(_ epoch: UInt64, _ node: NodeID) -> Bool {
        guard case .open(let reign, let primary) = gate else { return false }
        return reign == epoch && primary == node
    }

    /// Whether everything may be sent where it may be by another table, but for what asks how far a node is: reads, and
    /// commits in doubt.
    package func sendsAlike(_ other: RoutingTable) -> Bool {
        gate == other.gate && epoch == other.epoch && pause == other.pause
            && entries.elementsEqual(other.entries) { $0.isServedAlike(as: $1) }
    }

    /// The entry of a node, nil for a node this table does not know yet.
    package func entry(_ id: NodeID) -> RoutingEntry? {
        entries.indices.contains(id.index) ? entries[id.index] : nil
    }
}
