// What clients of the ledger did and were told, and who was the primary meanwhile.

package import ConsistencyChecker

/// A write that leaves rows under a number of its own. Times are seconds of one clock.
package struct LedgerWrite: Sendable {
    package enum Kind: String, Sendable {
        /// One statement that leaves one row.
        case insert
        /// A transaction that leaves two entries of opposite sign.
        case transfer
    }

    package var id: Int
    package var kind: Kind
    /// Before its first statement was sent.
    package var began: Double
    /// After its last answer was read.
    package var ended: Double
    package var outcome: Outcome

    package init(id: Int, kind: Kind, began: Double, ended: Double, outcome: Outcome) {
        self.id = id
        self.kind = kind
        self.began = began
        self.ended = ended
        self.outcome = outcome
    }

    package var isAcknowledged: Bool { outcome == .acknowledged }
}

extension LedgerWrite: CustomStringConvertible {
    package var description: String {
        let end =
            switch outcome {
            case .acknowledged: "acknowledged"
            case .refused(let code, let text): "refused: \(code) \(text)"
            case .unknown(let code, let text): "outcome unknown: \(code) \(text)"
            }
        return "\(kind.rawValue) \(id) (\(began) to \(ended) s, \(end))"
    }
}

/// The time in which a server was the primary.
package struct Reign: Sendable {
    /// The primary's `server_id`.
    package var server: Int
    /// It took no write before this.
    package var opened: Double
    /// It could take no write that counts after this; infinite while it goes on.
    package var closed: Double

    package init(server: Int, opened: Double, closed: Double = .infinity) {
        self.server = server
        self.opened = opened
        self.closed = closed
    }
}

/// How often a counter was raised.
package struct Tally: Sendable, Equatable {
    package var acknowledged = 0
    package var unknown = 0

    package init(acknowledged: Int = 0, unknown: Int = 0) {
        self.acknowledged = acknowledged
        self.unknown = unknown
    }
}

/// What old primaries had that their successors never received.
package struct Loss: Sendable {
    /// The server that executed each lost write, by the write's id.
    package var servers: [Int: Int] = [:]
    /// Lost increments by counter.
    package var increments: [Int: Int] = [:]
    /// Those of them, by counter, that may rightly have been done again, at most: an old primary executed them, told nobody
    /// and took them with it. Each client had one statement in flight.
    package var redone: [Int: Int] = [:]

    package init() {}

    /// What `old` had and the successor, before it was opened, had not.
    package init(of old: LedgerRows, survivedBy survivor: LedgerRows, clients: Int) {
        for (id, rows) in old.inserts where survivor.inserts[id] == nil { servers[id] = rows.first }
        for (id, entries) in old.entries where survivor.entries[id] == nil { servers[id] = entries.first?.server }
        for (counter, value) in old.counters {
            let lost = max(0, value - (survivor.counters[counter] ?? 0))
            increments[counter] = lost
            redone[counter] = min(lost, clients)
        }
    }

    package mutating func add(_ other: Loss) {
        servers.merge(other.servers) { $1 }
        increments.merge(other.increments, uniquingKeysWith: +)
        redone.merge(other.redone, uniquingKeysWith: +)
    }
}

/// A recorded run, or the part of it that is checked.
package struct LedgerRecord: Sendable {
    package var writes: [LedgerWrite]
    /// Increments since the beginning, by counter.
    package var increments: [Int: Tally] = [:]
    /// In order.
    package var reigns: [Reign]
    package var loss = Loss()
    /// Whether an acknowledged write may be lost with a primary that dies: replication is asynchronous.
    package var mayLose = true
    /// Own acknowledged inserts that a session did not see.
    package var unseen: [Int] = []
    /// What was found while the clients played.
    package var noted: [LedgerViolation] = []

    package init(writes: [LedgerWrite], reigns: [Reign]) {
        self.writes = writes
        self.reigns = reigns
    }
}
