// Power of two choices: only candidates, the better one, by weight, latency and attachment.
import Testing
import Topology

@testable import Routing

private func table(_ weights: [Int], latencies: [UInt64] = [], inFlight: [Int] = []) -> RoutingTable {
    let entries = weights.enumerated().map { index, weight -> RoutingEntry in
        let member = ClusterMember(
            id: NodeID(index: index), name: "n\(index)", address: .tcp(host: "127.0.0.1", port: 1), weight: weight)
        var entry = RoutingEntry(member: member, nowUnixMilliseconds: 0)
        entry.acceptsReads = true
        if index < latencies.count {
            entry.load.began()
            entry.load.finished(latencyNanoseconds: latencies[index] * 1_000)
        }
        if index < inFlight.count { for _ in 0..<inFlight[index] { entry.load.began() } }
        return entry
    }
    return RoutingTable(
        cluster: "c", version: 1, epoch: 1, gate: .closed(reason: "test", sinceUnixMilliseconds: 0), entries: entries,
        publishedUnixMilliseconds: 0)
}

private func shares(_ table: RoutingTable, candidates: UInt64, attached: UInt64 = 0, rounds: Int = 4_000) -> [Int: Int]
{
    var random = LaneRandom(seed: 42)
    var counts: [Int: Int] = [:]
    for _ in 0..<rounds {
        if let index = Balancer.choose(table, candidates: candidates, attached: attached, random: &random) {
            counts[index, default: 0] += 1
        }
    }
    return counts
}

@Suite struct BalancerTests {
    @Test func `nobody is chosen of nobody`() {
        var random = LaneRandom(seed: 1)
        #expect(Balancer.choose(table([100]), candidates: 0, attached: 1, random: &random) == nil)
    }

    @Test(arguments: 0..<64) func `the only candidate is chosen, whichever it is`(index: Int) {
        var random = LaneRandom(seed: 1)
        let full = table(Array(repeating: 100, count: 64))
        #expect(Balancer.choose(full, candidates: 1 << UInt64(index), attached: 0, random: &random) == index)
    }

    @Test func `only candidates are chosen, and each of them is`() {
        let nodes = table(Array(repeating: 100, count: 64))
        var random = LaneRandom(seed: 7)
        for _ in 0..<200 {
            var set: UInt64 = 0
            for _ in 0..<6 { set |= 1 << UInt64(random.next(below: 64)) }
            let counts = shares(nodes, candidates: set, rounds: 500)
            #expect(counts.keys.allSatisfy { set & (1 << UInt64($0)) != 0 })
            #expect(counts.count == set.nonzeroBitCount)
        }
    }

    @Test func `equal nodes share equally`() {
        let counts = shares(table([100, 100, 100, 100]), candidates: 0b1111, rounds: 8_000)
        for index in 0..<4 { #expect((1_600...2_400).contains(counts[index] ?? 0)) }
    }

    @Test func `a new session settles where fewer are`() {
        let nodes = table([100, 100])
        for _ in 0..<10 { nodes.entries[0].load.leaseBegan() }
        #expect((shares(nodes, candidates: 0b11)[1] ?? 0) > 3_800)
    }

    @Test func `a session that has both nodes reads more from the idle one`() {
        let counts = shares(table([100, 100], inFlight: [3, 0]), candidates: 0b11, attached: 0b11)
        #expect((counts[1] ?? 0) > 2 * (counts[0] ?? 0))
    }

    @Test func `where a session settles does not depend on a latency seen now`() {
        let slow = shares(table([100, 100], latencies: [9_000, 300]), candidates: 0b11)[0] ?? 0
        #expect((1_600...2_400).contains(slow))
    }

    @Test func `a slow node takes few reads, but some: else nobody would see it recover`() {
        let slow = shares(table([100, 100], latencies: [9_000, 300]), candidates: 0b11, attached: 0b11)[0] ?? 0
        #expect(slow > 0 && slow < 600)
    }

    @Test func `of three, the worst is chosen least`() {
        let nodes = table([100, 100, 100], latencies: [2_000, 3_000, 90_000])
        let counts = shares(nodes, candidates: 0b111, attached: 0b111)
        #expect((counts[2] ?? 0) < 200)
        #expect((counts[0] ?? 0) > (counts[1] ?? 0))
    }

    @Test func `latencies in the noise count as equal`() {
        let nodes = table([100, 100], latencies: [3, 40])
        #expect(Balancer.score(nodes, 0, 0) == Balancer.score(nodes, 1, 0))
    }

    @Test func `a heavier node takes more work before it is as good as another`() {
        let nodes = table([300, 100], latencies: [1_000, 1_000], inFlight: [2, 0])
        #expect(Balancer.score(nodes, 0, 0) == Balancer.score(nodes, 1, 0))
    }

    @Test func `an attached node is kept unless the other is better by the advantage`() {
        let close = table([100, 100], latencies: [1_400, 1_000])
        #expect(shares(close, candidates: 0b11, attached: 0b01) == [0: 4_000])
        let far = table([100, 100], latencies: [4_000, 1_000])
        #expect(shares(far, candidates: 0b11, attached: 0b01) == [1: 4_000])
    }

    @Test func `a weight of zero does not divide by zero`() {
        #expect(Balancer.score(table([0]), 0, 0).isFinite)
    }

    @Test func `the random source repeats, stays below its bound and never sticks`() {
        var one = LaneRandom(seed: 5)
        var same = LaneRandom(seed: 5)
        var zero = LaneRandom(seed: 0)
        var seen: Set<Int> = []
        for _ in 0..<2_000 {
            let number = one.next(below: 10)
            #expect(number == same.next(below: 10))
            #expect((0..<10).contains(number))
            seen.insert(zero.next(below: 10))
        }
        #expect(seen.count == 10)
        #expect(one.next(below: 1) == 0)
    }
}
