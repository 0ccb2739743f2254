// A repeating event is said once per interval.

import Testing

@testable import Telemetry

private let second: UInt64 = 1_000_000_000

@Suite struct LogThrottleTests {
    @Test func `a key is written once per interval, with the number of times it was not`() {
        let throttle = LogThrottle(seconds: 10)
        #expect(throttle.admit("a", now: 100 * second) == .write(suppressed: 0))
        #expect(throttle.admit("a", now: 101 * second) == .suppress)
        #expect(throttle.admit("a", now: 110 * second - 1) == .suppress)
        #expect(throttle.admit("a", now: 110 * second) == .write(suppressed: 2))
        #expect(throttle.admit("a", now: 120 * second) == .write(suppressed: 0))
    }

    @Test func `keys do not disturb each other`() {
        let throttle = LogThrottle(seconds: 10)
        #expect(throttle.admit("a", now: second) == .write(suppressed: 0))
        #expect(throttle.admit("b", now: second) == .write(suppressed: 0))
        #expect(throttle.admit("b", now: second) == .suppress)
    }

    @Test func `a clock that lags behind another thread's is taken as no time at all`() {
        let throttle = LogThrottle(seconds: 10)
        #expect(throttle.admit("a", now: 100 * second) == .write(suppressed: 0))
        #expect(throttle.admit("a", now: 99 * second) == .suppress)
    }

    @Test func `keys beyond the maximum count as one`() {
        let throttle = LogThrottle(seconds: 10, maximumKeys: 2)
        #expect(throttle.admit("a", now: 1 * second) == .write(suppressed: 0))
        #expect(throttle.admit("b", now: 2 * second) == .write(suppressed: 0))
        #expect(throttle.admit("c", now: 3 * second) == .write(suppressed: 0))
        for number in 0..<1_000 { #expect(throttle.admit("d\(number)", now: 4 * second) == .suppress) }
        #expect(throttle.admit("b", now: 4 * second) == .suppress)
        #expect(throttle.admit("a", now: 11 * second) == .write(suppressed: 0))
        #expect(throttle.admit("e", now: 11 * second) == .suppress)
        // Now there is room again, and what had none is told when there is none the next time.
        #expect(throttle.admit("f", now: 12 * second) == .write(suppressed: 0))
        #expect(throttle.admit("g", now: 13 * second) == .write(suppressed: 1_001))
    }

    @Test func `an expired key makes room before a fresh one does`() {
        let throttle = LogThrottle(seconds: 10, maximumKeys: 2)
        #expect(throttle.admit("old", now: 1 * second) == .write(suppressed: 0))
        #expect(throttle.admit("fresh", now: 9 * second) == .write(suppressed: 0))
        #expect(throttle.admit("new", now: 12 * second) == .write(suppressed: 0))
        #expect(throttle.admit("fresh", now: 12 * second) == .suppress)
    }
}
