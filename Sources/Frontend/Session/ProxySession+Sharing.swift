// What a statement leaves on its connection, for the session that gets the connection next.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

extension ProxySession {
    /// The statement at hand ended on `server`: when it may have left what nobody can tell, the connection is tainted.
    func noteWhatIsLeft(on server: ServerConnection) {
        if command.reportedStateChange {
            // A trigger or a function set a user variable, perhaps, or made a temporary table.
            if !command.namedChange || !SharedState.explainsChange(command.traits) { server.taint() }
        }
        if mayHideChange(on: server) { server.taint() }
        // It may have undone that a reader's transactions are read-only.
        if server !== main && command.traits.effects.contains(.setsAccessMode) { server.taint() }
        let isUnknown = command.isUnread || command.reportIsIncomplete || !SharedState.isKnown(after: command)
        if isUnknown || (server === main && !state.pins.isDisjoint(with: .lostWithConnection)) { server.taint() }
        if isUnknown { noteRoleLeft(on: server) }
    }

    /// No reset takes a role from a connection: one in a role that the image does not have goes to nobody else. Nor is it
    /// certain of what `SET SESSION AUTHORIZATION` and `SET RESOURCE GROUP` did.
    private func noteRoleLeft(on server: ServerConnection) {
        let traits = command.traits
        // Text that is built at run time may be a SET ROLE.
        let mayBeAnything =
            traits.effects.contains(.executesText) || traits.kind == .beginNotAtomic || traits.kind == .unknown
            || command.isUnread
        guard mayBeAnything || traits.effects.contains(.changesRole) || traits.kind == .setOther else { return }
        let isCarried = command.role != nil && command.role == state.image.role
        let isUnchanged = command.endedInError && traits.statementCount == 1 && !mayBeAnything
        if !isCarried && !isUnchanged { server.retire() }
    }

    /// Whether the session may have been changed without a report. No error packet tells of the temporary table that a
    /// trigger made before its statement failed; and an EOF packet says that something changed, not what.
    private func mayHideChange(on server: ServerConnection) -> Bool {
        if command.endedInError { return server === main }
        return command.hadRows && !server.negotiated.contains(.deprecateEOF)
            && server.replyStatus.contains(.sessionStateChanged)
    }
}

/// Which statements leave nothing on a connection but what is in the session's image, or what the server can be asked for.
enum SharedState {
    private static let unknownEffects: StatementEffects = [
        .writesUserVariables, .createsTemporaryTable, .acquiresUserLock, .locksTables, .flushesWithReadLock,
        .opensHandler, .preparesText, .executesText, .setsUntracked, .changesSQLLogBin, .multiStatement,
        .callsUnknownFunction, .usesSequence, .changesRole, .kills, .unterminated, .localInfile, .calculatesFoundRows,
    ]

    static func isKnown(after command: RunningCommand) -> Bool {
        switch command.code {
        case .query, .statementExecute: isKnown(after: command.traits)
        case .initDB, .ping, .statementPrepare, .statementClose, .statementReset, .statementFetch, .setOption: true
        default: false
        }
    }

    static func isKnown(after traits: StatementTraits) -> Bool {
        guard traits.effects.isDisjoint(with: unknownEffects), traits.transaction != .setNext else { return false }
        return switch traits.kind {
        case .empty, .select, .values, .table, .with, .insert, .replace, .update, .delete, .begin, .commit, .rollback,
            .savepoint, .releaseSavepoint, .rollbackToSavepoint, .setVariables, .setNames, .use, .show, .describe,
            .explain:
            true
        default: false
        }
    }

    /// Whether a statement of this kind changes the session by what is written in it.
    static func explainsChange(_ traits: StatementTraits) -> Bool {
        switch traits.kind {
        case .setVariables, .setNames, .setTransaction, .setRole, .setOther, .use, .setStatement: true
        default:
            !traits.effects.isDisjoint(with: [
                .writesUserVariables, .createsTemporaryTable, .dropsTemporaryTable, .dropsTable, .preparesText,
                .executesText, .deallocatesText, .changesSchema, .setsSystemVariable, .callsUnknownFunction,
                .multiStatement,
            ]) || traits.kind == .call || traits.kind == .beginNotAtomic || traits.kind == .executeImmediate
        }
    }
}
