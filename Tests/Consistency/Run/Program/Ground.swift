// What all sessions of a run share.

import Dispatch
import Foundation
import LocalCluster
import Synchronization
import TestSupport

/// Where sessions connect to, and what they know of each other.
final class Ground: Sendable {
    let options: RunOptions
    let port: UInt16
    /// A replica itself, for the planted bug that reads there.
    let replicaPort: UInt16
    /// What the variables hold in a new session.
    let defaults: [String: String]
    /// Sessions that may be held to connections now.
    private let freePins: Mutex<Int>
    private let started = Atomic<Int>(0)
    private let names: Atomic<Int>
    /// For planted leaks: what was last set, by whom.
    private let lastSet = Mutex<[String: (session: Int, value: String)]>([:])

    static let user = "checker"
    static let schemas = ["app", "one", "two"]
    static let registersPerSession = 2
    static let counters = 8
    /// The counter of a session's rows in the journal is this and the session's number.
    static let journal = 100_000
    static let numbers = 1_000
    static let scratchRows = 8

    init(_ options: RunOptions, port: UInt16, replicaPort: UInt16, defaults: [String: String]) {
        self.options = options
        self.port = port
        self.replicaPort = replicaPort
        self.defaults = defaults
        freePins = Mutex(options.pinned)
        names = Atomic(options.sessions)
    }

    var plugin: String { options.flavor.accountPlugin }

    /// Counts a statement; false when the run has had enough.
    func begin() -> Bool {
        started.add(1, ordering: .relaxed).newValue <= options.operations
    }

    /// Statements so far.
    var progress: Double { Double(started.load(ordering: .relaxed)) / Double(options.operations) }

    var isOver: Bool { progress >= 1 }

    /// The number of a session that follows one whose connection broke.
    func successor() -> Int { names.add(1, ordering: .relaxed).oldValue }

    /// The right to be held to a connection, if there is one left.
    func takePin() -> Bool {
        freePins.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func returnPin() { freePins.withLock { $0 += 1 } }

    func noteSet(_ name: String, _ value: String, by session: Int) {
        guard options.plant == .leakedVariable else { return }
        lastSet.withLock { $0[name] = (session, value) }
    }

    /// What another session set last.
    func value(of name: String, notFrom session: Int) -> String? {
        lastSet.withLock { all in all[name].flatMap { $0.session == session ? nil : $0.value } }
    }

    /// Nanoseconds of the clock that all entries are in.
    static func now() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
