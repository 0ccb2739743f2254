// Addresses from which too many logins failed: they are refused for a while.
internal import Synchronization

/// What an operator may set.
package struct LoginThrottleSettings: Sendable, Equatable {
    /// So many failed logins of one address within the window; 0 for never.
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
/// A good login forgets the failures of its own user there, and those of nobody else: who has one account cannot begin
/// to count anew while guessing another's password. (Servers count broken handshakes in `max_connect_errors`, which a good
/// login of anyone resets, and no wrong passwords.)
///
/// The table is bounded: when it is full, the address whose window began first is forgotten. So an attack from more
/// addresses than it holds is not throttled, but it locks nobody else out.
package final class LoginThrottle: Sendable {
    private struct Record {
        var failures = 0
        /// How many of them were of which user, by the hash of the name; users beyond the limit are not told apart.
        var users: [Int: Int] = [:]
        var beganMilliseconds: UInt64
        var refusedUntilMilliseconds: UInt64 = 0

        mutating func failed(_ user: String) {
            failures += 1
            let hash = user.hashValue
            if users[hash] != nil || users.count < FrontendLimits.throttledUsers { users[hash, default: 0] += 1 }
        }

        mutating func succeeded(_ user: String) {
            failures -= users.removeValue(forKey: user.hashValue) ?? 0
        }

        mutating func forgetAll() {
            failures = 0
            users = [:]
        }
    }
    private struct State {
        var records: [String: Record] = [:]
        /// Keys of `records`, the oldest first; may name some that are gone, and some twice.
        var order: [(address: String, beganMilliseconds: UInt64)] = []
        var head = 0
    }
    private struct Rules: Sendable {
        let settings: LoginThrottleSettings
        let trusted: [HostPattern]

        init(_ settings: LoginThrottleSettings) {
            self.settings = settings
            trusted = settings.trusted.map { HostPattern($0) }
        }
    }
    private let rules: Mutex<Rules>
    private let limit: Int
    private let state = Mutex(State())

    /// An empty table.
    package init(_ settings: LoginThrottleSettings, limit: Int = FrontendLimits.throttledAddresses) {
        rules = Mutex(Rules(settings))
        self.limit = limit
    }

    /// What an operator set.
    package var settings: LoginThrottleSettings { rules.withLock { $0.settings } }

    /// Other settings from now on; what was counted stays.
    package func adopt(_ settings: LoginThrottleSettings) { rules.withLock { $0 = Rules(settings) } }

    /// Seconds for which the address is still refused; nil when it may try.
    package func refusedSeconds(_ address: String, nowMilliseconds: UInt64) -> UInt64? {
        guard settings.failures > 0 else { return nil }
        let key = ClientNetwork.of(address)
        return state.withLock { state in
            guard let until = state.records[key]?.refusedUntilMilliseconds, until > nowMilliseconds else { return nil }
            return (until - nowMilliseconds + 999) / 1_000
        }
    }

    /// A user's login failed. Returns whether the address is refused from now on.
    package func failed(_ address: String, user: String, nowMilliseconds: UInt64) -> Bool {
        let settings = settings
        guard settings.failures > 0, !isTrusted(address) else { return false }
        let key = ClientNetwork.of(address)
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
            record.failed(user)
            let isRefused = record.failures >= settings.failures
            if isRefused {
                record.refusedUntilMilliseconds = nowMilliseconds + settings.refusalMilliseconds
                record.forgetAll()
            }
            state.records[key] = record
            return isRefused
        }
    }

    /// A user's login succeeded: what failed of his before is forgotten. A refusal goes on.
    package func succeeded(_ address: String, user: String) {
        guard settings.failures > 0 else { return }
        let key = ClientNetwork.of(address)
        state.withLock { state in state.records[key]?.succeeded(user) }
    }

    /// Addresses remembered.
    var count: Int { state.withLock { $0.records.count } }

    private func isTrusted(_ address: String) -> Bool {
        // Whoever may open the Unix socket is this machine's business.
        address == "localhost" || rules.withLock { $0.trusted }.contains { $0.matches(address) }
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
}

/// What the logins of all listeners share.
package struct LoginServices: Sendable {
    /// Does the slow parts.
    package let worker: LoginWorker
    /// Counts the failed ones.
    package let throttle: LoginThrottle
    /// Told of an address that is refused from now on.
    package let onThrottled: @Sendable (_ address: String) -> Void
    /// What clients are told that went wrong, before their login and after it.
    package let errors: ErrorHistory

    /// Services by their parts.
    package init(
        worker: LoginWorker, throttle: LoginThrottle, errors: ErrorHistory = ErrorHistory(),
        onThrottled: @escaping @Sendable (String) -> Void
    ) {
        self.errors = errors
        self.worker = worker
        self.throttle = throttle
        self.onThrottled = onThrottled
    }
}
