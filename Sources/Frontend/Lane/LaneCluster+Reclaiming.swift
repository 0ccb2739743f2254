// Connections that idle here, or that idle sessions have, and that others wait for: on this lane, or on another.
//
// An account at its own limit wants none but its own connections: those of others stay where they are.
internal import Backend
internal import Network
internal import Topology

extension LaneCluster {
    // MARK: Between lanes

    /// How many places this lane may leave now to those who wait there, because nobody here whom they would help waits as
    /// long.
    ///
    /// - Parameter account: whose connection it is; nil for that of whoever waits there.
    private func placesToLeave(at node: NodeID, to other: ConnectionWants.Want, account: String? = nil) -> Int {
        let first = firstInLine(at: node, servedBy: account ?? other.user)
        return shares.placesToLeave(
            at: node, first.map { line(at: node, $0) }, to: other.line, nowMilliseconds: lane.nowMilliseconds)
    }

    /// The first who waits here whom a connection of this account would help.
    func firstInLine(at node: NodeID, servedBy account: String?) -> ConnectionQueue<ProxySession>.Entry? {
        queue.entries(at: node).first { !$0.limit.isOfAccount || $0.waiter.account.user == account }
    }

    /// Those who wait here as this one does.
    func line(at node: NodeID, _ waiting: ConnectionQueue<ProxySession>.Entry) -> LaneShares.Line {
        guard case .node = waiting.limit else { return LaneShares.Line(since: waiting.since) }
        return LaneShares.Line(
            since: waiting.since,
            numbers: LaneShares.Line.Numbers(
                waiting: queue.nodeWaiters(at: node), places: pool.connections(to: node)))
    }

    /// Whether a connection of this account that comes back is of no use here, but its place is elsewhere.
    func isSurplus(_ node: NodeID, account: String) -> Bool {
        // The places of the process are those of all clusters.
        if budget.isWanted && queue.processWaiters == 0 && queue.count(at: node) == 0 { return true }
        for other in link.wants.others(at: node, but: lane.number)
        where other.isServed(by: account) && placesToLeave(at: node, to: other, account: account) > 0 {
            leftPlace(at: node, to: other)
            return true
        }
        return false
    }

    private func leftPlace(at node: NodeID, to other: ConnectionWants.Want) {
        shares.leftPlace(at: node, to: other.lane, nowMilliseconds: lane.nowMilliseconds)
    }

    /// Closes an idle connection to the node when its place helps those of another lane who wait longer.
    func giveToOtherLane(_ node: NodeID) {
        for other in link.wants.others(at: node, but: lane.number) where placesToLeave(at: node, to: other) > 0 {
            if evictIdle(at: node, for: other, atMost: 1) > 0 { return }
        }
    }

    /// Closes so many idle connections whose places help that lane. It is told of each at once.
    private func evictIdle(at node: NodeID, for other: ConnectionWants.Want, atMost count: Int) -> Int {
        let before = shares
        leftPlace(at: node, to: other)
        let evicted = pool.evictIdle(of: node, user: other.user, atMost: count)
        if evicted == 0 { shares = before }
        return evicted
    }

    /// What the lane wants to which a place at the node was left a moment ago.
    func receiverWants(at node: NodeID) -> [ConnectionWants.Want] {
        guard let receiver = shares.receiver(at: node, nowMilliseconds: lane.nowMilliseconds) else { return [] }
        return link.wants.others(at: node, but: lane.number).filter { $0.lane == receiver }
    }

    /// Whether a free place is that lane's, which may not know of it yet, and not that of one who waits here.
    func leavesPlace(
        at node: NodeID, _ waiting: ConnectionQueue<ProxySession>.Entry, to wants: [ConnectionWants.Want]
    ) -> Bool {
        guard !wants.isEmpty, !pool.hasIdle(at: node) else { return false }
        let user = waiting.waiter.account.user
        return wants.contains { $0.isServed(by: user) && $0.line.since <= waiting.since }
    }

    /// Once a sweep: the process has as many connections as it may have, and none of those who wait for that is here. What
    /// idles in the pool goes, and what the longest idle session can do without, but for the nodes that are waited for here.
    func giveToOtherClusters() {
        guard budget.isWanted, queue.processWaiters == 0 else { return }
        let want = ConnectionWants.Want(lane: lane.number, count: 1, line: LaneShares.Line(since: 0), limit: .node(0))
        for entry in table.entries where queue.count(at: entry.id) == 0 {
            _ = pool.evictIdle(of: entry.id, user: nil, atMost: .max)
            if askIdle(for: want.count, at: entry.id, want) > 0 { return }
        }
    }

    // MARK: Taking connections back

    /// Takes connections to the node from this lane's idle sessions, the longest idle first, and asks the other lanes.
    func reclaim(_ node: NodeID) {
        var isShort = false
        mayReclaimMore = false
        for want in wants(at: node) {
            let given = askIdle(for: want.count, at: node, want)
            if given < want.count { isShort = true }
        }
        if isShort { link.lanes.tellOthers(than: lane) { $0.reclaimForOthers(node) } }
    }

    /// Gives up what other lanes want and nobody here waits for.
    func reclaimForOthers(_ node: NodeID) {
        for other in link.wants.others(at: node, but: lane.number) {
            if other.isAnyNode { pool.drain() }
            let places = min(other.count, placesToLeave(at: node, to: other))
            guard places > 0 else { continue }
            let evicted = evictIdle(at: node, for: other, atMost: places)
            // What a session gives back passes the pool, which leaves the place to whoever waits longer.
            if evicted < places { _ = askIdle(for: places - evicted, at: node, other) }
        }
    }

    /// Lets sessions that idle give connections to `node` back that help those who want some; returns how many do. Only who
    /// has one is looked at: the sessions are many.
    private func askIdle(for count: Int, at node: NodeID, _ want: ConnectionWants.Want) -> Int {
        var idle: [(session: ProxySession, server: ServerConnection)] = []
        for server in pool.leasedConnections(to: want.isAnyNode ? nil : node, of: want.user) {
            // A session offers one connection, so nobody is in it twice.
            guard let session = server.holder as? ProxySession,
                session.connectionToYield(to: node, orAny: want.isAnyNode) === server
            else { continue }
            idle.append((session, server))
        }
        if idle.count > count { mayReclaimMore = true }
        let longest = idle.sorted { $0.session.lastActiveMilliseconds < $1.session.lastActiveMilliseconds }
        for (session, server) in longest.prefix(count) { session.yield(server) }
        return min(idle.count, count)
    }

    /// A session has just become idle while others wait: it gives back what they want.
    func yieldIfWanted(_ session: ProxySession) {
        let account = session.account.user
        for (node, wants) in link.wants.all {
            let isWanted = wants.contains {
                ($0.lane == lane.number || waitsLong($0)) && $0.isServed(by: account)
            }
            guard isWanted else { continue }
            let isAnyNode = wants.contains { $0.isAnyNode }
            guard let server = session.connectionToYield(to: node, orAny: isAnyNode) else { continue }
            return session.yield(server)
        }
    }
}
