// One cluster on one lane: the routing table in force, the pool, the sessions, and who waits. Loop-confined.
internal import Backend
internal import Glibc
package import Network
internal import Routing
package import Topology
internal import Wire

/// Everything that the sessions of one lane share for one cluster.
package final class LaneCluster {
    let lane: Lane
    /// What the lanes know of the cluster.
    package let link: ClusterLink
    let pool: ServerPool
    var random: LaneRandom
    private(set) var table: RoutingTable
    /// The parsed position of each entry of `table`; nil where it is unknown.
    private var positions: [Position?] = []
    /// Bit i: entry i takes reads and is not the primary.
    private(set) var readers: UInt64 = 0
    /// By the connection id that the client sees.
    private var sessions: [UInt32: ProxySession] = [:]
    /// What is being killed on servers.
    var killers: [ServerThreadKiller] = []
    private var waiting: [ProxySession] = []
    private var knownSchemas: [KnownSchema: UInt64] = [:]
    private var retryIsScheduled = false
    private var nextFrozenCheck: UInt64 = 0
    private(set) var isDraining = false

    private struct KnownSchema: Hashable {
        let account: BackendAccount
        let schema: String
    }

    /// A lane's view of a cluster of which nothing is known yet.
    package init(lane: Lane, link: ClusterLink, resolver: Resolver, table: RoutingTable) {
        self.lane = lane
        self.link = link
        self.table = table
        random = LaneRandom(seed: lane.nowNanoseconds ^ UInt64(lane.number + 1) << 32)
        let probe = link.probeNow
        pool = ServerPool(
            lane: lane, settings: link.poolSettings, resolver: resolver,
            attributes: [ConnectAttribute(key: "program_name", value: "switchyard")], onTrouble: { probe($0) })
        // Weak: the lane, and the pool's last connections, may outlive a cluster that was removed.
        pool.setCapacityHandler { [weak self] in self?.retryWaitingSoon() }
        // What is wanted on another lane cannot wait in this lane's pool: it must make room.
        pool.setSurplusCheck { [weak self] in self.map { $0.link.wants.isAny && $0.waiting.isEmpty } ?? false }
        lane.addSweeper { [weak self] milliseconds in
            guard let self else { return }
            pool.sweep(nowMilliseconds: milliseconds)
            yieldIdle()
            giveUpKillers(milliseconds)
            lookForFrozen(milliseconds)
            // Another lane may have freed what this one waits for.
            if !waiting.isEmpty { retryWaiting() }
        }
        adopt(table)
        link.lanes.add(self)
    }

    // MARK: Topology

    /// Puts a newer table in force: waiting statements are routed again.
    package func adopt(_ table: RoutingTable) {
        guard table.version >= self.table.version else { return }
        self.table = table
        readers = 0
        for index in table.readers where index < Balancer.nodesMaximum { readers |= 1 << UInt64(index) }
        positions = table.entries.map { entry in
            guard !entry.gtid.isEmpty else { return nil }
            return try? Position.parse(entry.gtid, flavor: entry.flavor == .mySQL ? .mySQL : .mariaDB)
        }
        pool.tablePublished(table)
        for session in sessions.values { session.tablePublished() }
        retryWaiting()
    }

    /// The readers that are known to have everything up to `position`.
    func readers(covering position: Position?) -> UInt64 {
        guard let position else { return readers }
        var fit: UInt64 = 0
        var rest = readers
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest - 1
            if let known = positions[index], known.covers(position) { fit |= 1 << UInt64(index) }
        }
        return fit
    }

    // MARK: Sessions

    func add(_ session: ProxySession) { sessions[session.client.id] = session }

    func remove(_ session: ProxySession) {
        sessions[session.client.id] = nil
        stopWaiting(session)
    }

    /// The session with this connection id, if it lives here.
    func session(_ id: UInt32) -> ProxySession? { sessions[id] }
    /// The sessions of this lane, for the console.
    var allSessions: [ProxySession] { Array(sessions.values) }
    /// How many sessions live here.
    package var sessionCount: Int { sessions.count }

    /// From now on a session ends when nothing runs in it.
    package func drain() {
        isDraining = true
        for session in sessions.values { session.drain() }
        pool.drain()
    }

    /// Ends all sessions, whatever they do.
    package func endAll() {
        for session in sessions.values { session.endNow() }
        pool.drain()
    }

    // MARK: Waiting

    /// Lets a session wait for a better table or a free connection. False when too many wait already.
    func startWaiting(_ session: ProxySession) -> Bool {
        guard link.counters.reserveWaiting(limit: link.settings.waitingClients) else { return false }
        waiting.append(session)
        return true
    }

    func stopWaiting(_ session: ProxySession) {
        guard let index = waiting.firstIndex(where: { $0 === session }) else { return }
        waiting.remove(at: index)
        link.counters.waitingEnded(1)
    }

    private func retryWaitingSoon() {
        guard !waiting.isEmpty, !retryIsScheduled else { return }
        retryIsScheduled = true
        lane.soon(RetryLater(self))
    }

    /// In the order of arrival: those who still cannot be served join the end of the queue again, in the same order.
    fileprivate func retryWaiting() {
        retryIsScheduled = false
        guard !waiting.isEmpty else { return }
        let batch = waiting
        waiting.removeAll()
        link.counters.waitingEnded(batch.count)
        for session in batch { session.retry() }
    }

    /// A table is published when something changes; how long a node has been down does not change it.
    private func lookForFrozen(_ now: UInt64) {
        guard now >= nextFrozenCheck else { return }
        nextFrozenCheck = now + FrontendLimits.frozenCheckMilliseconds
        guard table.entries.contains(where: { $0.state == .down }) else { return }
        for session in sessions.values { session.leaveFrozenServer() }
    }

    /// Wall-clock time, as in the table.
    var nowUnixMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: Connections that others want

    /// A statement has to wait because `node` has as many connections as it may have.
    func want(_ node: NodeID) { link.wants.want(node, waiting: link.counters.waitingStatements + 1) }

    /// A session has just become idle while others wait: it gives back what they want.
    func yieldIfWanted(_ session: ProxySession) {
        for (node, count) in link.wants.all where count > 0 {
            guard let server = session.connectionToYield(to: node) else { continue }
            return session.yield(server)
        }
    }

    /// Those that idle longest give back what others want. Once a sweep: it looks at all sessions.
    private func yieldIdle() {
        guard link.wants.isAny else { return }
        guard link.counters.waitingStatements > 0 else { return link.wants.clear() }
        for (node, count) in link.wants.all where count > 0 {
            let evicted = pool.evictIdle(of: node, atMost: count)
            link.wants.satisfied(node, evicted)
            guard evicted < count else { continue }
            let idle = sessions.values.compactMap { session in
                session.connectionToYield(to: node).map { (session: session, server: $0) }
            }
            let longest = idle.sorted { $0.session.lastActiveMilliseconds < $1.session.lastActiveMilliseconds }
            for (session, server) in longest.prefix(count - evicted) { session.yield(server) }
        }
    }

    // MARK: Schemas

    /// Whether a server has lately accepted this schema for this account.
    func knowsSchema(_ schema: String, _ account: BackendAccount) -> Bool {
        guard let since = knownSchemas[KnownSchema(account: account, schema: schema)] else { return false }
        return lane.nowMilliseconds - since < FrontendLimits.knownSchemaMilliseconds
    }

    func schemaAccepted(_ schema: String, _ account: BackendAccount) {
        if knownSchemas.count >= FrontendLimits.knownSchemas { knownSchemas.removeAll(keepingCapacity: true) }
        knownSchemas[KnownSchema(account: account, schema: schema)] = lane.nowMilliseconds
    }
}

private final class RetryLater: DeferredWork {
    private let cluster: LaneCluster
    init(_ cluster: LaneCluster) { self.cluster = cluster }
    func runSoon() { cluster.retryWaiting() }
}
