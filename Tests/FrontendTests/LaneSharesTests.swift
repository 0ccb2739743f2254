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
        shares.leftPlace(at: node, nowMilliseconds: 20_000)
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
        shares.leftPlace(at: node, nowMilliseconds: 1_000)
        #expect([places(126, 999 + turn), places(126, 1_000 + turn)] == [0, 1])
    }

    @Test func `a place does not go where it would soon be missed, unless they wait twice as long`() {
        let shares = LaneShares()
        func places(waited: UInt64, _ theirs: Int) -> Int {
            shares.placesToLeave(
                at: node, line(9_000, 100, places: 11), to: line(10_000 - waited, theirs, places: 9),
                nowMilliseconds: 10_000)
        }
        #expect([places(waited: 1_900, 99), places(waited: 1_900, 100), places(waited: 2_001, 99)] == [0, 1, 1])
    }

    @Test func `a place that was left is not taken back at once`() {
        var shares = LaneShares()
        #expect(!shares.isBeingTaken(at: node, nowMilliseconds: 5))
        shares.leftPlace(at: node, nowMilliseconds: 100)
        #expect(shares.isBeingTaken(at: node, nowMilliseconds: 99 + turn))
        #expect(!shares.isBeingTaken(at: node, nowMilliseconds: 100 + turn))
        #expect(!shares.isBeingTaken(at: NodeID(index: 2), nowMilliseconds: 100))
    }

    @Test(arguments: [(19, 1), (10, 10), (4, 16)])
    func `two lanes that are short find their shares, and keep them`(_ first: Int, _ second: Int) {
        var scene = TwoLanes(places: [first, second], clients: 1_000)
        // Each connection serves a transaction in 100 ms: with 20, a client waits ten seconds for its turn.
        scene.run(milliseconds: 60_000)
        let before = scene.moved
        scene.run(milliseconds: 60_000)
        let share = scene.lanes[0].places
        #expect((9...11).contains(share), "\(share) of 20")
        #expect(scene.moved == before, "\(scene.moved - before) places moved in the second minute")
        #expect(scene.moved <= abs(10 - first) + 1)
    }

    /// Two lanes with as many clients each, who wait in line for a connection again as soon as they had one.
    private struct TwoLanes {
        struct OneLane {
            var places: Int
            /// Since when each waits.
            var line: [UInt64]
            /// When each connection comes back.
            var busy: [UInt64] = []
            var shares = LaneShares()

            var seen: LaneShares.Line {
                LaneShares.Line(
                    since: line[0], numbers: LaneShares.Line.Numbers(waiting: line.count, places: places))
            }
        }

        let node = NodeID(index: 1)
        var lanes: [OneLane]
        var moved = 0
        private var now: UInt64 = 10

        init(places: [Int], clients: Int) {
            lanes = places.map { OneLane(places: $0, line: Array(repeating: 10, count: clients)) }
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
                let places = lanes[index].shares.placesToLeave(
                    at: node, lanes[index].seen, to: lanes[1 - index].seen, nowMilliseconds: now)
                guard places > 0 else { continue }
                lanes[index].shares.leftPlace(at: node, nowMilliseconds: now)
                lanes[index].places -= 1
                lanes[1 - index].places += 1
                moved += 1
            }
            while lanes[index].busy.count < lanes[index].places, !lanes[index].line.isEmpty {
                lanes[index].line.removeFirst()
                lanes[index].busy.append(now + 100)
            }
        }
    }
}
