// Which reader takes a read: power of two choices on load and latency.
package import Topology

/// A small, fast, seedable random source (xorshift64*), one per lane. Not for secrets.
package struct LaneRandom: Sendable {
    private var state: UInt64
    /// Any seed; 0 is replaced.
    package init(seed: UInt64) { state = seed == 0 ? 0x9E37_79B9_7F4A_7C15 : seed }

    /// A number in 0 ..< `bound` (which is at least 1).
    package mutating func next(below bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % max(bound, 1)
    }
}

/// Chooses among readers.
package enum Balancer {
    /// The most nodes a cluster can have for the sets below, one bit each.
    package static let nodesMaximum = 64
    /// A session takes up a further node only when that is better than those it has by this factor: a session that
    /// tries every node for nothing multiplies the connections.
    package static let attachedAdvantage = 3.0
    /// One read in so many asks whether the session would settle elsewhere if it came today …
    package static let resettlingPeriod = 64
    /// … and moves when that place is better by this factor.
    package static let resettlingAdvantage = 1.5
    /// Latencies below this, in microseconds, count as equal: what differs there is the machine's mood, and a node that
    /// was slow for a moment would be left alone for long.
    package static let latencyFloorMicroseconds = 1_000.0

    /// The position in `table.entries` of the reader to use, or nil when no candidate is left.
    ///
    /// The better one of two is more likely, not certain: whoever always takes the better one never learns that the other
    /// has become better. A session's first reader is chosen by where fewer sessions are, for it will stay; among the
    /// readers it has, each statement chooses by the expected wait.
    ///
    /// - Parameters:
    ///   - candidates: bit i is set when entry i may serve this read (online, fresh enough, not just failed).
    ///   - attached: bit i is set when the session has a connection to entry i.
    ///   - nowNanoseconds: monotonic time, by which old latencies lose weight; 0 for none.
    package static func choose(
        _ table: RoutingTable, candidates: UInt64, attached: UInt64, random: inout LaneRandom,
        nowNanoseconds: UInt64 = 0
    ) -> Int? {
        let known = candidates & attached
        guard known != 0 else {
            guard let (one, other) = twoOf(candidates, &random) else { return nil }
            let oneScore = settlingScore(table, one)
            let otherScore = settlingScore(table, other)
            // Squared: what is chosen once for a whole session may be chosen with more decision.
            return draw(one, oneScore * oneScore, other, otherScore * otherScore, &random)
        }
        guard let chosen = chooseAttached(table, known, &random, nowNanoseconds) else { return nil }
        let unknown = candidates & ~known
        guard unknown != 0, let (further, _) = twoOf(unknown, &random) else { return chosen }
        let gain = score(table, chosen, nowNanoseconds) / score(table, further, nowNanoseconds)
        if gain > attachedAdvantage { return further }
        // Now and then, so that sessions spread again after a node came back.
        guard random.next(below: resettlingPeriod) == 0 else { return chosen }
        let settled = settlingScore(table, chosen)
        return settled > settlingScore(table, further) * resettlingAdvantage ? further : chosen
    }

    /// One of those that the session has.
    private static func chooseAttached(
        _ table: RoutingTable, _ known: UInt64, _ random: inout LaneRandom, _ nowNanoseconds: UInt64
    ) -> Int? {
        let first = known.trailingZeroBitCount
        let others = known & (known &- 1)
        guard others != 0 else { return first }
        // Of two, the order does not matter.
        guard
            let (one, other) = others & (others &- 1) == 0
                ? (first, others.trailingZeroBitCount) : twoOf(known, &random)
        else { return nil }
        return draw(one, score(table, one, nowNanoseconds), other, score(table, other, nowNanoseconds), &random)
    }

    /// (in flight + 1) × latency, by weight: the expected wait. Lower is better.
    package static func score(_ table: RoutingTable, _ index: Int, _ nowNanoseconds: UInt64 = 0) -> Double {
        let load = table.entries[index].load
        return Double(load.inFlight + 1) * latency(load, nowNanoseconds) * 100 / weight(table, index)
    }

    /// (sessions + 1), by weight: how sessions spread, which stay where they settle. A latency seen now says nothing about
    /// the hours to come.
    package static func settlingScore(_ table: RoutingTable, _ index: Int) -> Double {
        Double(table.entries[index].load.leases + 1) * 100 / weight(table, index)
    }

    // Only what is needed of an entry is read: a copy of it would retain all of its texts.
    private static func weight(_ table: RoutingTable, _ index: Int) -> Double {
        Double(max(table.entries[index].weight, 1))
    }

    private static func latency(_ load: NodeLoad, _ nowNanoseconds: UInt64) -> Double {
        max(Double(load.agedLatencyNanoseconds(nowNanoseconds: nowNanoseconds)) / 1_000, latencyFloorMicroseconds)
    }

    /// With probability in proportion to the other's score: a node that takes twice as long gets half as many.
    private static func draw(
        _ one: Int, _ oneScore: Double, _ other: Int, _ otherScore: Double, _ random: inout LaneRandom
    ) -> Int {
        let grain = 1 << 20
        return Double(random.next(below: grain)) < otherScore / (oneScore + otherScore) * Double(grain) ? one : other
    }

    /// Two different members of a set, or the only one twice; nil for the empty set.
    private static func twoOf(_ set: UInt64, _ random: inout LaneRandom) -> (Int, Int)? {
        let count = set.nonzeroBitCount
        guard count > 1 else { return count == 0 ? nil : (set.trailingZeroBitCount, set.trailingZeroBitCount) }
        let first = random.next(below: count)
        let second = (first + 1 + random.next(below: count - 1)) % count
        return (position(first, in: set), position(second, in: set))
    }

    private static func position(_ ordinal: Int, in set: UInt64) -> Int {
        var rest = set
        for _ in 0..<ordinal { rest &= rest - 1 }
        return rest.trailingZeroBitCount
    }
}
