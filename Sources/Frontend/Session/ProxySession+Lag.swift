// How far behind a replica may be that serves the read at hand. Only new reads ask: a transaction stays where it is.
internal import Backend
internal import Routing
internal import Topology

extension ProxySession {
    /// The limit of the statement at hand, or else of the session; nil for the cluster's own only.
    var lagLimit: UInt64? {
        guard command.hasWishes else { return limits.maxLagMilliseconds }
        return command.wishes.maxLagMilliseconds ?? limits.maxLagMilliseconds
    }

    /// Of these readers, those that are fresh enough.
    func withinLag(_ candidates: UInt64) -> UInt64 {
        guard let limit = lagLimit else { return candidates }
        return cluster.lagLimits.within(limit, candidates, atLeast: limits.minReaders)
    }

    /// Whether a session of mode `replica` may stay on its replica.
    func isWithinLag(_ server: ServerConnection) -> Bool {
        guard lagLimit != nil, server.entry.id.index < Balancer.nodesMaximum else { return true }
        return withinLag(cluster.readers) & (1 << UInt64(server.entry.id.index)) != 0
    }
}
