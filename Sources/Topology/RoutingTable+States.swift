// What a table says of the whole cluster: whether anything may begin, and whether two nodes take writes.

extension RoutingTable {
    /// Whether writes and transactions may begin: the gate is open, and no admin paused the cluster.
    ///
    /// What has begun goes on by `isOpen(_:_:)`, which a pause does not change.
    package var mayBegin: Bool { !isPaused && gate.isOpen }

    /// Why nothing may begin although there may be a primary; nil while the cluster is not paused.
    package var pausedReason: String? { pause?.reason }

    /// Why nothing may begin, and since when; nil while it may.
    package var closure: (reason: String, sinceUnixMilliseconds: Int64)? {
        switch (gate, pause) {
        case (.open, nil): nil
        case (.open, let pause?): (pause.reason, pause.order.unixMilliseconds)
        case (.closed(let reason, let since), nil): (reason, since)
        case (.closed(let reason, let since), let pause?):
            ("\(reason); and \(pause.reason)", min(since, pause.order.unixMilliseconds))
        }
    }

    /// Whether a second node accepts writes, as far as is known.
    package var hasTwoWritable: Bool {
        guard gate.isOpen else { return entries.count { $0.state == .writable } > 1 }
        // One that became writable a moment ago may be the primary's successor: only an alarm says that it is not.
        return entries.contains { entry in
            (entry.state == .writable || entry.state == .draining)
                && memory.nodes[entry.id]?.alarms[.twoWritable] != nil
        }
    }
}
