// The time of day for people: UTC with milliseconds, made without a calendar library.

internal import Glibc

/// A moment in UTC. `description` is ISO 8601, for example `2026-01-02T03:04:05.678Z`.
package struct WallClockTime: Sendable, Equatable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package var millisecondsSince1970: Int64

    /// A given moment.
    package init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    /// The present moment (`CLOCK_REALTIME`).
    package static func now() -> WallClockTime {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return WallClockTime(millisecondsSince1970: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000)
    }

    /// The moment in ISO 8601.
    package var description: String {
        var seconds = time_t(millisecondsSince1970 / 1_000)
        var milliseconds = millisecondsSince1970 % 1_000
        if milliseconds < 0 {
            milliseconds += 1_000
            seconds -= 1
        }
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(millisecondsSince1970)ms" }
        func two(_ number: Int32) -> String { paddedNumber(UInt64(max(0, number)), width: 2) }
        let year = paddedNumber(UInt64(max(0, Int(parts.tm_year) + 1_900)), width: 4)
        let date = "\(year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(date)T\(clock).\(paddedNumber(UInt64(milliseconds), width: 3))Z"
    }
}
