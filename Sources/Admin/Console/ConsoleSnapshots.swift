// Copies of live things that all tables of one statement share, so that a join does not see two moments.
internal import Frontend
internal import Synchronization
internal import Topology

/// What one statement has read so far. Used on the console's queue, one statement at a time.
final class ConsoleSnapshots: Sendable {
    private struct Held {
        var lanes: [LaneSnapshot]?
        var laneFigures: [LaneFigures]?
        var tables: [String: RoutingTable] = [:]
        var digests: [DigestRecord]?
    }

    let source: ConsoleSource
    private let held = Mutex(Held())

    init(source: ConsoleSource) { self.source = source }

    /// The next statement sees the world anew.
    func forget() { held.withLock { $0 = Held() } }

    /// Everything on the lanes.
    var lanes: [LaneSnapshot] {
        if let known = held.withLock({ $0.lanes }) { return known }
        let fresh = source.lanes()
        held.withLock { $0.lanes = fresh }
        return fresh
    }

    /// Figures of the lanes.
    var laneFigures: [LaneFigures] {
        if let known = held.withLock({ $0.laneFigures }) { return known }
        let fresh = source.laneFigures()
        held.withLock { $0.laneFigures = fresh }
        return fresh
    }

    /// The sessions of all lanes, by id.
    var sessions: [SessionSnapshot] { lanes.flatMap(\.sessions).sorted { $0.id < $1.id } }

    /// The digests of all lanes, those that took most time first.
    var digests: [DigestRecord] {
        if let known = held.withLock({ $0.digests }) { return known }
        let fresh = source.digests()
        held.withLock { $0.digests = fresh }
        return fresh
    }

    /// The routing table of a cluster.
    func table(of cluster: ConsoleCluster) -> RoutingTable {
        if let known = held.withLock({ $0.tables[cluster.name] }) { return known }
        let fresh = cluster.table()
        held.withLock { $0.tables[cluster.name] = fresh }
        return fresh
    }
}
