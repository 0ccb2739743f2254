// Numbers that several threads change at once.

import Glibc
import Testing

@testable import Telemetry

@Suite struct CounterTests {
    @Test func `a counter loses nothing between threads`() async {
        let counter = Counter()
        let gauge = Gauge(5)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.add()
                        gauge.add(2)
                        gauge.add(-1)
                    }
                }
            }
        }
        counter.add(10)
        #expect(counter.value == 8_010)
        #expect(gauge.value == 8_005)
        gauge.set(-3)
        #expect(gauge.value == -3)
    }

    @Test func `the monotonic clock does not go back`() {
        let times = (0..<1_000).map { _ in MonotonicClock.nanoseconds() }
        #expect(times[0] > 0)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test func `error ids are distinct and of one shape`() async {
        let ids = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<4 { group.addTask { (0..<500).map { _ in ErrorID.next() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 2_000)
        let runs = Set(ids.map { $0.prefix(7) })
        #expect(runs.count == 1)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /E-[0-9a-f]{4}-[0-9]{6}/) != nil })
    }

    @Test func `numbers are padded and never cut`() {
        #expect(paddedNumber(7, width: 3) == "007")
        #expect(paddedNumber(1_234, width: 3) == "1234")
        #expect(paddedNumber(255, width: 4, radix: 16) == "00ff")
    }
}
