// Waiting for a connection: who is next, and who gives one up.
//
// A node's limit counts the connections of all lanes. On a lane, whoever began to wait first is served first: newcomers
// join the queue while there is one. Between lanes the first in line of each are compared: a connection whose lane has
// nobody who waits as long is closed, and its place goes to the other lane, one at a time.
internal import Backend
internal import Network
internal import Routing
internal import Topology

extension LaneCluster {
    /// Whose turn it is to get a connection to which node.
    struct Turn {
        let session: ProxySession
        let node: NodeID
        /// The session's place in line, the first being 0.
        let place: Int
        /// Whether an idle connection of another account may be closed for it.
        let mayEvict: Bool
    }

    // MARK: Joining and leaving

    /// Whether a session may have a connection to a node now; otherwise the limit that others wait for.
    func limitAhead(of session: ProxySession, at entry: RoutingEntry) -> ConnectionLimit? {
        let node = entry.id
        if let turn, turn.session === session, turn.node == node { return nil }
        guard link.wants.isAny else { return nil }
        // An account at its own limit does not keep others waiting.
        let user = session.account.user
        if let ahead = firstInLine(at: node, servedBy: user) { return ahead.limit }
        // A place that was left to another lane a moment ago is not a newcomer's.
        if !pool.hasIdle(at: node), let other = receiverWants(at: node).first(where: { $0.isServed(by: user) }) {
            return other.limit
        }
        guard let other = link.wants.longest(at: node, but: lane.number, account: user), waitsLong(other) else {
            return nil
        }
        // Where nothing can be taken from anybody, the pool says which limit it is by now: two lanes that only asked each
        // other would go on with one that is none any more.
        return pool.hasRoom(at: entry) ? other.limit : nil
    }

    /// Whether an idle connection that does not fit may be closed to make room for this session.
    func mayEvict(for session: ProxySession) -> Bool {
        guard let turn, turn.session === session else { return true }
        return turn.mayEvict
    }

    /// Lets a session wait for a connection to `node`. False when too many wait already.
    func join(_ session: ProxySession, at node: NodeID, _ limit: ConnectionLimit) -> Bool {
        guard reserveWaiting(session) else { return false }
        let isFirst = queue.count(at: node) == 0
        let isHisTurn = turn.map { $0.session === session && $0.node == node } ?? false
        queue.join(
            session, at: node, since: session.command.waitingSince, limit, hasChoice: session.hasChoiceOfNodes,
            to: isHisTurn ? turn?.place : nil)
        publishWants(node)
        if !isHisTurn && (isFirst || mayReclaimMore) { reclaimSoon(node) }
        return true
    }

    /// The session waits no more.
    func leaveQueue(_ session: ProxySession) {
        guard let node = queue.remove(session) else { return }
        waitingEnded(session)
        publishWants(node)
    }

    private func publishWants(_ node: NodeID) {
        link.wants.update(node, lane: lane.number, wants(at: node))
        // What somebody began to wait for may be another limit by now.
        let waiters = budget.isFull ? queue.processWaiters : 0
        guard waiters != toldProcessWaiters else { return }
        budget.waitingChanged(by: waiters - toldProcessWaiters)
        toldProcessWaiters = waiters
    }

    /// What this lane's sessions want: those who wait for anybody's connection are one want, each account at its own limit
    /// is another.
    func wants(at node: NodeID) -> [ConnectionWants.Want] {
        guard let first = queue.first(at: node) else { return [] }
        // As a rule all wait for anybody's connection: nobody has to be looked at.
        guard queue.hasAccountWaiters(at: node) else {
            let count = min(queue.count(at: node), FrontendLimits.waitersAskedAtOnce)
            return [
                ConnectionWants.Want(lane: lane.number, count: count, line: line(at: node, first), limit: first.limit)
            ]
        }
        var wants: [ConnectionWants.Want] = []
        for entry in queue.entries(at: node).prefix(FrontendLimits.waitersAskedAtOnce) {
            let user = entry.limit.isOfAccount ? entry.waiter.account.user : nil
            guard let index = wants.firstIndex(where: { $0.user == user }) else {
                wants.append(
                    ConnectionWants.Want(
                        lane: lane.number, count: 1, line: line(at: node, entry), limit: entry.limit, user: user))
                continue
            }
            wants[index].count += 1
        }
        return wants
    }

    func waitsLong(_ want: ConnectionWants.Want) -> Bool {
        lane.nowMilliseconds > want.line.since + FrontendLimits.laneTurnMilliseconds
    }

    // MARK: Serving

    /// Something can be had again.
    func capacityCame(_ capacity: Capacity) {
        if !queue.isEmpty {
            if queue.count(at: capacity.node) == 0 { readsMayGoElsewhere = true }
            queueWorkSoon()
        }
        switch capacity {
        case .idle: break
        case .place(let node, let account):
            let receiver = receiverWants(at: node).first { $0.isServed(by: account) }
            guard let other = receiver ?? link.wants.longest(at: node, but: lane.number, account: account) else {
                return
            }
            link.lanes.tell(other.lane) {
                $0.shares.stopHolding(at: node)
                $0.serveQueue()
            }
        }
    }

    private func reclaimSoon(_ node: NodeID) {
        if !reclaims.contains(node) { reclaims.append(node) }
        queueWorkSoon()
    }

    private func queueWorkSoon() {
        guard !queueWorkIsScheduled else { return }
        queueWorkIsScheduled = true
        lane.soon(QueueWork(self))
    }

    fileprivate func doQueueWork() {
        queueWorkIsScheduled = false
        let nodes = reclaims
        reclaims.removeAll()
        serveQueue()
        if readsMayGoElsewhere { serveReadsElsewhere() }
        for node in nodes { reclaim(node) }
    }

    /// Once a sweep, in case a hint was missed: another lane may have freed what this one waits for.
    func sweepQueue() {
        giveToOtherClusters()
        guard link.wants.isAny else { return }
        if !queue.isEmpty {
            // Nobody tells those in line that it is another limit by now that they wait for, or that they need not.
            if lane.nowMilliseconds >= nextQueueRouting {
                nextQueueRouting = lane.nowMilliseconds + FrontendLimits.queueRoutingMilliseconds
                // Serves and asks idle sessions, too, once the events at hand are done.
                retryQueued()
            } else {
                serveQueue()
                serveReadsElsewhere()
                for node in queue.nodes { reclaim(node) }
            }
        }
        for node in link.wants.all.keys { reclaimForOthers(node) }
    }

    /// Serves everybody who can be served, the first in line first.
    func serveQueue() {
        guard turn == nil, !queue.isEmpty else { return }
        for node in queue.nodes { serve(node) }
    }

    /// A connection goes to the first in line whom it fits; when it fits nobody, or the first has been passed over for
    /// long, it is closed, and its place is used.
    private func serve(_ node: NodeID) {
        guard let entry = table.entry(node) else { return retryQueued() }
        giveToOtherLane(node)
        let receiverWants = receiverWants(at: node)
        for mayEvict in [false, true] {
            var asked = 0
            var place = 0
            // Accounts at their own limit: whoever else waits for one of these is not asked.
            var full: [String] = []
            while asked < FrontendLimits.waitersAskedAtOnce, pool.hasRoom(at: entry),
                let waiting = queue.entry(at: place, of: node)
            {
                place += 1
                let user = waiting.waiter.account.user
                guard full.isEmpty || !full.contains(user) else { continue }
                asked += 1
                guard !leavesPlace(at: node, waiting, to: receiverWants) else { continue }
                let isPassedOver =
                    lane.nowMilliseconds > waiting.since + FrontendLimits.passedOverMilliseconds
                if let limit = serve(waiting.waiter, at: node, place - 1, mayEvict: mayEvict || isPassedOver) {
                    if limit.isOfAccount { full.append(user) }
                } else {
                    place -= 1
                }
            }
        }
        publishWants(node)
    }

    /// A read waits for the first replica that it found full. Any other node that has room by now, and for which nobody
    /// waits, may serve it too.
    private func serveReadsElsewhere() {
        readsMayGoElsewhere = false
        guard turn == nil, !queue.isEmpty else { return }
        let others = table.entries.filter {
            ($0.acceptsReads || $0.id == table.primary?.id) && queue.count(at: $0.id) == 0 && pool.hasRoom(at: $0)
        }
        guard !others.isEmpty else { return }
        for node in queue.nodes where queue.hasChoosers(at: node) {
            var asked = 0
            var place = 0
            while asked < FrontendLimits.waitersAskedAtOnce, let waiting = queue.entry(at: place, of: node) {
                place += 1
                // No session of mode `replica` reads on the primary.
                let mayGo =
                    waiting.hasChoice
                    && others.contains {
                        (waiting.waiter.mode != .replica || $0.id != table.primary?.id) && pool.hasRoom(at: $0)
                    }
                guard mayGo else { continue }
                asked += 1
                if serve(waiting.waiter, at: node, place - 1, mayEvict: true) == nil { place -= 1 }
            }
            if asked > 0 { publishWants(node) }
        }
    }

    /// Lets the session at this place in line try again. Gives what it waits for now; nil when it has left, and the next
    /// one is where it was.
    private func serve(
        _ session: ProxySession, at node: NodeID, _ place: Int, mayEvict: Bool
    ) -> ConnectionLimit? {
        guard queue.remove(session, at: node) else { return nil }
        waitingEnded(session)
        turn = Turn(session: session, node: node, place: place, mayEvict: mayEvict)
        session.retry()
        turn = nil
        let present = queue.entry(at: place, of: node)
        return present?.waiter === session ? present?.limit : nil
    }

    /// Everybody is routed again, in the order in which they began to wait: the table is another, or time has passed.
    func retryQueued() {
        let nodes = queue.nodes
        let all = queue.removeAll()
        for node in nodes { publishWants(node) }
        for session in all {
            // Not of all at first: others would take the places of the last.
            waitingEnded(session)
            session.retry()
        }
        for node in queue.nodes { reclaimSoon(node) }
    }
}

private final class QueueWork: DeferredWork {
    private let cluster: LaneCluster
    init(_ cluster: LaneCluster) { self.cluster = cluster }
    func runSoon() { cluster.doQueueWork() }
}
