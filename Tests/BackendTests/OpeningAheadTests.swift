// What is opened before a session asks: for whom, how much at once, and when not.
import Testing
import Topology

@testable import Backend

/// What a lane opens ahead, from event to event.
private final class Plan {
    var ahead = OpeningAhead()

    func next(
        _ places: [OpeningAhead.Place], minimum: Int, room: Int = 100, now: UInt64 = 0, existing: Int = 0
    ) -> [PoolKey] {
        ahead.next(at: places, minimumIdle: minimum, room: room, nowMilliseconds: now) { _ in existing }
    }
}

@Suite struct OpeningAheadTests {
    private let primary = NodeID(index: 0)
    private let replica = NodeID(index: 1)

    private func key(
        _ node: NodeID, _ user: String = "app", isReadOnly: Bool = false
    ) -> PoolKey {
        PoolKey(
            node: node, account: BackendAccount(user: user, stage1: []), traits: PoolScene.traits,
            isReadOnly: isReadOnly)
    }

    /// The primary and a replica, with so many connections idle.
    private func places(_ idle: (Int, Int) = (0, 0)) -> [OpeningAhead.Place] {
        [
            OpeningAhead.Place(node: primary, isPrimary: true, idle: idle.0),
            OpeningAhead.Place(node: replica, isPrimary: false, idle: idle.1),
        ]
    }

    @Test func `while nobody used a connection nobody gets one ahead`() {
        let plan = Plan()
        #expect(plan.next(places(), minimum: 3).isEmpty)
    }

    @Test func `each node is filled up, in turns, for who used it last or else for who used any`() {
        let plan = Plan()
        plan.ahead.used(key(primary, "writer"), isPrimary: true)
        let both = plan.next(places((0, 1)), minimum: 2)
        #expect(both == [key(primary, "writer"), key(replica, "writer", isReadOnly: true), key(primary, "writer")])
        for opened in both { plan.ahead.opened(opened) }
        plan.ahead.used(key(replica, "reader", isReadOnly: true), isPrimary: false)
        #expect(
            plan.next(places(), minimum: 1) == [key(primary, "writer"), key(replica, "reader", isReadOnly: true)])
    }

    @Test func `what is being opened counts, and what idles is enough`() {
        let plan = Plan()
        plan.ahead.used(key(primary), isPrimary: true)
        #expect(plan.next(places((0, 2)), minimum: 2).count == 2)
        #expect(plan.next(places((0, 2)), minimum: 2).isEmpty)
        #expect(plan.next(places((0, 2)), minimum: 3).map(\.node) == [primary, replica])
    }

    @Test func `no more at once than the bound and the room allow`() {
        let plan = Plan()
        plan.ahead.used(key(primary), isPrimary: true)
        #expect(plan.next(places(), minimum: 100, room: 3).count == 3)
        #expect(plan.next(places(), minimum: 100).count == BackendLimits.openedAheadAtOnce - 3)
        #expect(plan.next(places(), minimum: 100).isEmpty)
        plan.ahead.opened(key(primary))
        #expect(plan.next(places(), minimum: 100).count == 1)
    }

    @Test func `the next look comes after a pause`() {
        let plan = Plan()
        #expect(!plan.ahead.isDue(minimumIdle: 0, nowMilliseconds: 5))
        #expect(plan.ahead.isDue(minimumIdle: 1, nowMilliseconds: 5))
        _ = plan.next(places(), minimum: 1, now: 5)
        #expect(!plan.ahead.isDue(minimumIdle: 1, nowMilliseconds: 4 + BackendLimits.aheadPauseMilliseconds))
        #expect(plan.ahead.isDue(minimumIdle: 1, nowMilliseconds: 5 + BackendLimits.aheadPauseMilliseconds))
    }

    @Test func `where opening failed it is tried later, alone, and later again with each failure`() {
        let plan = Plan()
        plan.ahead.used(key(primary), isPrimary: true)
        let here = [places()[0]]
        #expect(plan.next(here, minimum: 2).count == 2)
        for _ in 0..<2 { plan.ahead.failed(key(primary), isRefused: false, nowMilliseconds: 0) }
        let pause = BackendLimits.aheadRetryMilliseconds * 2
        #expect(plan.next(here, minimum: 2, now: pause - 1).isEmpty)
        #expect(plan.next(here, minimum: 2, now: pause).count == 1)
        #expect(plan.next(here, minimum: 2, now: pause).isEmpty)
        plan.ahead.opened(key(primary))
        #expect(plan.next(here, minimum: 2, now: pause).count == 2)
        for _ in 0..<200 { plan.ahead.failed(key(primary), isRefused: false, nowMilliseconds: 0) }
        #expect(plan.next(here, minimum: 2, now: BackendLimits.aheadRetryMaximumMilliseconds).count == 1)
    }

    @Test func `a refused account gets nothing more until it is used again`() {
        let plan = Plan()
        plan.ahead.used(key(primary, "old"), isPrimary: true)
        _ = plan.next([places()[0]], minimum: 1)
        plan.ahead.failed(key(primary, "old"), isRefused: true, nowMilliseconds: 0)
        #expect(plan.next(places(), minimum: 1, now: 1_000_000).isEmpty)
        plan.ahead.used(key(primary, "new"), isPrimary: true)
        #expect(plan.next([places()[0]], minimum: 1, now: 1_000_000) == [key(primary, "new")])
    }

    @Test func `a new primary gets what the writers had, up to a bound, less what they have got by themselves`() {
        for (had, existing, expected) in [(3, 0, 3), (3, 1, 2), (100, 0, BackendLimits.warmConnections), (2, 2, 0)] {
            let plan = Plan()
            plan.ahead.tablePublished(primary: replica)
            plan.ahead.writersSampled([key(replica): had])
            plan.ahead.tablePublished(primary: nil)
            plan.ahead.writersSampled([:])
            plan.ahead.tablePublished(primary: primary)
            #expect(plan.ahead.isDue(minimumIdle: 0, nowMilliseconds: 0))
            let keys = plan.next(places(), minimum: 0, existing: existing)
            #expect(keys == Array(repeating: key(primary), count: expected))
            for opened in keys { plan.ahead.opened(opened) }
            #expect(plan.next(places(), minimum: 0, existing: had).isEmpty)
            #expect(!plan.ahead.isDue(minimumIdle: 0, nowMilliseconds: 1_000_000))
        }
    }

    @Test func `what finds no place, or fails, is not owed any more`() {
        for isLimit in [false, true] {
            let plan = Plan()
            plan.ahead.tablePublished(primary: replica)
            plan.ahead.writersSampled([key(replica): 1])
            plan.ahead.tablePublished(primary: primary)
            #expect(plan.next(places(), minimum: 0) == [key(primary)])
            if isLimit {
                plan.ahead.limitReached(key(primary))
            } else {
                plan.ahead.failed(key(primary), isRefused: false, nowMilliseconds: 0)
            }
            #expect(!plan.ahead.isDue(minimumIdle: 0, nowMilliseconds: 1_000_000))
        }
    }
}
