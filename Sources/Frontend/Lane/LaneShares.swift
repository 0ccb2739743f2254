// How places for connections move between lanes when both are short of them. A pure value.
internal import Topology

/// When a lane may leave a place to another lane whose sessions wait longer.
///
/// A place that changes lanes costs a connection closed and another opened. How long the first in line waits tells of a
/// lane's share only after those behind him had their turn with it: who judges by that time alone gives too much, gets it
/// back, and so on. So the numbers of those who wait are asked, too, and what they do not explain (statements that take
/// longer on one lane) moves one place at a time, the next when it can be seen what the last one changed.
struct LaneShares {
    /// Those who wait on one lane for connections to a node.
    struct Line: Equatable {
        /// Since when the first of them waits, in lane milliseconds.
        let since: UInt64
        /// How many wait, and how many connections the lane has for them; nil where their limit is not the node's.
        var numbers: Numbers?

        struct Numbers: Equatable {
            let waiting: Int
            let places: Int
        }
    }

    /// A place that this lane left to another.
    private struct Left {
        /// Whose it is; nil when nobody holds back for that lane any more.
        var lane: Int?
        let atMilliseconds: UInt64
    }

    /// The last one of each node.
    private var left: [NodeID: Left] = [:]

    /// Whether the first in line there waits noticeably longer than the first in line here.
    static func isOutwaited(_ mine: Line, by theirs: Line, nowMilliseconds now: UInt64) -> Bool {
        mine.since > theirs.since + turn(of: now - min(theirs.since, now))
    }

    /// How many places this lane may leave now to another: all of them when nobody waits here (`mine` is nil).
    func placesToLeave(at node: NodeID, _ mine: Line?, to theirs: Line, nowMilliseconds now: UInt64) -> Int {
        guard let mine else { return .max }
        guard theirs.since <= mine.since else { return 0 }
        let sinceLast = left[node].map { now - min($0.atMilliseconds, now) } ?? .max
        let balance = Self.balance(mine, theirs)
        if balance == .needed && sinceLast >= FrontendLimits.laneTurnMilliseconds { return 1 }
        let waited = now - min(mine.since, now)
        guard Self.isOutwaited(mine, by: theirs, nowMilliseconds: now), sinceLast >= Self.turn(of: waited) else {
            return 0
        }
        // What the numbers do not explain: statements there take longer.
        return balance != .missed || (now - theirs.since) / 3 > waited / 2 ? 1 : 0
    }

    /// A place was left to another lane.
    mutating func leftPlace(at node: NodeID, to lane: Int, nowMilliseconds now: UInt64) {
        left[node] = Left(lane: lane, atMilliseconds: now)
    }

    /// The lane that has hardly had the time to take the place that was left to it: who came later does not take it back.
    func receiver(at node: NodeID, nowMilliseconds now: UInt64) -> Int? {
        guard let last = left[node], now < last.atMilliseconds + FrontendLimits.laneTurnMilliseconds else { return nil }
        return last.lane
    }

    /// Another lane left a place at the node to this one: who waits here need not hold back.
    mutating func stopHolding(at node: NodeID) { left[node]?.lane = nil }

    private enum Balance {
        /// Many more wait for each place there, also when one has moved.
        case needed
        /// It would do no harm, or nobody knows.
        case fair
        /// It would soon be missed here.
        case missed
    }

    private static func balance(_ mine: Line, _ theirs: Line) -> Balance {
        guard let here = mine.numbers, let there = theirs.numbers else { return .fair }
        // The last one goes by time alone.
        guard here.places > 1 else { return .fair }
        // Who has none cannot come to one by waiting for it to return.
        if there.places == 0 && mine.since > theirs.since + FrontendLimits.laneTurnMilliseconds { return .needed }
        // In proportion to how many wait for each place there and here when one has moved.
        let (thereThen, hereThen) = (there.waiting * (here.places - 1), here.waiting * (there.places + 1))
        if thereThen * 4 > hereThen * 5 { return .needed }
        return thereThen >= hereThen ? .fair : .missed
    }

    /// The longer all wait, the less a difference is worth a place, and the later is seen what one changed.
    private static func turn(of wait: UInt64) -> UInt64 {
        max(FrontendLimits.laneTurnMilliseconds, wait / FrontendLimits.laneTurnShare)
    }
}
