// Connections that are opened before a session asks for them: the pool's part in what `OpeningAhead` decides.
internal import Topology
internal import Wire

extension ServerPool {
    /// Notes who has connections to the primary.
    func sampleWriters(_ now: UInt64) {
        guard now >= nextSampleMilliseconds, let primary = table?.primary?.id else { return }
        nextSampleMilliseconds = now + BackendLimits.warmSampleMilliseconds
        let writing = connections.filter { $0.entry.id == primary && !$0.key.isReadOnly && $0.wasReady }
        ahead.writersSampled(Dictionary(grouping: writing, by: \.key).mapValues(\.count))
    }

    /// Opens what is missing at the nodes that are usable: connections for those who wrote on the former primary, and as
    /// many as are to idle at least. To be called while no session waits for a connection.
    package func openAhead(nowMilliseconds now: UInt64) {
        // With the client's address in it, nobody else can use such a connection.
        guard settings.proxyHeader == nil, let table,
            ahead.isDue(minimumIdle: settings.minimumIdleConnections, nowMilliseconds: now)
        else { return }
        let present = connections
        let keys = ahead.next(
            at: places(in: table), minimumIdle: settings.minimumIdleConnections,
            room: settings.idleConnections - idleConnections, nowMilliseconds: now
        ) { key in present.count { $0.key == key } }
        for key in keys { openAhead(key, table, now) }
    }

    /// Nodes that sessions may be sent to. One that is being drained gets nothing new.
    private func places(in table: RoutingTable) -> [OpeningAhead.Place] {
        table.entries.compactMap { entry in
            let isPrimary = table.primaryIndex == entry.id.index
            guard entry.state != .draining, entry.state != .down, isPrimary || entry.acceptsReads else { return nil }
            return OpeningAhead.Place(node: entry.id, isPrimary: isPrimary, idle: idleConnections(to: entry.id))
        }
    }

    private func openAhead(_ key: PoolKey, _ table: RoutingTable, _ now: UInt64) {
        guard let entry = table.entry(key.node),
            settings.budget.reserve(
                entry.load, user: key.account.user, nodeLimit: settings.connectionsPerNode, beyond: 0) == nil
        else { return ahead.limitReached(key) }
        if case .failed = start(key, entry, table.epoch, Opener()) {
            ahead.failed(key, isRefused: false, nowMilliseconds: now)
        }
    }

    /// A connection that was opened ahead was given to the pool, which did or did not keep it.
    fileprivate func openedAhead(_ connection: ServerConnection) {
        // Closed when others wanted its place meanwhile.
        connection.phase == .closed ? ahead.limitReached(connection.key) : ahead.opened(connection.key)
    }

    fileprivate func failedAhead(_ connection: ServerConnection, _ failure: ServerFailure) {
        var isRefused = false
        if case .refused = failure { isRefused = true }
        if case .loginUnsupported = failure { isRefused = true }
        ahead.failed(connection.key, isRefused: isRefused, nowMilliseconds: nowMilliseconds)
    }
}

/// The user of a connection that is opened ahead: the pool has it as soon as it is ready.
private final class Opener: ErrandUser {
    func serverSynchronized(_ server: ServerConnection) {
        server.release()
        server.pool.openedAhead(server)
    }
    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure) {
        server.pool.failedAhead(server, failure)
    }
}
