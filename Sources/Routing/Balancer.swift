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
    /// A node the session already has a connection to is kept unless the other is better by this factor: a session
    /// that changes replicas for nothing doubles the connections.
    package static let attachedAdvantage = 1.5
    /// Latencies below this, in microseconds, are noise of the machine and count as equal.
    package static let latencyFloorMicroseconds = 50.0

    /// The position in `table.entries` of the reader to use, or nil when no candidate is left.
    ///
    /// - Parameters:
    ///   - candidates: bit i is set when entry i may serve this read (online, fresh enough, not just failed).
    ///   - attached: bit i is set when the session has a connection to entry i.
    ///   - nowNanoseconds: monotonic time, by which old latencies lose weight; 0 for none.
    package static func choose(
        _ table: RoutingTable, candidates: UInt64, attached: UInt64, random: inout LaneRandom,
        nowNanoseconds: UInt64 = 0
    ) -> Int? {
        let count = candidates.nonzeroBitCount
        guard count > 1 else { return count == 0 ? nil : candidates.trailingZeroBitCount }
        let first = random.next(below: count)
        let second = (first + 1 + random.next(below: count - 1)) % count
        let one = position(first, in: candidates)
        let other = position(second, in: candidates)
        return score(table, one, attached, nowNanoseconds) <= score(table, other, attached, nowNanoseconds)
            ? one : other
    }

    /// (in flight + 1) × latency, by weight: the expected wait. Lower is better.
    package static func score(
        _ table: RoutingTable, _ index: Int, _ attached: UInt64, _ nowNanoseconds: UInt64 = 0
    ) -> Double {
        let entry = table.entries[index]
        let aged = Double(entry.load.agedLatencyNanoseconds(nowNanoseconds: nowNanoseconds)) / 1_000
        let latency = max(aged, latencyFloorMicroseconds)
        let raw = Double(entry.load.inFlight + 1) * latency * 100 / Double(max(entry.weight, 1))
        return attached & (1 << UInt64(index)) != 0 ? raw / attachedAdvantage : raw
    }

    private static func position(_ ordinal: Int, in set: UInt64) -> Int {
        var rest = set
        for _ in 0..<ordinal { rest &= rest - 1 }
        return rest.trailingZeroBitCount
    }
}
