// Keeps a repeating event from filling the log: it is said once per interval, with the number of times it was not.

internal import Synchronization

/// Lets the same key through at most once per interval. Keys may be made of what a peer sent: those beyond a maximum count
/// as one, so that what is written is bounded whatever they are. Safe to use from any thread.
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

    private struct State {
        var entries: [String: Entry] = [:]
        /// Keys that found no room.
        var others: Entry?
        /// No entry has expired before.
        var firstExpiry: UInt64 = 0
    }

    private let interval: UInt64
    private let maximumKeys: Int
    private let state = Mutex(State())

    /// A throttle that writes each key once in `seconds`, and tells at most `maximumKeys` keys of that time apart.
    package init(seconds: Int, maximumKeys: Int = 1_024) {
        precondition(seconds >= 0 && maximumKeys > 0, "a throttle needs an interval and room for a key")
        interval = UInt64(seconds) * 1_000_000_000
        self.maximumKeys = maximumKeys
    }

    /// Decides on one event; `now` is a time of `MonotonicClock`.
    package func admit(_ key: String, now: UInt64 = MonotonicClock.nanoseconds()) -> Verdict {
        state.withLock { state in
            if state.entries[key] != nil { return admit(&state.entries[key], now) }
            if state.entries.count >= maximumKeys { forgetExpired(&state, now) }
            if state.entries.count >= maximumKeys { return admit(&state.others, now) }
            return admit(&state.entries[key], now)
        }
    }

    private func admit(_ entry: inout Entry?, _ now: UInt64) -> Verdict {
        guard let present = entry else {
            entry = Entry(writtenAt: now, suppressed: 0)
            return .write(suppressed: 0)
        }
        // A `now` from a lane's cached clock may lie a little before another thread's.
        let age = now > present.writtenAt ? now - present.writtenAt : 0
        guard age >= interval else {
            entry?.suppressed += 1
            return .suppress
        }
        entry = Entry(writtenAt: now, suppressed: 0)
        return .write(suppressed: present.suppressed)
    }

    /// Looks at all of them only when one has expired: many new keys must not cost a look each.
    private func forgetExpired(_ state: inout State, _ now: UInt64) {
        guard now >= state.firstExpiry else { return }
        state.entries = state.entries.filter { now < $0.value.writtenAt || now - $0.value.writtenAt < interval }
        state.firstExpiry = (state.entries.values.map(\.writtenAt).min() ?? now) + interval
    }
}
