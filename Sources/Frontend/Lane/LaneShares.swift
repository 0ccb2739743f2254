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

    /// When this lane left its last place to another, by node, in lane milliseconds.
    private var left: [NodeID: UInt64] = [:]

    /// Whether the first in line there waits noticeably longer than the first in line here.
    static func isOutwaited(_ mine: Line, by theirs: Line, nowMilliseconds now: UInt64) -> Bool {
        mine.since > theirs.since + turn(of: now - min(theirs.since, now))
    }

    /// How many places this lane may leave now to another: all of them when nobody waits here (`mine` is nil).
    func placesToLeave(at node: NodeID, _ mine: Line?, to theirs: Line, nowMilliseconds now: UInt64) -> Int {
        guard let mine else { return .max }
        guard theirs.since <= mine.since else { return 0 }
        let sinceLast = left[node].map { now - min($0, now) } ?? .max
        // For each place, so many wait there and here, if one place went.
        let (there, here) = Self.burden(mine, theirs)
        if there * 4 > here * 5 && sinceLast >= FrontendLimits.laneTurnMilliseconds { return 1 }
        let waited = now - min(mine.since, now)
        guard Self.isOutwaited(mine, by: theirs, nowMilliseconds: now), sinceLast >= Self.turn(of: waited) else {
            return 0
        }
        return there >= here || now - theirs.since > 2 * waited ? 1 : 0
    }

    /// A place was left to another lane.
    mutating func leftPlace(at node: NodeID, nowMilliseconds now: UInt64) { left[node] = now }

    /// Whether the other lane has hardly had the time to take the place: who waits here does not take it back.
    func isBeingTaken(at node: NodeID, nowMilliseconds now: UInt64) -> Bool {
        left[node].map { now < $0 + FrontendLimits.laneTurnMilliseconds } ?? false
    }

    /// In proportion to how many wait for each place there and here when one has moved; alike where nobody knows.
    private static func burden(_ mine: Line, _ theirs: Line) -> (there: Int, here: Int) {
        guard let here = mine.numbers, let there = theirs.numbers else { return (0, 0) }
        return (there.waiting * (here.places - 1), here.waiting * (there.places + 1))
    }

    /// The longer all wait, the less a difference is worth a place, and the later is seen what one changed.
    private static func turn(of wait: UInt64) -> UInt64 {
        max(FrontendLimits.laneTurnMilliseconds, wait / FrontendLimits.laneTurnShare)
    }
}
