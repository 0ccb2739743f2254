// What waits while an admin has paused the cluster: what writes and what begins a transaction, never what has begun.
package import SQL

extension Router {
    /// What a session has begun and must be able to end: others may wait for the locks that it holds.
    private static let begun: SessionPins = [.tableLocks, .globalReadLock, .xa]

    /// Whether a statement waits for the end of a pause. Meant for what executes a statement (COM_QUERY and the executions
    /// of prepared statements); other commands do not wait.
    ///
    /// Reads go on, wherever they run. A read that begins a transaction (`autocommit=0`) waits: what the transaction
    /// writes would go on.
    package static func waitsForPause(_ traits: StatementTraits, _ session: RoutingContext) -> Bool {
        guard session.mode != .replica, !session.isInTransaction, session.pins.isDisjoint(with: begun) else {
            return false
        }
        switch traits.access {
        case .previous, .sessionState: return false
        case .read: return session.pins.contains(.autocommitOff)
        case .transactionControl: return beginsTransaction(traits, session)
        case .primary: return !isHarmless(traits, session)
        }
    }

    private static func beginsTransaction(_ traits: StatementTraits, _ session: RoutingContext) -> Bool {
        switch traits.transaction {
        case .beginReadWrite, .commitAndChain, .rollbackAndChain, .implicitCommit: true
        // A savepoint without a transaction is one only where every statement begins one.
        case .none: session.pins.contains(.autocommitOff)
        case .beginReadOnly, .commit, .rollback, .commitAndRelease, .rollbackAndRelease, .autocommitOn, .autocommitOff,
            .setNext, .setSessionCharacteristics:
            false
        }
    }

    /// What runs on the primary because only that can answer, and changes nothing there.
    private static func isHarmless(_ traits: StatementTraits, _ session: RoutingContext) -> Bool {
        guard traits.effects.isDisjoint(with: [.multiStatement, .callsUnknownFunction, .executesText]) else {
            return false
        }
        switch traits.kind {
        case .empty, .show, .describe, .help, .kill, .prepare, .deallocate, .getDiagnostics, .unlockTables, .setNames,
            .setRole:
            return true
        case .setVariables:
            // An expression may hold a subquery, which begins a transaction where every statement does.
            let beginsNone = !session.pins.contains(.autocommitOff) || traits.transaction == .autocommitOn
            return beginsNone && !traits.effects.contains(.setsGlobal)
        default: return false
        }
    }
}
