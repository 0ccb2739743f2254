// Waiting for what must come true, and doing things at the same time.

import Foundation
import Synchronization

/// What did not come true in time.
package struct NeverHappened: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Seconds of the monotonic clock.
package func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}

/// Asks again and again until `probe` gives a value, for a generous time; then throws, with the last error if one came.
@discardableResult
package func eventually<Value>(
    _ what: String, seconds: Double = 20, every milliseconds: UInt32 = 20, _ probe: () throws -> Value?
) throws -> Value {
    let deadline = monotonicSeconds() + seconds
    var last = ""
    while true {
        do {
            if let value = try probe() { return value }
        } catch {
            last = "; last error: \(error)"
        }
        if monotonicSeconds() > deadline {
            throw NeverHappened(description: "never within \(seconds) s: \(what)\(last)")
        }
        usleep(milliseconds * 1_000)
    }
}

/// The same for a condition.
package func eventually(
    _ what: String, seconds: Double = 20, every milliseconds: UInt32 = 20, isTrue condition: () throws -> Bool
) throws {
    try eventually(what, seconds: seconds, every: milliseconds) { try condition() ? true : nil }
}

/// Work on a thread of its own, whose result is fetched later.
package final class Background<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    /// Starts `work` at once.
    package init(_ work: @escaping @Sendable () throws -> Value) {
        let thread = Thread { [self] in
            let outcome = Result { try work() }
            result.withLock { $0 = outcome }
            isDone.signal()
        }
        thread.stackSize = 1 << 20
        thread.start()
    }

    /// Waits for the result; throws the work's error, or when it takes longer than `seconds`.
    package func value(seconds: Double = 60) throws -> Value {
        guard isDone.wait(timeout: .now() + seconds) == .success else {
            throw NeverHappened(description: "work in the background did not end within \(seconds) s")
        }
        isDone.signal()
        return try result.withLock { $0 }!.get()
    }

    /// Whether it has ended.
    package var isFinished: Bool { result.withLock { $0 != nil } }
}

/// Runs `work` on so many threads at once and gives their results in order.
package func inParallel<Value: Sendable>(
    _ count: Int, seconds: Double = 120, _ work: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
    let all = (0..<count).map { index in Background { try work(index) } }
    return try all.map { try $0.value(seconds: seconds) }
}

/// A flag and a counter that threads share.
package final class Signal: Sendable {
    private let state = Atomic<Int>(0)

    package init() {}
    package func raise() { state.add(1, ordering: .sequentiallyConsistent) }
    package var isRaised: Bool { count > 0 }
    package var count: Int { state.load(ordering: .sequentiallyConsistent) }
}
