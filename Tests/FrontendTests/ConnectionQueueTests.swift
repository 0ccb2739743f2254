// The queue for connections: order, places kept, and what lanes tell each other.
import Testing
import Topology

@testable import Backend
@testable import Frontend

@Suite struct ConnectionQueueTests {
    private final class Waiter {}
    private let node = NodeID(index: 1)
    private let other = NodeID(index: 2)

    @Test func `who came first is first, and who is asked in vain keeps the place`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<4).map { _ in Waiter() }
        for (index, waiter) in waiters.enumerated() {
            queue.join(waiter, at: node, since: UInt64(10 + index), .node(1))
        }
        let isRemoved = queue.remove(waiters[0], at: node)
        #expect(isRemoved)
        queue.join(waiters[0], at: node, since: 10, .node(1))
        #expect(queue.entries(at: node).map { ObjectIdentifier($0.waiter) } == waiters.map { ObjectIdentifier($0) })
        #expect(queue.first(at: node)?.since == 10)
    }

    @Test func `those of the same millisecond stay in the order in which they came`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<3).map { _ in Waiter() }
        for waiter in waiters { queue.join(waiter, at: node, since: 5, .node(1)) }
        #expect(queue.entries(at: node).map { ObjectIdentifier($0.waiter) } == waiters.map { ObjectIdentifier($0) })
    }

    @Test func `who is asked in vain is where he was, also among those of the same millisecond`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<4).map { _ in Waiter() }
        for waiter in waiters { queue.join(waiter, at: node, since: 5, .node(1)) }
        for place in 0..<4 {
            #expect(queue.entry(at: place, of: node)?.waiter === waiters[place])
            _ = queue.remove(waiters[place], at: node)
            queue.join(waiters[place], at: node, since: 5, .node(1), to: place)
        }
        #expect(queue.entries(at: node).map { ObjectIdentifier($0.waiter) } == waiters.map { ObjectIdentifier($0) })
        #expect(queue.entry(at: 4, of: node) == nil && queue.entry(at: 0, of: other) == nil)
    }

    @Test func `a place is nobody's before whom others began to wait, or after whom`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<4).map { _ in Waiter() }
        queue.join(waiters[0], at: node, since: 1, .node(1))
        queue.join(waiters[1], at: node, since: 3, .node(1))
        queue.join(waiters[2], at: node, since: 2, .node(1), to: 0)
        queue.join(waiters[3], at: node, since: 2, .node(1), to: 9)
        #expect(queue.entries(at: node).map(\.since) == [1, 2, 2, 3])
        #expect(queue.entry(at: 2, of: node)?.waiter === waiters[3])
    }

    @Test func `nobody is left behind, and all come out by their beginning`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<4).map { _ in Waiter() }
        for (index, waiter) in waiters.enumerated() {
            queue.join(waiter, at: index % 2 == 0 ? node : other, since: UInt64(index), .node(1))
        }
        let removed = [queue.remove(waiters[3]), queue.remove(waiters[3])]
        #expect(removed == [other, nil])
        #expect(queue.count(at: node) == 2 && queue.count(at: other) == 1)
        let all = queue.removeAll()
        #expect(all.map { ObjectIdentifier($0) } == waiters.prefix(3).map { ObjectIdentifier($0) })
        #expect(queue.isEmpty && queue.nodes.isEmpty)
    }

    @Test func `what somebody waits for is known, also whether it is the account's own limit`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<2).map { _ in Waiter() }
        queue.join(waiters[0], at: node, since: 1, .account(5))
        queue.join(waiters[1], at: node, since: 2, .node(9))
        #expect(queue.entries(at: node).map(\.limit) == [.account(5), .node(9)])
        #expect(queue.entries(at: node).map(\.limit.isOfAccount) == [true, false])
        #expect(!ConnectionLimit.process(1).isOfAccount)
    }

    @Test func `those who wait for a place of the process are counted, however they leave`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<4).map { _ in Waiter() }
        queue.join(waiters[0], at: node, since: 1, .process(5))
        queue.join(waiters[1], at: node, since: 2, .node(9))
        queue.join(waiters[2], at: other, since: 3, .process(5))
        queue.join(waiters[3], at: other, since: 4, .process(5))
        #expect(queue.processWaiters == 3)
        _ = queue.remove(waiters[0], at: node)
        _ = queue.remove(waiters[1])
        _ = queue.remove(waiters[0])
        #expect(queue.processWaiters == 2)
        _ = queue.removeAll()
        #expect(queue.processWaiters == 0)
    }

    @Test func `those who wait at their account's own limit are no waiters for the node`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<3).map { _ in Waiter() }
        queue.join(waiters[0], at: node, since: 1, .account(2))
        queue.join(waiters[1], at: node, since: 2, .node(9))
        queue.join(waiters[2], at: node, since: 3, .serverAccount(2))
        #expect([queue.count(at: node), queue.nodeWaiters(at: node), queue.nodeWaiters(at: other)] == [3, 1, 0])
        _ = queue.remove(waiters[0], at: node)
        _ = queue.remove(waiters[1])
        #expect([queue.count(at: node), queue.nodeWaiters(at: node)] == [1, 0])
        _ = queue.removeAll()
        queue.join(waiters[1], at: node, since: 2, .node(9))
        #expect(queue.nodeWaiters(at: node) == 1)
    }

    @Test func `the want of the lane that waits longest is told, and none when nobody waits`() {
        let wants = ConnectionWants()
        func want(_ lane: Int, _ count: Int, _ since: UInt64) -> ConnectionWants.Want {
            ConnectionWants.Want(lane: lane, count: count, line: LaneShares.Line(since: since), limit: .node(9))
        }
        #expect(!wants.isAny)
        wants.update(node, lane: 0, [want(0, 1, 30)])
        wants.update(node, lane: 1, [want(1, 2, 10)])
        wants.update(node, lane: 2, [want(2, 1, 20)])
        #expect(wants.isAny)
        #expect(wants.longest(at: node, but: 0, account: "app") == want(1, 2, 10))
        #expect(wants.longest(at: node, but: 1, account: "app") == want(2, 1, 20))
        #expect(wants.others(at: node, but: 2) == [want(1, 2, 10), want(0, 1, 30)])
        #expect(wants.longest(at: other, but: 0, account: "app") == nil)
        for lane in 0..<3 { wants.update(node, lane: lane, []) }
        #expect(!wants.isAny && wants.longest(at: node, but: 9, account: "app") == nil)
        #expect(wants.others(at: node, but: 9).isEmpty)
    }

    @Test func `an account at its own limit wants nothing of others, whoever waits longest`() {
        let wants = ConnectionWants()
        let mine = ConnectionWants.Want(
            lane: 0, count: 1, line: LaneShares.Line(since: 10), limit: .account(2), user: "greedy")
        let anybody = ConnectionWants.Want(lane: 0, count: 3, line: LaneShares.Line(since: 20), limit: .node(9))
        wants.update(node, lane: 0, [mine, anybody])
        #expect(wants.longest(at: node, but: 1, account: "greedy") == mine)
        #expect(wants.longest(at: node, but: 1, account: "app") == anybody)
        #expect(wants.others(at: node, but: 1) == [mine, anybody])
        wants.update(node, lane: 0, [mine])
        #expect(wants.isAny && wants.longest(at: node, but: 1, account: "app") == nil)
        #expect(!mine.isAnyNode && !anybody.isAnyNode)
        #expect(ConnectionWants.Want(lane: 0, count: 1, line: LaneShares.Line(since: 1), limit: .process(5)).isAnyNode)
    }

    @Test func `whether another node may serve somebody is known, until he leaves`() {
        var queue = ConnectionQueue<Waiter>()
        let waiters = (0..<3).map { _ in Waiter() }
        queue.join(waiters[0], at: node, since: 1, .node(9))
        #expect(!queue.hasChoosers(at: node) && !queue.hasChoosers(at: other))
        queue.join(waiters[1], at: node, since: 2, .node(9), hasChoice: true)
        queue.join(waiters[2], at: other, since: 3, .node(9), hasChoice: true)
        #expect(queue.hasChoosers(at: node) && queue.hasChoosers(at: other))
        _ = queue.remove(waiters[1], at: node)
        _ = queue.remove(waiters[2])
        #expect(!queue.hasChoosers(at: node) && !queue.hasChoosers(at: other))
        queue.join(waiters[1], at: node, since: 2, .node(9), hasChoice: true)
        _ = queue.removeAll()
        #expect(!queue.hasChoosers(at: node))
    }
}
