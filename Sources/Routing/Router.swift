// The decision where a statement goes: a pure function, the same for traffic and for EXPLAIN ROUTE.
package import SQL

/// What the decision needs to know of a session.
package struct RoutingContext: Sendable, Equatable {
    /// The listener's mode.
    package var mode: RoutingMode
    /// The reasons that hold the session to its main connection.
    package var pins: SessionPins
    /// Whether a transaction is open, on whichever connection.
    package var isInTransaction: Bool
    /// Whether the session's isolation level is SERIALIZABLE.
    package var isSerializable: Bool

    /// A session that has done nothing yet.
    package init(
        mode: RoutingMode = .split, pins: SessionPins = [], isInTransaction: Bool = false, isSerializable: Bool = false
    ) {
        self.mode = mode
        self.pins = pins
        self.isInTransaction = isInTransaction
        self.isSerializable = isSerializable
    }
}

/// The read/write split.
package enum Router {
    /// Decides for one statement (or one packet of several). When in doubt, the primary.
    package static func decide(_ traits: StatementTraits, _ session: RoutingContext) -> RoutingDecision {
        let isRead = traits.access == .read
        func decision(_ target: RouteTarget, _ reason: RoutingReason, repeatable: Bool = false) -> RoutingDecision {
            RoutingDecision(target: target, reason: reason, isRepeatable: repeatable)
        }
        // The mode may have changed since the last statement ran.
        let isFreeToFollow = !session.isInTransaction && session.pins.isDisjoint(with: .allStatements)
        if session.mode != .split, traits.access != .previous || !isFreeToFollow {
            let reason: RoutingReason = session.mode == .primary ? .listenerSendsToPrimary : .listenerSendsToReplica
            let target: RouteTarget = session.isInTransaction ? .transaction : .main
            return decision(target, reason, repeatable: isRead && isFreeOfState(traits, session))
        }
        if session.isInTransaction { return decision(.transaction, .insideTransaction) }
        if !session.pins.isDisjoint(with: .allStatements) { return decision(.main, .pinned) }
        switch traits.access {
        case .read: return decideRead(traits, session)
        case .previous: return decision(.previous, .asksAboutLastStatement)
        case .sessionState:
            // A reader's transactions are read-only, which this would undo.
            let target: RouteTarget = traits.effects.contains(.setsAccessMode) ? .main : .anyAttached
            return decision(target, .changesSessionState)
        case .transactionControl: return decideTransactionControl(traits, session)
        case .primary: return decision(.main, primaryReason(traits))
        }
    }

    /// The reasons that tell a person more than that it is no pure read.
    private static func primaryReason(_ traits: StatementTraits) -> RoutingReason {
        switch traits.reason {
        case .lastInsertID: .readsLastInsertID
        case .writability: .asksAboutTheServer
        case .userLock: .touchesUserLocks
        default: .notProvablyARead
        }
    }

    private static func decideRead(_ traits: StatementTraits, _ session: RoutingContext) -> RoutingDecision {
        let effects = traits.effects
        let reason: RoutingReason
        if effects.contains(.readsUserVariables) && session.pins.contains(.userVariables) {
            reason = .readsPinnedUserVariables
        } else if effects.contains(.readsLastInsertID) {
            reason = .readsLastInsertID
        } else if effects.contains(.readsWritability) {
            reason = .asksAboutTheServer
        } else if effects.contains(.checksUserLock) {
            reason = .touchesUserLocks
        } else if session.isSerializable {
            reason = .serializableIsolation
        } else {
            return RoutingDecision(target: .reader, reason: .pureRead, isRepeatable: true)
        }
        return RoutingDecision(target: .main, reason: reason, isRepeatable: false)
    }

    private static func decideTransactionControl(
        _ traits: StatementTraits, _ session: RoutingContext
    ) -> RoutingDecision {
        switch traits.transaction {
        // A transaction cannot see what only the main connection has, once it runs elsewhere.
        case .beginReadOnly where session.pins.isDisjoint(with: .lostWithConnection.union([.lastInsertID, .sequence])):
            RoutingDecision(target: .reader, reason: .beginsReadOnlyTransaction, isRepeatable: true)
        case .commit, .rollback:
            RoutingDecision(target: .anyAttached, reason: .endsNoTransaction, isRepeatable: false)
        default: RoutingDecision(target: .main, reason: .transactionControl, isRepeatable: false)
        }
    }

    private static func isFreeOfState(_ traits: StatementTraits, _ session: RoutingContext) -> Bool {
        !session.isInTransaction && session.pins.isDisjoint(with: .lostWithConnection)
            && traits.effects.isDisjoint(with: [.readsUserVariables, .readsLastInsertID])
    }
}
