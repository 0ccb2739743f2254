// Commits whose outcome was in doubt, and what was found out about each.
internal import Synchronization

/// What was sent when the connection was lost.
package enum OutcomeKind: String, Sendable, CaseIterable {
    /// The end of a transaction.
    case commit
    /// A statement that is a transaction of its own.
    case autocommit
}

/// What is known of it.
package enum OutcomeVerdict: String, Sendable, CaseIterable {
    /// Nothing: the client was told so.
    case unknown
    /// It is on the new primary: the client was told that it succeeded.
    case committed
    /// It is provably not on the new primary.
    case notCommitted = "not committed"
    /// It was not there, and was done again with the same answers.
    case replayed
}

/// One commit that was in doubt.
package struct OutcomeRecord: Sendable, Equatable {
    /// The connection id that the client sees.
    package let connectionID: UInt32
    /// The client's account.
    package let user: String
    /// When the connection was lost.
    package let unixMilliseconds: Int64
    /// The name of the node that it was lost to.
    package let node: String
    /// The reign of that node.
    package let epoch: UInt64
    /// What was sent.
    package let kind: OutcomeKind
    /// The beginning of the statement, `FrontendLimits.outcomeStatementBytes` at most.
    package let statement: String
    /// What is known of it.
    package let verdict: OutcomeVerdict
    /// On what evidence, or why there is none, in a sentence.
    package let evidence: String

    /// A record by its parts; `statement` is cut.
    package init(
        connectionID: UInt32, user: String, unixMilliseconds: Int64, node: String, epoch: UInt64, kind: OutcomeKind,
        statement: some Collection<UInt8>, verdict: OutcomeVerdict, evidence: String
    ) {
        self.connectionID = connectionID
        self.user = user
        self.unixMilliseconds = unixMilliseconds
        self.node = node
        self.epoch = epoch
        self.kind = kind
        self.statement = String(decoding: statement.prefix(FrontendLimits.outcomeStatementBytes), as: UTF8.self)
        self.verdict = verdict
        self.evidence = evidence
    }
}

/// The last records of one cluster, of all lanes. Any thread; a record comes only when a connection was lost.
package final class OutcomeHistory: Sendable {
    private struct Ring {
        var records: [OutcomeRecord] = []
        /// Where the next one goes once the ring is full.
        var next = 0
    }

    private let ring = Mutex(Ring())
    private let limit: Int

    /// An empty history of `limit` records, at least one.
    package init(limit: Int = FrontendLimits.outcomes) { self.limit = max(1, limit) }

    /// Keeps a record; the oldest one goes when there are too many.
    package func add(_ record: OutcomeRecord) {
        ring.withLock { ring in
            guard ring.records.count >= limit else { return ring.records.append(record) }
            ring.records[ring.next] = record
            ring.next = (ring.next + 1) % limit
        }
    }

    /// Those that are kept, the oldest first.
    package func records() -> [OutcomeRecord] {
        ring.withLock { Array($0.records[$0.next...] + $0.records[..<$0.next]) }
    }
}
