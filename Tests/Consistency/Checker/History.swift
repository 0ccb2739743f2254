// What all sessions did, and what was there at the end.

/// What the proxy promises about reads on replicas.
package enum Promise: Sendable {
    /// A session sees its own writes, and never goes back in time.
    case session
    /// Also, every read sees what was acknowledged to anybody before it began.
    case global
}

/// A recorded run.
package struct History: Sendable {
    /// Every session's entries in order.
    package var sessions: [[Entry]]
    /// The values at the end, on the primary.
    package var registers: [Int: Int] = [:]
    package var counters: [Int: Int] = [:]
    /// How often the row of a raise is there, by counter and number, for counters whose raises leave rows.
    package var rows: [Int: [Int: Int]] = [:]
    /// What still held sessions to connections after all of them had released everything.
    package var pins: [String] = []
    package var promise = Promise.session
    /// Errors that may come in small numbers: their codes.
    package var bearable: Set<Int> = []
    /// The share of entries that may end in one of them.
    package var bearableShare = 0.05
    /// Whether locks are one server's for the whole run; a change of the primary frees them.
    package var locksLast = true

    package init(sessions: [[Entry]]) { self.sessions = sessions }

    package var count: Int { sessions.reduce(0) { $0 + $1.count } }
}
