// Connections that are opened ahead: to a node that has just become the primary, for those who wrote on the one before.
//
// After a promotion all who write want a connection at once, and a login costs many times what a statement does.
internal import Topology
internal import Wire

/// Who had connections for writes when the pool last looked. Kept while the primary is gone, and its connections with it.
struct Warming {
    var primary: NodeID?
    var writers: [PoolKey: Int] = [:]
    var nextSampleMilliseconds: UInt64 = 0
}

extension ServerPool {
    /// Notes who has connections to the primary.
    func sampleWriters(_ now: UInt64) {
        guard now >= warming.nextSampleMilliseconds, let primary = warming.primary else { return }
        warming.nextSampleMilliseconds = now + BackendLimits.warmSampleMilliseconds
        let writing = connections.filter { $0.entry.id == primary && !$0.key.isReadOnly && $0.wasReady }
        guard !writing.isEmpty else { return }
        warming.writers = Dictionary(grouping: writing, by: \.key).mapValues(\.count)
    }

    /// The primary may be another than before: opens as many connections to it as there were, up to a bound.
    func warmUp(_ table: RoutingTable) {
        guard let primary = table.primary else { return }
        let former = warming.primary
        warming.primary = primary.id
        // With the client's address in it, nobody else can use such a connection.
        guard let former, former != primary.id, settings.proxyHeader == nil else { return }
        let writers = warming.writers
        warming.writers = [:]
        var left = BackendLimits.warmConnections
        for (key, count) in writers {
            let wanted = min(count, left)
            left -= wanted
            for _ in 0..<wanted {
                if !openAhead(key, primary, table.epoch) { return }
            }
        }
    }

    private func openAhead(_ key: PoolKey, _ primary: RoutingEntry, _ epoch: UInt64) -> Bool {
        let limit = settings.budget.reserve(
            primary.load, user: key.account.user, nodeLimit: settings.connectionsPerNode, beyond: 0)
        guard limit == nil else { return false }
        let key = PoolKey(node: primary.id, account: key.account, traits: key.traits, isReadOnly: false)
        if case .connection = start(key, primary, epoch, Warmer()) { return true }
        return false
    }
}

/// The user of a connection that is opened ahead: the pool has it as soon as it is ready.
private final class Warmer: ServerConnectionUser {
    func serverReady(_ server: ServerConnection) {}
    func serverSynchronized(_ server: ServerConnection) { server.release() }
    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure) {}
    func serverChanged(_ server: ServerConnection, _ change: SessionStateChange) {}
    func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse { .relay }
    func serverReplaces(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) {}
    func serverReplied(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {}
    func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags) {}
    func serverDrained(_ server: ServerConnection) {}
}
