// A condition that lasts: told by an event when it begins, kept with its beginning until it ends.

/// Something that an operator should look at, for as long as it is so.
package struct ClusterAlarm: Sendable, Equatable {
    /// The word of `RoutingEventKind` that told of its beginning.
    package var kind: String
    /// The node's name; nil for what concerns several.
    package var node: String?
    /// When it began.
    package var sinceUnixMilliseconds: Int64
    /// The condition in a sentence.
    package var reason: String
}

extension RoutingTable {
    /// What is wrong now, oldest first; a closed gate is not among them, it speaks for itself.
    package var alarms: [ClusterAlarm] {
        let ofNodes = memory.nodes.values.flatMap(\.alarms.values)
        return (ofNodes + memory.zonesDown.values).sorted {
            ($0.sinceUnixMilliseconds, $0.kind, $0.node ?? "") < ($1.sinceUnixMilliseconds, $1.kind, $1.node ?? "")
        }
    }

    /// How the cluster's nodes share their data, as their servers say.
    package var kind: ClusterKind { memory.kind }

    /// For how long nobody may be written to, in milliseconds; 0 while the gate is open.
    package func closedMilliseconds(nowUnixMilliseconds now: Int64) -> Int64 {
        guard case .closed(_, let since) = gate else { return 0 }
        return max(0, now - since)
    }

    /// For how long nobody could be written to in all, since the start, in milliseconds. Never decreases, as long as
    /// the clock does not.
    package func closedTotalMilliseconds(nowUnixMilliseconds now: Int64) -> Int64 {
        memory.closedMilliseconds + closedMilliseconds(nowUnixMilliseconds: now)
    }
}
