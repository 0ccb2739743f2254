// One cluster on one lane: the routing table in force, the pool, the sessions, and who waits. Loop-confined.
internal import Backend
internal import Glibc
package import Network
internal import Routing
internal import SQL
package import Topology
internal import Wire

/// Everything that the sessions of one lane share for one cluster.
package final class LaneCluster {
    let lane: Lane
    /// What the lanes know of the cluster.
    package private(set) var link: ClusterLink
    let pool: ServerPool
    /// The places of all clusters.
    let budget: ConnectionBudget
    /// How many who wait for one of those the budget was told of.
    var toldProcessWaiters = 0
    /// What statements the lane's sessions sent before, by shape.
    let classifications = ClassificationCache()
    /// Which they were.
    let digests = DigestTable()
    /// How many slow ones are told.
    var slowBudget = SlowBudget()
    private var random: LaneRandom
    private(set) var table: RoutingTable
    /// How far each node is known to be.
    var known = KnownPositions()
    /// What the lanes know together, as this one saw it last.
    private var seenNewest = NewestPosition.State()
    private var seenNewestVersion: UInt64 = 0
    /// How far the present primary's numbers were taken.
    private var taken: TakenNumbers?
    /// The reign that sessions were told of.
    private var reign: UInt64 = 0
    /// Bit i: entry i takes reads and is not the primary.
    private(set) var readers: UInt64 = 0
    /// Whose turn it is among those that fit.
    private var preference: ReaderPreference
    /// By the connection id that the client sees.
    private var sessions: [UInt32: ProxySession] = [:]
    /// What became of the hints of this lane's statements.
    var hintCounts = HintCounts()
    /// Who is further behind than which limit.
    var lagLimits = LagLimits()
    /// Sessions whose statements may take too long.
    var timedSessions: [ProxySession] = []
    /// What is being killed on servers.
    var killers: [ServerThreadKiller] = []
    private var waiting: [ProxySession] = []
    /// Those who wait for a connection to a node that has as many as it may have.
    var queue = ConnectionQueue<ProxySession>()
    /// Whose turn it is, while it is asked.
    var turn: Turn?
    /// Which places were left to other lanes.
    var shares = LaneShares()
    /// Nodes for which idle sessions are to be asked, soon.
    var reclaims: [NodeID] = []
    var queueWorkIsScheduled = false
    /// When those in line are routed anew, in lane milliseconds.
    var nextQueueRouting: UInt64 = 0
    /// Something came free at a node that nobody waits for.
    var readsMayGoElsewhere = false
    /// Whether more sessions idled with a connection than were asked for it the last time.
    var mayReclaimMore = true
    private var knownSchemas: [KnownSchema: UInt64] = [:]
    private var nextFrozenCheck: UInt64 = 0
    private(set) var isDraining = false
    /// Until then, in lane milliseconds, a drain spares those who came shortly before it, or after it began.
    private var sparesUntil: UInt64 = 0
    private var sparedSince: UInt64 = 0
    /// Journals that no transaction uses.
    var spareJournals: [TransactionJournal] = []
    /// Bytes of statements in those of open transactions.
    var journalBytes = 0
    /// Partial results that no session has.
    var sparePartialResults: [PartialResult] = []
    /// Until then, in lane milliseconds, what begins waits for transactions that are being repeated.
    private(set) var replaysFirstUntil: UInt64 = 0
    private var wakeIsScheduled = false

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
        budget = link.poolSettings.budget
        preference = ReaderPreference(zone: link.settings.zone, order: link.settings.zoneOrder)
        let probe = link.probeNow
        pool = ServerPool(
            lane: lane, settings: link.poolSettings, resolver: resolver,
            attributes: [ConnectAttribute(key: "program_name", value: "switchyard")], onTrouble: { probe($0) })
        // Weak: the lane, and the pool's last connections, may outlive a cluster that was removed.
        pool.setCapacityHandler { [weak self] in self?.capacityCame($0) }
        // What is wanted on another lane cannot wait in this lane's pool: it must make room.
        pool.setSurplusCheck { [weak self] in self?.isSurplus($0, account: $1) ?? false }
        lane.addSweeper { [weak self] milliseconds in
            guard let self else { return }
            pool.sweep(nowMilliseconds: milliseconds)
            preference.look(at: table, nowMilliseconds: milliseconds)
            sweepQueue()
            giveUpKillers(milliseconds)
            if !timedSessions.isEmpty { endTimedOut(milliseconds) }
            lookForFrozen(milliseconds)
            if sparesUntil > 0 && milliseconds >= sparesUntil { endSparing() }
            // What failed may go now. A table that is published wakes them too.
            if !waiting.isEmpty { retryWaiting() }
            openAhead(milliseconds)
        }
        adopt(table)
        link.lanes.add(self)
    }

    deinit { budget.waitingChanged(by: -toldProcessWaiters) }

    // MARK: Settings

    /// Puts other settings in force, for what begins from now on; statements that wait are routed again.
    package func adopt(_ link: ClusterLink) {
        let before = self.link.settings
        self.link = link
        pool.adopt(link.poolSettings)
        if before.zone != link.settings.zone || before.zoneOrder != link.settings.zoneOrder {
            preference = ReaderPreference(zone: link.settings.zone, order: link.settings.zoneOrder)
            preference.adopt(table, nowMilliseconds: lane.nowMilliseconds)
        }
        retryWaiting()
        retryQueued()
    }

    // MARK: Topology

    /// Puts a newer table in force: waiting statements are routed again.
    package func adopt(_ table: RoutingTable) {
        guard table.version >= self.table.version else { return }
        let sendsAlike = table.sendsAlike(self.table)
        self.table = table
        readers = 0
        for index in table.readers where index < Balancer.nodesMaximum { readers |= 1 << UInt64(index) }
        preference.adopt(table, nowMilliseconds: lane.nowMilliseconds)
        known.adopt(table)
        adoptReign()
        lagLimits.adopt(table)
        pool.tablePublished(table)
        for session in sessions.values { session.tablePublished() }
        retryWaiting()
        // Most tables tell how far nodes are, and nothing else: the sweep looks for those whom another node may serve.
        if !sendsAlike { retryQueued() }
        openAhead(lane.nowMilliseconds)
    }

    /// Opens what may be needed soon, after those who need something now, here and on the other lanes.
    private func openAhead(_ now: UInt64) {
        guard !isDraining, waiting.isEmpty, !link.wants.isAny, !budget.isWanted else { return }
        pool.openAhead(nowMilliseconds: now)
    }

    /// What is written in an earlier reign may be lost.
    private func adoptReign() {
        for entry in table.entries where entry.isUnseen { link.ledgers.becomeUnseen(entry.id) }
        guard let primary = table.primary else { return }
        taken = link.ledgers.adopt(primary, epoch: table.epoch)
        link.newest.adopt(primary: known.primary, epoch: table.epoch)
        guard table.epoch != reign else { return }
        reign = table.epoch
        replaysFirstUntil = lane.nowMilliseconds + FrontendLimits.replaysFirstMilliseconds
        for session in sessions.values { session.reignBegan(known.primary) }
    }

    /// Up to where numbers were certainly taken in this reign.
    func takenNumbers(_ epoch: UInt64) -> UInt64 {
        guard let taken, taken.epoch == epoch else { return 0 }
        return taken.upTo
    }

    /// What mode `global` looks at.
    var newest: NewestPosition.State {
        let version = link.newest.version
        if version != seenNewestVersion {
            seenNewestVersion = version
            seenNewest = link.newest.current
        }
        return seenNewest
    }

    /// The position of the reader to use among `candidates`, for a session that has connections to `attached`.
    func chooseReader(_ candidates: UInt64, attached: UInt64) -> Int? {
        let preferred = preference.preferred(candidates, random: &random)
        return Balancer.choose(
            table, candidates: preferred, attached: attached, random: &random, nowNanoseconds: lane.nowNanoseconds)
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
    ///
    /// - Parameter sparingNewcomers: those who have just come, or are still logging in, have a moment in which they idle: a
    ///   client that connects, asks and leaves notices nothing. For when another process takes new clients.
    package func drain(sparingNewcomers: Bool = false) {
        isDraining = true
        if sparingNewcomers {
            let time = FrontendLimits.sparedNewcomersMilliseconds
            sparedSince = lane.nowMilliseconds - min(lane.nowMilliseconds, time)
            sparesUntil = lane.nowMilliseconds + time
        }
        for session in sessions.values where !isSpared(session) { session.drain() }
        pool.drain()
    }

    private func isSpared(_ session: ProxySession) -> Bool {
        sparesUntil > 0 && session.cameAtMilliseconds >= sparedSince
    }

    private func endSparing() {
        sparesUntil = 0
        for session in sessions.values { session.drain() }
    }

    /// Whether a session ends because nothing runs in it.
    func endsIdle(_ session: ProxySession) -> Bool {
        isDraining && !session.state.isInTransaction && !isSpared(session)
    }

    /// Ends the sessions that came through a listener as soon as nothing runs in them; to be repeated. Returns how many
    /// are left.
    package func drain(listener: Int) -> Int {
        for session in sessions.values where session.client.listener == listener { session.drain() }
        return sessions.values.count { $0.client.listener == listener }
    }

    /// Ends them whatever they do.
    package func end(listener: Int) {
        for session in sessions.values where session.client.listener == listener { session.endNow() }
    }

    /// Ends all sessions, whatever they do.
    package func endAll() {
        isDraining = true
        for session in sessions.values { session.endNow() }
        pool.drain()
    }

    // MARK: Waiting

    /// Lets a session wait for a better table, or for another attempt at a node that failed. False when too many wait already.
    func startWaiting(_ session: ProxySession) -> Bool {
        guard reserveWaiting(session) else { return false }
        waiting.append(session)
        return true
    }

    /// Takes a place among those who wait, on whichever lane, for whatever.
    func reserveWaiting(_ session: ProxySession) -> Bool {
        let bytes = session.command.isRetained ? session.request.count : 0
        guard
            link.counters.reserveWaiting(
                limit: link.settings.waitingClients, bytes: bytes, byteLimit: FrontendLimits.waitingBytes)
        else { return false }
        session.reservedBytes = bytes
        return true
    }

    /// Gives that place back.
    func waitingEnded(_ session: ProxySession) {
        link.counters.waitingEnded(bytes: session.reservedBytes)
        session.reservedBytes = 0
    }

    func stopWaiting(_ session: ProxySession) {
        guard let index = waiting.firstIndex(where: { $0 === session }) else { return leaveQueue(session) }
        waiting.remove(at: index)
        waitingEnded(session)
    }

    /// In the order of arrival: those who still cannot be served join the end of the queue again, in the same order.
    private func retryWaiting() {
        guard !waiting.isEmpty else { return }
        let batch = waiting
        waiting.removeAll()
        for session in batch { waitingEnded(session) }
        for session in batch { session.retry() }
    }

    /// Those who wait are routed again after the events at hand.
    func wakeSoon() {
        guard !wakeIsScheduled else { return }
        wakeIsScheduled = true
        lane.soon(WakeWork(self))
    }

    fileprivate func wake() {
        wakeIsScheduled = false
        retryWaiting()
    }

    /// A table is published when something changes; how long a node has been down or drained does not change it.
    private func lookForFrozen(_ now: UInt64) {
        guard now >= nextFrozenCheck else { return }
        nextFrozenCheck = now + FrontendLimits.frozenCheckMilliseconds
        for session in sessions.values { session.leaveFormerReign() }
        leaveDrained()
        guard table.entries.contains(where: { $0.state == .down }) else { return }
        for session in sessions.values { session.leaveFrozenServer() }
    }

    /// Wall-clock time, as in the table.
    var nowUnixMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
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

/// `wakeSoon`, as deferred work. Weak: the lane may outlive a cluster that was removed.
private final class WakeWork: DeferredWork {
    private weak var cluster: LaneCluster?
    init(_ cluster: LaneCluster) { self.cluster = cluster }
    func runSoon() { cluster?.wake() }
}
