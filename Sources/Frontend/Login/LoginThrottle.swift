// Addresses from which too many logins failed: they are refused for a while.
internal import Synchronization

/// What an operator may set.
package struct LoginThrottleSettings: Sendable, Equatable {
    /// So many failed logins of one address within the window, and no good one among them; 0 for never.
    package var failures: Int
    /// Milliseconds in which failures add up.
    package var windowMilliseconds: UInt64
    /// Milliseconds for which the address is refused then.
    package var refusalMilliseconds: UInt64
    /// Host patterns of addresses that are never refused.
    package var trusted: [String]

    /// Settings by value.
    package init(failures: Int, windowMilliseconds: UInt64, refusalMilliseconds: UInt64, trusted: [String] = []) {
        self.failures = failures
        self.windowMilliseconds = windowMilliseconds
        self.refusalMilliseconds = refusalMilliseconds
        self.trusted = trusted
    }
}

/// Counts failed logins by address, for all listeners together. Any thread.
///
/// The table is bounded: when it is full, the address whose window began first is forgotten. So an attack from more
/// addresses than it holds is not throttled, but it locks nobody else out.
package final class LoginThrottle: Sendable {
    private struct Record {
        var failures = 0
        var beganMilliseconds: UInt64
        var refusedUntilMilliseconds: UInt64 = 0
    }
    private struct State {
        var records: [String: Record] = [:]
        /// Keys of `records`, the oldest first; may name some that are gone, and some twice.
        var order: [(address: String, beganMilliseconds: UInt64)] = []
        var head = 0
    }
    private let settings: LoginThrottleSettings
    private let limit: Int
    private let state = Mutex(State())

    /// An empty table.
    package init(_ settings: LoginThrottleSettings, limit: Int = FrontendLimits.throttledAddresses) {
        self.settings = settings
        self.limit = limit
    }

    /// Seconds for which the address is still refused; nil when it may try.
    func refusedSeconds(_ address: String, nowMilliseconds: UInt64) -> UInt64? {
        guard settings.failures > 0 else { return nil }
        let key = Self.key(address)
        return state.withLock { state in
            guard let until = state.records[key]?.refusedUntilMilliseconds, until > nowMilliseconds else { return nil }
            return (until - nowMilliseconds + 999) / 1_000
        }
    }

    /// A login failed. Returns whether the address is refused from now on.
    func failed(_ address: String, nowMilliseconds: UInt64) -> Bool {
        guard settings.failures > 0, !isTrusted(address) else { return false }
        let key = Self.key(address)
        return state.withLock { state in
            var record = state.records[key] ?? Record(beganMilliseconds: nowMilliseconds)
            let isKnown = state.records[key] != nil
            let isOld = nowMilliseconds >= record.beganMilliseconds + settings.windowMilliseconds
            if isOld {
                // A refusal outlasts the window: logins that had begun before it may still fail.
                record = Record(
                    beganMilliseconds: nowMilliseconds, refusedUntilMilliseconds: record.refusedUntilMilliseconds)
            }
            if !isKnown || isOld {
                makeRoom(&state)
                state.order.append((key, nowMilliseconds))
            }
            record.failures += 1
            let isRefused = record.failures >= settings.failures
            if isRefused {
                record.refusedUntilMilliseconds = nowMilliseconds + settings.refusalMilliseconds
                record.failures = 0
            }
            state.records[key] = record
            return isRefused
        }
    }

    /// A login succeeded: what failed before is forgotten.
    func succeeded(_ address: String) {
        guard settings.failures > 0 else { return }
        let key = Self.key(address)
        state.withLock { state in state.records[key] = nil }
    }

    /// Addresses remembered.
    var count: Int { state.withLock { $0.records.count } }

    private func isTrusted(_ address: String) -> Bool {
        // Whoever may open the Unix socket is this machine's business.
        address == "localhost" || settings.trusted.contains { HostPattern.matches($0, address) }
    }

    private func makeRoom(_ state: inout State) {
        while state.order.count - state.head >= limit {
            let oldest = state.order[state.head]
            state.head += 1
            if state.records[oldest.address]?.beganMilliseconds == oldest.beganMilliseconds {
                state.records[oldest.address] = nil
            }
        }
        if state.head > limit {
            state.order.removeFirst(state.head)
            state.head = 0
        }
    }

    /// A client of IPv6 has a whole /64 to itself.
    private static func key(_ address: String) -> String {
        guard address.contains(":"), !address.contains(".") else { return address }
        let halves = address.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        var groups = halves[0].split(separator: ":").map(String.init)
        if halves.count == 2 {
            let tail = halves[1].split(separator: ":").map(String.init)
            groups += Array(repeating: "0", count: max(0, 8 - groups.count - tail.count)) + tail
        }
        return groups.prefix(4).joined(separator: ":") + "::/64"
    }
}

/// What the logins of all listeners share.
package struct LoginServices: Sendable {
    /// Does the slow parts.
    package let worker: LoginWorker
    /// Counts the failed ones.
    package let throttle: LoginThrottle
    /// Told of an address that is refused from now on.
    package let onThrottled: @Sendable (_ address: String) -> Void

    /// Services by their parts.
    package init(worker: LoginWorker, throttle: LoginThrottle, onThrottled: @escaping @Sendable (String) -> Void) {
        self.worker = worker
        self.throttle = throttle
        self.onThrottled = onThrottled
    }
}
