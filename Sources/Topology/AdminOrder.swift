// What admins asked for on the console: who, when, and for how long.

/// Who asked for something, and when.
package struct AdminOrder: Sendable, Equatable {
    /// The console's account, as `name@host`.
    package let user: String
    /// The id of the console's connection.
    package let connectionID: UInt64
    /// When it was asked for.
    package let unixMilliseconds: Int64

    /// An order by its parts.
    package init(user: String, connectionID: UInt64, unixMilliseconds: Int64) {
        self.user = user
        self.connectionID = connectionID
        self.unixMilliseconds = unixMilliseconds
    }

    /// As an event's evidence has it.
    var evidence: String { "user=\(user) connection=\(connectionID)" }
}

/// A time in which no write and no transaction may begin in a cluster, because an admin wants it so.
package struct ClusterPause: Sendable, Equatable {
    /// How long a pause lasts when nothing else is said, in seconds.
    package static let defaultSeconds = 60
    /// How long it may last, in seconds: one that is forgotten must not become an outage.
    package static let maximumSeconds = 3_600

    /// Who asked for it, and since when it is in force.
    package let order: AdminOrder
    /// How long it lasts if nobody ends it, in seconds.
    package let seconds: Int
    /// When it ends by itself, on the monotonic clock: the wall clock may be set back meanwhile.
    let endsAtMilliseconds: Int64

    /// A pause of `seconds`, cut to `maximumSeconds`, that begins at `nowMilliseconds` of the monotonic clock.
    package init(order: AdminOrder, seconds: Int, nowMilliseconds: Int64) {
        self.order = order
        self.seconds = min(max(1, seconds), Self.maximumSeconds)
        endsAtMilliseconds = nowMilliseconds + Int64(self.seconds) * 1_000
    }

    /// Why nothing may begin, for clients and people.
    package var reason: String {
        "paused by \(order.user) since \(Self.timeOfDay(order.unixMilliseconds)) UTC, for \(seconds) s at most"
    }

    private static func timeOfDay(_ unixMilliseconds: Int64) -> String {
        let seconds = max(0, unixMilliseconds) / 1_000 % 86_400
        return [seconds / 3_600, seconds / 60 % 60, seconds % 60]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

/// Whether a cluster is paused, and how the last pause ended.
package struct Pausing: Sendable {
    /// The pause in force.
    package private(set) var pause: ClusterPause?
    /// Who ended the last one; nil when it ended by itself, or there was none.
    package private(set) var endedBy: AdminOrder?

    /// Not paused.
    package init() {}

    /// Pauses; a pause in force is replaced.
    package mutating func begin(_ pause: ClusterPause) {
        self.pause = pause
        endedBy = nil
    }

    /// Ends the pause; false when there is none.
    package mutating func end(by order: AdminOrder) -> Bool {
        guard pause != nil else { return false }
        pause = nil
        endedBy = order
        return true
    }

    /// Ends a pause whose time is over.
    package mutating func expire(nowMilliseconds: Int64) {
        guard let pause, nowMilliseconds >= pause.endsAtMilliseconds else { return }
        self.pause = nil
        endedBy = nil
    }
}
