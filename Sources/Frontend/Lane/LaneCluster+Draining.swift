// Sessions that still use a node long after an admin asked for it to be drained.
internal import Backend
internal import Topology

extension LaneCluster {
    /// Gives up connections to replicas that have been draining for longer than `drain_timeout`: a read-only transaction, a
    /// cursor or a long result holds them. Their sessions deal with it as with a connection that was lost.
    func leaveDrained() {
        let limit = Int64(clamping: link.settings.drainTimeoutMilliseconds)
        let now = nowUnixMilliseconds
        let drained = table.entries.filter {
            $0.state == .draining && !$0.acceptsReads && !$0.acceptsWrites && now - $0.sinceUnixMilliseconds >= limit
        }
        guard !drained.isEmpty else { return }
        for server in pool.connections {
            guard let entry = drained.first(where: { $0.id == server.entry.id }) else { continue }
            server.giveUp("\(entry.reason); drain_timeout is over")
        }
    }
}
