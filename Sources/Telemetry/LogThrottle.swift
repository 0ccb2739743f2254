// Keeps a repeating event from filling the log: it is said once per interval, with the number of times it was not.

internal import Synchronization

/// Lets the same key through at most once per interval. Safe to use from any thread.
package final class LogThrottle: Sendable {
    /// What to do with an event.
    package enum Verdict: Sendable, Equatable {
        /// Write it, and say that it happened `suppressed` times more since it was last written.
        case write(suppressed: Int)
        /// Do not write it; it has been counted.
        case suppress
    }

    private struct Entry {
        var writtenAt: UInt64
        var suppressed: Int
    }

    private let interval: UInt64
    private let maximumKeys: Int
    private let entries = Mutex<[String: Entry]>([:])

    /// A throttle that writes each key once in `seconds`, and remembers at most `maximumKeys` keys.
    package init(seconds: Int, maximumKeys: Int = 1_024) {
        precondition(seconds >= 0 && maximumKeys > 0, "a throttle needs an interval and room for a key")
        interval = UInt64(seconds) * 1_000_000_000
        self.maximumKeys = maximumKeys
    }

    /// Decides on one event; `now` is a time of `MonotonicClock`.
    package func admit(_ key: String, now: UInt64 = MonotonicClock.nanoseconds()) -> Verdict {
        entries.withLock { entries in
            if let entry = entries[key] {
                // A `now` from a lane's cached clock may lie a little before another thread's.
                let age = now > entry.writtenAt ? now - entry.writtenAt : 0
                if age < interval {
                    entries[key]?.suppressed += 1
                    return .suppress
                }
                entries[key] = Entry(writtenAt: now, suppressed: 0)
                return .write(suppressed: entry.suppressed)
            }
            if entries.count >= maximumKeys { makeRoom(in: &entries, now: now) }
            entries[key] = Entry(writtenAt: now, suppressed: 0)
            return .write(suppressed: 0)
        }
    }

    private func makeRoom(in entries: inout [String: Entry], now: UInt64) {
        entries = entries.filter { now < $0.value.writtenAt || now - $0.value.writtenAt < interval }
        guard entries.count >= maximumKeys, let oldest = entries.min(by: { $0.value.writtenAt < $1.value.writtenAt })
        else { return }
        entries[oldest.key] = nil
    }
}
