// What evaluating a cluster has to remember from one time to the next; travels inside the routing table.

/// The past of a cluster, as far as judging it needs it.
struct EvaluationMemory: Sendable {
    /// The samples kept of the primary's position; at 4 changes a second, two minutes.
    static let positionSamplesMaximum = 512

    /// The current or last primary; it stays here while the gate is closed.
    var primary: NodeID?
    var primaryVersion: ServerVersion?
    var primaryFlavor = ServerFlavor.unknown
    /// The last position the primary was seen at.
    var primaryPosition = ""
    /// The primary's process ended since it was last written to: its connections are dead.
    var primaryRestarted = false
    /// When a primary was found or replaced last.
    var gateOpenedUnixMilliseconds: Int64 = 0
    /// When the primary was first seen at each new position, oldest first; at most `positionSamplesMaximum`.
    var positions: [PositionSample] = []
    var nodes: [NodeID: NodeMemory] = [:]
    /// How the nodes share their data.
    var kind = ClusterKind.replication
    /// The server that was the primary, whatever its address.
    var primaryIdentity = ""
    /// The gate's closed times that are over, in all.
    var closedMilliseconds: Int64 = 0
    /// The zones all of whose nodes are down.
    var zonesDown: [String: ClusterAlarm] = [:]

    /// The past of one node.
    struct NodeMemory: Sendable {
        var wasObserved = false
        /// When the node last served reads on its own merit, grace aside.
        var goodReaderUnixMilliseconds: Int64?
        /// Writable while its replication ran: nobody promoted it, `read_only` was never set.
        var isWritableByHabit = false
        /// On the monotonic clock, since when the node is writable without replicating; nil when it is not.
        var writableSinceMilliseconds: Int64?
        var connectionID: UInt64 = 0
        var position = ""
        var identity = ""
        /// How often the identity changed.
        var moves: UInt32 = 0
        /// Whether an admin drained it, as far as that was told.
        var isDraining = false
        /// The conditions that hold.
        var alarms: [Flag: ClusterAlarm] = [:]
        /// The last reign in which it replicated from the primary, as far as it did not move below another replica.
        var followedEpoch: UInt64 = 0
        /// What its channels from the primary had brought when they were seen last; nil when it has none.
        var fed: String?
        /// On the monotonic clock, when `fed` was looked at last.
        var fedSeenAtMilliseconds: Int64 = 0
        /// On the monotonic clock, between which looks the last news came; nil when none ever did.
        var newsMilliseconds: (after: Int64, before: Int64)?
        /// On the monotonic clock, when the first of the failed probes in a row ended; nil when the last was good.
        var unseenSinceMilliseconds: Int64?
    }

    /// Conditions that are told once when they begin.
    enum Flag: Hashable, Sendable {
        case twoWritable
        case writableReplica
        case externalSource
        case semiSyncSource
        case duplicate
        case missingPrivilege
        case unseenPrimary
        case writesStalled
        case semiSyncInactive

        /// Whether its end is told, too.
        var endIsTold: Bool {
            switch self {
            case .twoWritable, .unseenPrimary, .writesStalled, .semiSyncInactive: true
            case .writableReplica, .externalSource, .semiSyncSource, .duplicate, .missingPrivilege: false
            }
        }
    }

    /// The primary's progress at a time.
    struct PositionSample: Sendable {
        var progress: UInt64
        var unixMilliseconds: Int64
    }

    /// Notes where the primary is; a progress that went backwards starts the history anew.
    mutating func notePrimaryPosition(_ position: String, flavor: ServerFlavor, nowUnixMilliseconds: Int64) {
        primaryPosition = position
        guard let progress = GTIDPosition.progress(position, flavor: flavor) else { return }
        if let last = positions.last {
            if progress == last.progress { return }
            if progress < last.progress { positions.removeAll(keepingCapacity: true) }
        }
        positions.append(PositionSample(progress: progress, unixMilliseconds: nowUnixMilliseconds))
        if positions.count > Self.positionSamplesMaximum {
            positions.removeFirst(positions.count - Self.positionSamplesMaximum)
        }
    }

    /// How long ago the primary was first seen beyond `position`; 0 when it never was, nil when unknown or
    /// longer ago than the samples reach.
    /// Too small by up to one probe interval, since the primary is not watched in between.
    func lagMilliseconds(of position: String, flavor: ServerFlavor, nowUnixMilliseconds: Int64) -> Int? {
        guard let first = positions.first, let last = positions.last,
            let progress = GTIDPosition.progress(position, within: primaryPosition, flavor: flavor)
        else { return nil }
        if progress >= last.progress { return 0 }
        if progress < first.progress { return nil }
        // Binary search for the first sample beyond the position.
        var low = 0
        var high = positions.count - 1
        while low < high {
            let middle = (low + high) / 2
            if positions[middle].progress > progress { high = middle } else { low = middle + 1 }
        }
        return Int(max(0, nowUnixMilliseconds - positions[low].unixMilliseconds))
    }
}
