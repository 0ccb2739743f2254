// When a place for a connection goes to another lane, and that places do not go back and forth.
import Testing
import Topology

@testable import Frontend

@Suite struct LaneSharesTests {
    private let node = NodeID(index: 1)
    private let turn = FrontendLimits.laneTurnMilliseconds

    private func line(_ since: UInt64, _ waiting: Int? = nil, places: Int = 0) -> LaneShares.Line {
        LaneShares.Line(since: since, numbers: waiting.map { LaneShares.Line.Numbers(waiting: $0, places: places) })
    }

    @Test(
        arguments: [
            (nil, 1_000, 1_050, Int.max), (1_000, 1_000, 1_050, 0), (1_020, 1_000, 1_050, 0), (1_021, 1_000, 1_050, 1),
            // After 8 s, a second's difference is not enough; a little more is.
            (11_000, 10_000, 18_000, 0), (11_001, 10_000, 18_000, 1),
        ] as [(UInt64?, UInt64, UInt64, Int)])
    func `whoever waits noticeably longer is left a place, and nobody else`(
        _ mine: UInt64?, _ theirs: UInt64, _ now: UInt64, _ places: Int
    ) {
        let shares = LaneShares()
        #expect(
            shares.placesToLeave(at: node, mine.map { line($0) }, to: line(theirs), nowMilliseconds: now) == places)
    }

    @Test func `the next place goes when it can be seen what the last one changed`() {
        var shares = LaneShares()
        shares.leftPlace(at: node, to: 1, nowMilliseconds: 20_000)
        // Here all wait for four seconds, of which an eighth is half a second.
        func places(_ now: UInt64, at node: NodeID? = nil) -> Int {
            shares.placesToLeave(
                at: node ?? self.node, line(now - 4_000), to: line(now - 9_000), nowMilliseconds: now)
        }
        #expect([places(20_000), places(20_499), places(20_500)] == [0, 0, 1])
        #expect(shares.placesToLeave(at: node, nil, to: line(1), nowMilliseconds: 20_000) == .max)
        #expect(places(20_000, at: NodeID(index: 2)) == 1)
    }

    @Test func `where many more wait for each place, it is not waited until the first in line waits longer`() {
        var shares = LaneShares()
        func places(_ theirs: Int, _ now: UInt64) -> Int {
            shares.placesToLeave(
                at: node, line(900, 100, places: 11), to: line(900, theirs, places: 9), nowMilliseconds: now)
        }
        #expect([places(125, 1_000), places(126, 1_000)] == [0, 1])
        shares.leftPlace(at: node, to: 1, nowMilliseconds: 1_000)
        #expect([places(126, 999 + turn), places(126, 1_000 + turn)] == [0, 1])
    }

    @Test func `a place does not go where it would soon be missed, unless they wait half as long again`() {
        let shares = LaneShares()
        func places(waited: UInt64, _ theirs: Int) -> Int {
            shares.placesToLeave(
                at: node, line(9_000, 100, places: 11), to: line(10_000 - waited, theirs, places: 9),
                nowMilliseconds: 10_000)
        }
        #expect([places(waited: 1_500, 99), places(waited: 1_500, 100), places(waited: 1_503, 99)] == [0, 1, 1])
    }

    @Test func `a lane that has no place gets one when its first has waited longer than the first here`() {
        let shares = LaneShares()
        func places(_ theirs: UInt64) -> Int {
            shares.placesToLeave(
                at: node, line(5_000, 1_000, places: 20), to: line(theirs, 1, places: 0), nowMilliseconds: 10_000)
        }
        #expect([places(5_000 - turn), places(4_999 - turn)] == [0, 1])
    }

    @Test func `the last place goes to those who wait noticeably longer, however many they are`() {
        let shares = LaneShares()
        func places(_ theirs: UInt64, _ waiting: Int) -> Int {
            shares.placesToLeave(
                at: node, line(6_000, 10, places: 1), to: line(theirs, waiting, places: 1), nowMilliseconds: 10_000)
        }
        #expect([places(5_000, 200), places(5_000, 1), places(5_900, 200)] == [1, 1, 0])
        let none = line(5_900, 200, places: 0)
        #expect(
            shares.placesToLeave(at: node, line(6_000, 10, places: 1), to: none, nowMilliseconds: 10_000) == 0)
    }

    @Test func `whose place it is that was left is known for a moment`() {
        var shares = LaneShares()
        #expect(shares.receiver(at: node, nowMilliseconds: 5) == nil)
        shares.leftPlace(at: node, to: 3, nowMilliseconds: 100)
        #expect(shares.receiver(at: node, nowMilliseconds: 99 + turn) == 3)
        #expect(shares.receiver(at: node, nowMilliseconds: 100 + turn) == nil)
        #expect(shares.receiver(at: NodeID(index: 2), nowMilliseconds: 100) == nil)
        shares.stopHolding(at: node)
        #expect(shares.receiver(at: node, nowMilliseconds: 100) == nil)
        // When it was left still counts.
        #expect(
            shares.placesToLeave(at: node, line(90), to: line(10), nowMilliseconds: 99 + turn) == 0)
    }

    @Test(arguments: [(19, 1), (10, 10), (4, 16), (20, 0)])
    func `two lanes that are short find their shares, and keep them`(_ first: Int, _ second: Int) {
        var scene = TwoLanes(places: [first, second], clients: [1_000, 1_000])
        // Each connection serves a transaction in 100 ms: with 20, a client waits ten seconds for its turn.
        scene.run(milliseconds: 60_000)
        let before = scene.moved
        scene.run(milliseconds: 60_000)
        let share = scene.lanes[0].places
        #expect((9...11).contains(share), "\(share) of 20")
        #expect(scene.moved == before, "\(scene.moved - before) places moved in the second minute")
        #expect(scene.moved <= abs(10 - first) + 1)
        #expect(scene.takenBack == 0)
    }

    @Test(arguments: [10, 200, 3_000])
    func `the clients of one lane do not wait much longer than those of the other, however many they are`(
        _ others: Int
    ) {
        var scene = TwoLanes(places: [20, 0], clients: [1_000, others])
        scene.run(milliseconds: 60_000)
        scene.forgetWaits()
        scene.run(milliseconds: 60_000)
        let waits = scene.lanes.map(\.longestWait)
        #expect(waits[0] > 0 && waits[1] > 0 && waits[0] < waits[1] * 2 && waits[1] < waits[0] * 2, "\(waits)")
    }

    /// Two lanes of clients, who wait in line for a connection again as soon as they had one.
    private struct TwoLanes {
        struct OneLane {
            var places: Int
            /// Since when each waits.
            var line: [UInt64]
            /// When each connection comes back.
            var busy: [UInt64] = []
            var shares = LaneShares()
            var longestWait: UInt64 = 0

            /// Nil when nobody waits.
            var seen: LaneShares.Line? {
                line.first.map {
                    LaneShares.Line(
                        since: $0, numbers: LaneShares.Line.Numbers(waiting: line.count, places: places))
                }
            }
        }

        let node = NodeID(index: 1)
        var lanes: [OneLane]
        var moved = 0
        /// Places that the lane that had left them opened again.
        var takenBack = 0
        /// Of the lane that left it last, and not open.
        private var free = 0
        private var now: UInt64 = 10

        init(places: [Int], clients: [Int]) {
            lanes = zip(places, clients).map { OneLane(places: $0, line: Array(repeating: 10, count: $1)) }
        }

        mutating func forgetWaits() {
            for index in lanes.indices { lanes[index].longestWait = 0 }
        }

        mutating func run(milliseconds: UInt64) {
            let end = now + milliseconds
            while now < end {
                for index in lanes.indices { step(index) }
                now += 1
            }
        }

        private mutating func step(_ index: Int) {
            let back = lanes[index].busy.count { $0 <= now }
            lanes[index].busy.removeAll { $0 <= now }
            lanes[index].line += Array(repeating: now, count: back)
            for _ in 0..<back {
                guard let other = lanes[1 - index].seen,
                    lanes[index].shares.placesToLeave(
                        at: node, lanes[index].seen, to: other, nowMilliseconds: now) > 0
                else { continue }
                lanes[index].shares.leftPlace(at: node, to: 1 - index, nowMilliseconds: now)
                lanes[index].places -= 1
                free += 1
                moved += 1
            }
            // The lane that left a place is also the first to see that it is free.
            if free > 0, let first = lanes[index].line.first {
                let isLeft = lanes[index].shares.receiver(at: node, nowMilliseconds: now) == 1 - index
                let isTheirs = isLeft && lanes[1 - index].line.first.map { $0 <= first } ?? false
                if !isTheirs {
                    if isLeft { takenBack += 1 }
                    lanes[index].places += 1
                    free -= 1
                }
            }
            while lanes[index].busy.count < lanes[index].places, !lanes[index].line.isEmpty {
                let since = lanes[index].line.removeFirst()
                lanes[index].longestWait = max(lanes[index].longestWait, now - since)
                lanes[index].busy.append(now + 100)
            }
        }
    }
}
