// Which replicas are fresh enough, and when one that was not is again.

import Routing
import Testing
import Topology

@Suite struct LagLimitsTests {
    /// A table whose entries are this far behind.
    private func table(_ lags: [Int?]) -> RoutingTable {
        let entries = lags.enumerated().map { index, lag in
            var entry = RoutingEntry(
                member: ClusterMember(
                    id: NodeID(index: index), name: "n\(index)", address: .tcp(host: "n\(index)", port: 3306)),
                nowUnixMilliseconds: 0)
            entry.lagMilliseconds = lag
            return entry
        }
        return RoutingTable(
            cluster: "c", version: 1, epoch: 1, gate: .closed(reason: "test", sinceUnixMilliseconds: 0),
            entries: entries, publishedUnixMilliseconds: 0)
    }

    private func limits(_ lags: [Int?]) -> LagLimits {
        var limits = LagLimits()
        limits.adopt(table(lags))
        return limits
    }

    @Test(arguments: [
        (100, 0, 0b0011), (99, 0, 0b0001), (0, 0, 0b0001), (1_000, 0, 0b0111), (5_000, 0, 0b0111),
        (99, 2, 0b0011), (0, 3, 0b0111), (0, 4, 0b0111), (100, 1, 0b0011),
    ])
    func `a limit lets these through`(_ limit: UInt64, _ minimum: Int, _ expected: UInt64) {
        var limits = limits([0, 100, 1_000, nil])
        #expect(limits.within(limit, 0b1111, atLeast: minimum) == expected)
    }

    @Test func `only candidates are let through, and only they are counted`() {
        var limits = limits([0, 100, 1_000, nil])
        #expect(limits.within(100, 0b1110, atLeast: 0) == 0b0010)
        #expect(limits.within(50, 0b1100, atLeast: 1) == 0b0100)
        #expect(limits.within(50, 0b1000, atLeast: 1) == 0)
    }

    @Test func `a node that passed the limit is used again below a share of it`() {
        var limits = limits([1_001])
        var seen: [Bool] = []
        for lag in [1_001, 1_000, 900, 800, 799, 900, 1_000, 1_001, 900] {
            limits.adopt(table([lag]))
            seen.append(limits.within(1_000, 1, atLeast: 0) == 1)
        }
        #expect(seen == [false, false, false, false, true, true, true, false, false])
    }

    @Test func `each limit has a memory of its own, and an unknown lag is none`() {
        var limits = limits([500])
        #expect(limits.within(400, 1, atLeast: 0) == 0)
        #expect(limits.within(600, 1, atLeast: 0) == 1)
        limits.adopt(table([390]))
        #expect(limits.within(400, 1, atLeast: 0) == 0)
        #expect(limits.within(600, 1, atLeast: 0) == 1)
        limits.adopt(table([nil]))
        #expect(limits.within(600, 1, atLeast: 0) == 0)
        limits.adopt(table([590]))
        #expect(limits.within(600, 1, atLeast: 0) == 0)
    }

    @Test func `a limit of nothing lets nodes through again that are not behind`() {
        var limits = limits([1])
        #expect(limits.within(0, 1, atLeast: 0) == 0)
        limits.adopt(table([0]))
        #expect(limits.within(0, 1, atLeast: 0) == 1)
    }

    @Test func `many limits are judged, with or without memory`() {
        var limits = limits([100])
        for limit in 0..<(LagLimits.limitsMaximum * 2) {
            #expect(limits.within(UInt64(limit), 1, atLeast: 0) == 0)
        }
        #expect(limits.within(100, 1, atLeast: 0) == 1)
    }
}
