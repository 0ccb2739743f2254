// Numbers that one thread changes and any thread reads: events since the start, and the present size of something.

internal import Synchronization

/// How often something happened since the process started; it only grows, and wraps around at `Int.max`.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// A counter at zero.
    package init() {}

    /// Counts `amount` more events; relaxed, so it orders no other memory.
    package func add(_ amount: Int = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The events so far.
    package var value: Int { count.load(ordering: .relaxed) }
}

/// How much of something there is now: connections, queued bytes, a setting.
package final class Gauge: Sendable {
    private let current: Atomic<Int>

    /// A gauge at `value`.
    package init(_ value: Int = 0) {
        current = Atomic(value)
    }

    /// Replaces the value.
    package func set(_ value: Int) {
        current.store(value, ordering: .relaxed)
    }

    /// Moves the value up, or down with a negative amount.
    package func add(_ amount: Int) {
        current.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The value now.
    package var value: Int { current.load(ordering: .relaxed) }
}
