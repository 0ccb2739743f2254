// The clock for durations: it never goes back and does not follow changes of the wall clock.

internal import Glibc

/// The system's monotonic clock. A read costs some 25 ns, so a lane reads it once per wake-up and passes it on.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment, usually the start of the machine (`CLOCK_MONOTONIC`).
    package static func nanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }
}
