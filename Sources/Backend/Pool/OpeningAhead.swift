// Which connections a lane opens ahead, before a session asks for them. A pure value.
//
// After a promotion all who write want a connection at once, and a login costs many times what a statement does: those who
// wrote on the former primary find some on the new one. And where fewer connections idle than an operator wants, after
// the start of a node, a promotion, or a burst that left others at their limits, they are filled up.
internal import Topology

/// Decides what is opened ahead, how fast, for whom, and when not.
struct OpeningAhead {
    /// A node that may be connected to.
    struct Place {
        let node: NodeID
        let isPrimary: Bool
        /// Connections to it that idle.
        let idle: Int
    }

    private struct BackOff {
        var failures: UInt64
        var untilMilliseconds: UInt64
    }

    private var primary: NodeID?
    /// Who had connections for writes when the pool last looked. Kept while the primary is gone, and its connections
    /// with it.
    private var writers: [PoolKey: Int] = [:]
    /// What the new primary is to have for them.
    private var owed: [PoolKey: Int] = [:]
    /// Who used the primary last, each other node, and any of them.
    private var lastWriter: PoolKey?
    private var lastReaders: [NodeID: PoolKey] = [:]
    private var last: PoolKey?
    /// What has been begun and is not logged in yet.
    private var opening: [NodeID: Int] = [:]
    private var backOffs: [NodeID: BackOff] = [:]
    private var nextLookMilliseconds: UInt64 = 0

    // MARK: What happened

    /// A session leased a connection like this.
    mutating func used(_ key: PoolKey, isPrimary: Bool) {
        last = key
        if isPrimary { lastWriter = key } else { lastReaders[key.node] = key }
    }

    /// So many connections to the primary are there for writes.
    mutating func writersSampled(_ sample: [PoolKey: Int]) {
        if !sample.isEmpty { writers = sample }
    }

    /// A table came. When the primary is another, it is to have as many connections as the one before, up to a bound.
    mutating func tablePublished(primary present: NodeID?) {
        guard let present else { return }
        let former = primary
        primary = present
        guard let former, former != present else { return }
        owed = [:]
        var left = BackendLimits.warmConnections
        for (key, count) in writers where left > 0 {
            let ahead = PoolKey(node: present, account: key.account, traits: key.traits, isReadOnly: false)
            let wanted = min(count, left)
            owed[ahead] = wanted
            left -= wanted
        }
        writers = [:]
        nextLookMilliseconds = 0
    }

    /// A connection that was begun idles now.
    mutating func opened(_ key: PoolKey) {
        ended(key)
        backOffs[key.node] = nil
    }

    /// There is no place for a connection that was to be begun.
    mutating func limitReached(_ key: PoolKey) {
        ended(key)
        owed[key] = nil
    }

    /// A connection that was begun is gone. `isRefused`: the server does not want the account.
    mutating func failed(_ key: PoolKey, isRefused: Bool, nowMilliseconds now: UInt64) {
        ended(key)
        owed[key] = nil
        let failures = (backOffs[key.node]?.failures ?? 0) + 1
        // Doubled with each failure, up to a bound; the shift is bounded too.
        let pause = BackendLimits.aheadRetryMilliseconds << min(failures - 1, 16)
        backOffs[key.node] = BackOff(
            failures: failures, untilMilliseconds: now + min(pause, BackendLimits.aheadRetryMaximumMilliseconds))
        if isRefused { forget(key.account) }
    }

    private mutating func ended(_ key: PoolKey) {
        let left = (opening[key.node] ?? 0) - 1
        opening[key.node] = left > 0 ? left : nil
    }

    /// Its password may have changed, or it is gone: nothing is opened for it until a session of it got a connection.
    private mutating func forget(_ account: BackendAccount) {
        if lastWriter?.account == account { lastWriter = nil }
        if last?.account == account { last = nil }
        lastReaders = lastReaders.filter { $0.value.account != account }
    }

    // MARK: What is to be done

    /// Whether anything could have to be opened now.
    func isDue(minimumIdle: Int, nowMilliseconds now: UInt64) -> Bool {
        (minimumIdle > 0 || !owed.isEmpty) && now >= nextLookMilliseconds
    }

    /// The connections to begin now, which count as begun.
    ///
    /// - Parameters:
    ///   - places: nodes that may be connected to.
    ///   - room: how many more connections may idle on this lane.
    ///   - existing: how many connections like this one the lane has, whatever they do.
    mutating func next(
        at places: [Place], minimumIdle: Int, room: Int, nowMilliseconds now: UInt64, existing: (PoolKey) -> Int
    ) -> [PoolKey] {
        nextLookMilliseconds = now + BackendLimits.aheadPauseMilliseconds
        let begun = opening.values.reduce(0, +)
        var left = min(room, BackendLimits.openedAheadAtOnce) - begun
        guard left > 0 else { return [] }
        let wanted = places.map { place -> [PoolKey] in
            let keys = missingForWriters(at: place, existing) + missingIdle(at: place, minimumIdle)
            return Array(keys.prefix(allowed(at: place.node, now)))
        }
        var chosen: [PoolKey] = []
        // The nodes take turns: one that answers slowly does not keep the others waiting.
        for turn in 0..<left {
            let turns = wanted.compactMap { turn < $0.count ? $0[turn] : nil }.prefix(left)
            guard !turns.isEmpty else { break }
            chosen += turns
            left -= turns.count
        }
        for key in chosen { opening[key.node, default: 0] += 1 }
        return chosen
    }

    /// Where opening has just failed nothing is tried for a while, and then one connection alone.
    private func allowed(at node: NodeID, _ now: UInt64) -> Int {
        guard let backOff = backOffs[node] else { return BackendLimits.openedAheadAtOnce }
        return now >= backOff.untilMilliseconds && opening[node] == nil ? 1 : 0
    }

    /// What the new primary lacks for those who wrote on the former one. Whoever has got as many has got them.
    private mutating func missingForWriters(at place: Place, _ existing: (PoolKey) -> Int) -> [PoolKey] {
        guard place.isPrimary else { return [] }
        var keys: [PoolKey] = []
        for (key, count) in owed where key.node == place.node {
            let missing = count - existing(key)
            if missing > 0 { keys += Array(repeating: key, count: missing) } else { owed[key] = nil }
        }
        return keys
    }

    /// What a node lacks of the connections that idle at least.
    private func missingIdle(at place: Place, _ minimumIdle: Int) -> [PoolKey] {
        let count = minimumIdle - place.idle - (opening[place.node] ?? 0)
        guard count > 0, let key = likeLast(at: place) else { return [] }
        return Array(repeating: key, count: min(count, BackendLimits.openedAheadAtOnce))
    }

    /// A connection for whoever used the node last, or, if nobody did, for whoever used any.
    private func likeLast(at place: Place) -> PoolKey? {
        let lastHere = place.isPrimary ? lastWriter : lastReaders[place.node]
        guard let user = lastHere ?? last else { return nil }
        // Sessions write on the primary. Elsewhere they read, and all but those of mode `replica` have it enforced.
        let isReadOnly = place.isPrimary ? false : lastReaders[place.node]?.isReadOnly ?? true
        return PoolKey(node: place.node, account: user.account, traits: user.traits, isReadOnly: isReadOnly)
    }
}
