// The wish to end early, from whoever catches Ctrl-C to whoever is at work.
internal import Glibc
internal import Synchronization

/// Set once, never unset; looked at between two steps and while waiting.
package final class Interruption: Sendable {
    /// How often a wait looks up.
    private static let stepMicroseconds: useconds_t = 10_000

    private let raised = Atomic<Bool>(false)

    /// Not raised yet.
    package init() {}

    /// Asks for the end. Can be called any number of times, from any thread.
    package func raise() { raised.store(true, ordering: .releasing) }

    /// Whether the end was asked for.
    package var isRaised: Bool { raised.load(ordering: .acquiring) }

    /// Blocks until `condition` is true (then true), or until `seconds` are over or the end is asked for (then false).
    func wait(seconds: Double, until condition: () -> Bool = { false }) -> Bool {
        let deadline = secondsNow() + seconds
        while true {
            if condition() { return true }
            if isRaised || secondsNow() >= deadline { return false }
            usleep(Self.stepMicroseconds)
        }
    }

    /// Throws when the end was asked for.
    func check() throws(QuickstartError) {
        if isRaised { throw .interrupted }
    }
}

/// Milliseconds since 1970.
func unixMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}

/// Seconds of the monotonic clock.
func secondsNow() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
