// A hint on the route, and whether it can be followed: never against what the statement is.
package import SQL

/// What a hint asks of the decision. Which of the readers is not the decision's business.
package enum RouteHint: Sendable, Equatable {
    case primary
    case reader
}

/// What became of a hint.
package enum HintOutcome: UInt8, Sendable, CaseIterable {
    case followed
    /// It is not provably a read, or changes the session: a replica must not get it.
    case notARead
    /// A transaction is open, and has its connection.
    case insideTransaction
    /// What the statement needs is on the connection to the primary.
    case needsPrimary
    /// The session's mode is `replica`.
    case modeIsReplica
    /// It belongs where the statement before it ran, or wherever the session has a connection.
    case followsSession
    /// No node has the name.
    case unknownNode
    /// The node takes no reads now, or lacks what the session wrote, or lags too far.
    case unfitNode
    /// Hints are switched off, or the word is not known.
    case unknown
    /// The statement is of a kind that is not ended by its time.
    case notTimed

    /// In plain words, for the console.
    package var text: String {
        switch self {
        case .followed: "followed"
        case .notARead: "ignored: not provably a read"
        case .insideTransaction: "ignored: inside of a transaction"
        case .needsPrimary: "ignored: needs what is on the primary's connection"
        case .modeIsReplica: "ignored: the session's mode is replica"
        case .followsSession: "ignored: belongs to the session's connections"
        case .unknownNode: "ignored: no such node"
        case .unfitNode: "ignored: the node was not fit for this read"
        case .unknown: "ignored: not known"
        case .notTimed: "ignored: statements of this kind are not ended"
        }
    }
}

extension Router {
    /// Decides for one statement with a hint. What the hint asks is done where the statement could run as well.
    package static func decide(
        _ traits: StatementTraits, _ session: RoutingContext, hint: RouteHint
    ) -> (decision: RoutingDecision, outcome: HintOutcome) {
        let plain = decide(traits, session)
        if session.mode == .replica { return (plain, .modeIsReplica) }
        switch hint {
        case .primary: return toPrimary(traits, plain)
        case .reader: return toReader(traits, session, plain)
        }
    }

    private static func toPrimary(
        _ traits: StatementTraits, _ plain: RoutingDecision
    ) -> (RoutingDecision, HintOutcome) {
        switch plain.target {
        case .main: return (plain, .followed)
        case .transaction: return (plain, .insideTransaction)
        case .previous, .anyAttached: return (plain, .followsSession)
        case .reader:
            let isRead = traits.access == .read
            return (RoutingDecision(target: .main, reason: .hinted, isRepeatable: isRead), .followed)
        }
    }

    /// A session of mode `primary` may have single reads on replicas.
    private static func toReader(
        _ traits: StatementTraits, _ session: RoutingContext, _ plain: RoutingDecision
    ) -> (RoutingDecision, HintOutcome) {
        if session.isInTransaction { return (plain, .insideTransaction) }
        guard traits.access == .read || traits.transaction == .beginReadOnly else { return (plain, .notARead) }
        var split = session
        split.mode = .split
        let decision = decide(traits, split)
        guard decision.target == .reader else { return (plain, .needsPrimary) }
        return (
            RoutingDecision(target: .reader, reason: .hinted, isRepeatable: decision.isRepeatable), .followed
        )
    }
}
