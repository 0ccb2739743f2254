// What a session's reads must have seen, beyond the position of its own writes. A pure machine.
//
// What was read on a replica is newer than any position known of that replica, so its position is no bound of what the
// session has seen. The rule is therefore: whoever read on a replica stays with it, which is free, or asks the primary
// for its position before it reads on another: the primary has all that any replica has, so what covers that position
// covers all that was seen. The same holds for what was read on the primary. A commit of the session's own bounds what
// was seen before it, where the primary numbers all of its commits in one row.
internal import Wire

/// The causal facts of one session.
struct CausalState {
    /// What is in force; the session may change it.
    var settings: CausalSettings
    /// A position that the client asked its reads to wait for, whatever the mode.
    private(set) var awaited: Position?
    /// The replica that the session read from last, by its place in the table; nil when all that was read is covered
    /// by the session's position.
    private(set) var lastReader: Int?
    /// The session saw tables on the primary, and nobody told at which position.
    private(set) var sawPrimary = false
    /// When the session's position was told last, in lane milliseconds.
    private(set) var toldAtMilliseconds: UInt64 = 0
    /// When it read from `lastReader` last, in lane milliseconds.
    private(set) var readAtMilliseconds: UInt64 = 0

    init(_ settings: CausalSettings = CausalSettings()) { self.settings = settings }

    /// A read ran on a replica.
    mutating func readOnReplica(_ index: Int, nowMilliseconds: UInt64) {
        lastReader = index
        readAtMilliseconds = nowMilliseconds
    }

    /// What `readOnPrimary` says is known already.
    var sawPrimaryOnly: Bool { sawPrimary && lastReader == nil }

    /// Tables were read on the primary. It has all that the replica had.
    mutating func readOnPrimary() {
        sawPrimary = true
        lastReader = nil
    }

    /// A commit of the session's own was given a position. `boundsAll`: it covers all that was committed before it.
    mutating func committed(boundsAll: Bool, nowMilliseconds: UInt64) {
        toldAtMilliseconds = nowMilliseconds
        guard boundsAll else { return }
        sawPrimary = false
        lastReader = nil
    }

    /// The primary told its position: it covers all that was seen, and all that still exists of what is awaited.
    mutating func primaryTold(_ position: Position, nowMilliseconds: UInt64) {
        toldAtMilliseconds = nowMilliseconds
        sawPrimary = false
        lastReader = nil
        if let wanted = awaited, !position.covers(wanted) { awaited = nil }
    }

    /// Whether the client may wait for this too: what it waits for altogether has a bound.
    func mayWait(for position: Position) -> Bool {
        merged(position).description.utf8.count <= FrontendLimits.awaitedPositionBytes
    }

    /// The client wants its reads to have seen this too.
    mutating func wait(for position: Position, nowMilliseconds: UInt64) {
        awaited = merged(position)
        toldAtMilliseconds = nowMilliseconds
    }

    private func merged(_ position: Position) -> Position {
        guard var known = awaited else { return position }
        known.merge(position)
        return known
    }

    /// What was awaited is not any more.
    mutating func stopWaiting() { awaited = nil }

    /// The primary is another one, and may not have what was seen: it is asked.
    mutating func sightIsUnknown() { sawPrimary = true }

    /// Whether something was seen that the session's position may not cover.
    var sightIsOpen: Bool { sawPrimary || lastReader != nil }

    /// A new session of the same client: what was seen was seen.
    mutating func inherit(from former: CausalState) {
        awaited = former.awaited
        lastReader = former.lastReader
        sawPrimary = former.sawPrimary
        toldAtMilliseconds = former.toldAtMilliseconds
        readAtMilliseconds = former.readAtMilliseconds
    }
}

/// The positions that a read must be covered by. Up to three, so that none has to be merged with each read.
struct CausalNeed {
    var own: Position?
    var awaited: Position?
    var newest: Position?

    var isEmpty: Bool { own == nil && awaited == nil && newest == nil }

    func isCovered(by known: Position) -> Bool {
        (own.map(known.covers) ?? true) && (awaited.map(known.covers) ?? true) && (newest.map(known.covers) ?? true)
    }

    /// All of them in one.
    var merged: Position? {
        var all: Position?
        for part in [own, awaited, newest] {
            guard let part else { continue }
            if all == nil { all = part } else { all?.merge(part) }
        }
        return all
    }
}
