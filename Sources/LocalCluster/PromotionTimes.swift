// When a change of the primary did what.

import Glibc

/// The times of a change of the primary, in seconds of the monotonic clock.
package struct PromotionTimes: Sendable {
    /// The old primary took no write after this; nil when it was not asked.
    package var closed: Double?
    /// The new primary took no write before this.
    package var opening: Double
    /// The new primary took writes from here on (`read_only = 0`), by its own clock.
    package var opened: Double
    /// The other replicas followed the new primary.
    package var followed: Double
}

/// The time at which a server got so far in a text of several statements.
enum ServerTime {
    /// Goes behind the statement in question.
    static let question = "SELECT UNIX_TIMESTAMP(SYSDATE(6)) AS reached;"

    /// The answer as monotonic seconds; without one, the present.
    static func end(of rows: [ResultRow]) -> Double {
        let now = monotonicSeconds()
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let answer = rows.first { $0["reached"] != nil }?["reached"]
        guard let reached = answer.flatMap({ Double($0) }) else { return now }
        return now - max(0, Double(wall.tv_sec) + Double(wall.tv_nsec) / 1e9 - reached)
    }
}
