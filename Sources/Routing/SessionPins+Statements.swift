// Which pins a statement leaves behind, by its traits alone: the same for traffic and for EXPLAIN ROUTE.
package import SQL

extension SessionPins {
    /// What holds the session after a statement with these traits was run. Names and counts, which are in its text, and
    /// what the server says may tell that it is less.
    package static func left(by traits: StatementTraits) -> SessionPins {
        let effects = traits.effects
        // Most statements have none of the signs.
        if effects.isEmpty && traits.transaction == .none && traits.kind != .xa && !runsAnything(traits.kind) {
            return []
        }
        var pins: SessionPins = []
        if effects.contains(.writesUserVariables) { pins.insert(.userVariables) }
        if effects.contains(.createsTemporaryTable) { pins.insert(.temporaryTables) }
        if effects.contains(.acquiresUserLock) { pins.insert(.userLocks) }
        if effects.contains(.opensHandler) { pins.insert(.handler) }
        if effects.contains(.preparesText) { pins.insert(.textStatements) }
        if effects.contains(.locksTables) { pins.insert(.tableLocks) }
        if effects.contains(.flushesWithReadLock) { pins.insert(.globalReadLock) }
        if effects.contains(.changesSQLLogBin) { pins.insert(.binaryLogOff) }
        if traits.kind == .xa { pins.insert(.xa) }
        // A function may assign user variables and take locks. Of what else it does the server tells.
        if effects.contains(.callsUnknownFunction) { pins.formUnion([.userVariables, .userLocks]) }
        if mayChangeAnything(traits) { pins.insert(.untrackedState) }
        if effects.contains(.calculatesFoundRows) { pins.insert(.diagnostics) }
        if effects.contains(.writesLastInsertID) { pins.insert(.lastInsertID) }
        if effects.contains(.usesSequence) { pins.insert(.sequence) }
        switch traits.transaction {
        case .beginReadWrite, .beginReadOnly, .commitAndChain, .rollbackAndChain: pins.insert(.transaction)
        case .autocommitOff: pins.insert(.autocommitOff)
        case .setNext: pins.insert(.nextTransaction)
        case .none, .commit, .rollback, .commitAndRelease, .rollbackAndRelease, .implicitCommit, .autocommitOn,
            .setSessionCharacteristics:
            break
        }
        return pins
    }

    /// Procedures and text built at run time may do anything.
    private static func runsAnything(_ kind: StatementKind) -> Bool {
        kind == .call || kind == .beginNotAtomic || kind == .executeImmediate
    }

    /// Some settings are reported by no server.
    private static func mayChangeAnything(_ traits: StatementTraits) -> Bool {
        switch traits.kind {
        case let kind where runsAnything(kind): true
        // Of a role that is set by nothing but its name the image takes hold.
        case .setRole where traits.statementCount == 1:
            !traits.effects.isDisjoint(with: [.setsUntracked, .unterminated])
        // Behind another statement a CALL shows as nothing else.
        default:
            !traits.effects.isDisjoint(with: [.executesText, .setsUntracked, .changesRole, .unterminated])
                || traits.effects.isSuperset(of: [.multiStatement, .callsUnknownFunction])
        }
    }
}
