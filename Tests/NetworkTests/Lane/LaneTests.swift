// The event loop: order of posts, deadlines, deferred work, slots and their generations.
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Network

private final class Handler: ReadinessHandler, DeferredWork, @unchecked Sendable {
    var readiness: [Readiness] = []
    var deadlines: [UInt64] = []
    var soonCount = 0
    var onReady: ((Readiness) -> Void)?
    var onDeadline: (() -> Void)?
    var onSoon: (() -> Void)?
    let lane: Lane

    init(_ lane: Lane) { self.lane = lane }
    func becameReady(_ readiness: Readiness) {
        self.readiness.append(readiness)
        onReady?(readiness)
    }
    func deadlinePassed() {
        deadlines.append(lane.nowMilliseconds)
        onDeadline?()
    }
    func runSoon() {
        soonCount += 1
        onSoon?()
    }
}

private final class Box<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}

@Suite struct LaneTests {
    @Test func `a lane's thread is named after it`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let name = await withCheckedContinuation { continuation in
            lane.post {
                let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
                continuation.resume(returning: name)
            }
        }
        #expect(name == "lane-\(lane.number)\n")
    }

    @Test func `posts of one thread run in their order`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let seen = Box<[Int]>([])
        for number in 0..<1_000 { lane.post { seen.value.append(number) } }
        await lane.expect { seen.value == Array(0..<1_000) }
    }

    @Test func `posts of several threads all run, each thread's in order`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let seen = Box<[[Int]]>(Array(repeating: [], count: 4))
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for number in 0..<500 { lane.post { seen.value[thread].append(number) } }
                }
            }
        }
        await lane.expect { seen.value == Array(repeating: Array(0..<500), count: 4) }
    }

    @Test func `a post made by a post runs too`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let inner: Int = await withCheckedContinuation { continuation in
            lane.post { lane.post { continuation.resume(returning: 7) } }
        }
        #expect(inner == 7)
    }

    @Test func `only the lane's own thread is current`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        await lane.expect { lane.isCurrent }
    }

    @Test func `a deadline passes once, not early, and not after it was cleared`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let handler = Handler(lane)
        let cleared = Handler(lane)
        let (one, peer) = socketPair()
        let (two, otherPeer) = socketPair()
        defer {
            close(one)
            close(two)
            peer.close()
            otherPeer.close()
        }
        let due = await lane.run { () -> UInt64 in
            guard let slot = lane.register(one, handler), let other = lane.register(two, cleared) else { return 0 }
            let due = lane.nowMilliseconds + 60
            lane.setDeadline(slot, milliseconds: due)
            lane.setDeadline(other, milliseconds: due)
            lane.setDeadline(other, milliseconds: 0)
            return due
        }
        await lane.expectEventually { handler.deadlines.count == 1 }
        await lane.expect { handler.deadlines.allSatisfy { $0 >= due } }
        // Three more sweeps pass: the deadline stays gone.
        await lane.expectEventually { lane.nowMilliseconds > due + 3 * NetworkLimits.sweepMilliseconds }
        await lane.expect { handler.deadlines.count == 1 }
        await lane.expect { cleared.deadlines.count == 0 }
    }

    @Test func `a handler may set its next deadline, register and unregister inside of a deadline`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let handler = Handler(lane)
        let late = Handler(lane)
        let (one, peer) = socketPair()
        let (two, otherPeer) = socketPair()
        defer {
            close(one)
            close(two)
            peer.close()
            otherPeer.close()
        }
        await lane.run {
            guard let slot = lane.register(one, handler) else { return }
            handler.onDeadline = {
                if handler.deadlines.count == 1 {
                    lane.setDeadline(slot, milliseconds: lane.nowMilliseconds + 1)
                    if let other = lane.register(two, late) { lane.setDeadline(other, milliseconds: 1) }
                } else {
                    lane.unregister(slot)
                }
            }
            lane.setDeadline(slot, milliseconds: 1)
        }
        await lane.expectEventually { handler.deadlines.count == 2 && late.deadlines.count == 1 }
        await lane.run { handler.onDeadline = nil }
    }

    @Test func `an old slot cannot touch the next owner of its place`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let first = Handler(lane)
        let second = Handler(lane)
        let (one, peer) = socketPair()
        let (two, otherPeer) = socketPair()
        defer {
            close(two)
            peer.close()
            otherPeer.close()
        }
        let places = await lane.run { () -> [LaneSlot] in
            guard let old = lane.register(one, first) else { return [] }
            lane.unregister(old)
            close(one)
            guard let new = lane.register(two, second) else { return [] }
            lane.setDeadline(old, milliseconds: 1)
            lane.unregister(old)
            return [old, new]
        }
        #expect(places.count == 2 && places[0].index == places[1].index && places[0] != places[1])
        otherPeer.send([1])
        await lane.expectEventually { second.readiness.contains { $0.contains(.input) } }
        await lane.expect { second.deadlines.isEmpty }
    }

    @Test func `an event of this wake does not reach the next owner of a place`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        // Both become readable before the lane looks. Whichever is handled first closes the other and registers a third in
        // its place, which must not hear the event that was meant for the closed one.
        for _ in 0..<20 {
            let ends = [socketPair(), socketPair(), socketPair()]
            let handlers = [Handler(lane), Handler(lane), Handler(lane)]
            let slots = Box<[LaneSlot]>([])
            await lane.run {
                slots.value = [lane.register(ends[0].0, handlers[0]), lane.register(ends[1].0, handlers[1])].compactMap(
                    \.self)
            }
            await lane.run {
                for index in 0..<2 { handlers[index].readiness = [] }
                for (index, other) in [(0, 1), (1, 0)] {
                    handlers[index].onReady = { readiness in
                        guard readiness.contains(.input), slots.value.count == 2 else { return }
                        lane.unregister(slots.value[other])
                        close(ends[other].0)
                        slots.value.append(lane.register(ends[2].0, handlers[2]) ?? .none)
                        // Its own first event, that it can be written, comes at the next wake.
                    }
                }
                ends[0].1.send([1])
                ends[1].1.send([1])
            }
            await lane.expectEventually { !handlers[2].readiness.isEmpty }
            await lane.expect { handlers[2].readiness.allSatisfy { !$0.contains(.input) } }
            let heard = await lane.run { handlers[..<2].filter { $0.readiness.contains { $0.contains(.input) } }.count }
            #expect(heard == 1)
            await lane.run {
                for handler in handlers { handler.onReady = nil }
                for slot in slots.value { lane.unregister(slot) }
            }
            close(ends[2].0)
        }
    }

    @Test func `deferred work runs once for each call, and what it defers runs in the next round`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let handler = Handler(lane)
        let order = Box<[String]>([])
        await lane.run {
            handler.onSoon = {
                order.value.append("soon \(handler.soonCount)")
                if handler.soonCount == 1 { lane.soon(handler) }
            }
            lane.soon(handler)
            order.value.append("event")
        }
        await lane.expectEventually { handler.soonCount == 2 }
        await lane.expect { order.value == ["event", "soon 1", "soon 2"] }
        await lane.run { handler.onSoon = nil }
    }

    @Test func `work that defers itself for ever does not starve the mailbox`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let handler = Handler(lane)
        await lane.run {
            handler.onSoon = { lane.soon(handler) }
            lane.soon(handler)
        }
        await lane.expect { 1 == 1 }
        await lane.expectEventually { handler.soonCount > 100 }
        await lane.run { handler.onSoon = nil }
    }

    @Test func `sweepers run again and again with a clock that does not go back`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let times = Box<[UInt64]>([])
        await lane.run { lane.addSweeper { times.value.append($0) } }
        await lane.expectEventually { times.value.count >= 3 }
        let seen = await lane.run { times.value }
        #expect(seen == seen.sorted())
        for (one, next) in zip(seen, seen.dropFirst()) { #expect(next - one >= NetworkLimits.sweepMilliseconds) }
    }

    @Test func `an unregistered handler is let go`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let (one, peer) = socketPair()
        defer {
            close(one)
            peer.close()
        }
        let weakly = Box<WeakHandler>(WeakHandler())
        await lane.run {
            let handler = Handler(lane)
            weakly.value.handler = handler
            guard let slot = lane.register(one, handler) else { return }
            lane.unregister(slot)
        }
        await lane.expect { weakly.value.handler == nil }
    }

    @Test func `a stopped lane is freed`() async {
        let weakly = Box<WeakLane>(WeakLane())
        do {
            let lane = Lane.started()
            weakly.value.lane = lane
            await lane.run {}
            lane.stop()
        }
        for _ in 0..<2_000 where weakly.value.lane != nil { try? await Task.sleep(for: .milliseconds(2)) }
        #expect(weakly.value.lane == nil)
    }

    @Test func `a group hands its lanes out in turn`() {
        let group = LaneGroup(count: 3)
        defer { group.stop() }
        #expect((0..<7).map { _ in group.next().number } == [0, 1, 2, 0, 1, 2, 0])
        let least = LaneGroup(count: 0)
        defer { least.stop() }
        #expect(least.lanes.count == 1)
    }
}

private struct WeakHandler { weak var handler: Handler? }
private struct WeakLane { weak var lane: Lane? }
