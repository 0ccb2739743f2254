// Warnings, errors and counts of the statement before: where they are, and for how long they are kept.
//
// MySQL forgets the warnings of a statement with the next one. MariaDB (10.11) keeps them until a statement names a table,
// or has some of its own: they may then be on another connection than the one that ran the last statement.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// Whether the statement at hand asks for nothing but warnings and errors.
    private var asksForDiagnosticsOnly: Bool {
        command.traits.access == .previous && command.traits.effects.contains(.readsWarnings)
            && command.traits.effects.isDisjoint(with: [.readsFoundRows, .readsRowCount, .writesUserVariables])
    }

    /// Why a statement cannot be told what it asks about the one before it: it must run on one connection, and that is
    /// on another, or gone.
    func refusalToAsk(_ traits: StatementTraits) -> ProxyError? {
        let effects = traits.effects
        let isBound = state.isInTransaction || !state.pins.isDisjoint(with: .allStatements)
        // What begins such a state is a statement itself, but has no rows: FOUND_ROWS() counts those of one before it. Of
        // several statements, one in front may have some.
        if isBound, effects.contains(.readsFoundRows), !effects.contains(.multiStatement) {
            return refusal(asking: lastWithRows, isGone: foundRowsAreGone, on: transactionServer ?? main)
        }
        guard asksAndChanges(traits), !state.isInTransaction else { return nil }
        var refused: ProxyError?
        if effects.contains(.readsFoundRows) {
            refused = refusal(asking: lastWithRows, isGone: foundRowsAreGone, on: main)
        }
        if effects.contains(.readsRowCount) {
            refused = refused ?? refusal(asking: last, isGone: previousIsGone, on: main)
        }
        if effects.contains(.readsWarnings) {
            refused = refused ?? refusal(asking: diagnosticsServer, isGone: diagnosticsAreGone, on: main)
        }
        return refused
    }

    /// - Parameters:
    ///   - holder: the connection that has the answer; nil when there is none.
    ///   - server: the one that is asked.
    private func refusal(
        asking holder: ServerConnection?, isGone: Bool, on server: ServerConnection?
    ) -> ProxyError? {
        guard let holder else { return isGone ? .previousGone : nil }
        return holder === server ? nil : .previousElsewhere(holder.entry.name)
    }

    /// Where warnings are asked for, whatever else the session is bound to; nil when the statement at hand does not.
    func placeAtDiagnostics() -> Placement? {
        guard asksForDiagnosticsOnly else { return nil }
        if let diagnosticsServer { return placeAsked(diagnosticsServer) }
        if diagnosticsAreGone { return .refuse(.previousGone) }
        // There are none, or their connection would be known. Others may have left some where it runs.
        clearsDiagnostics = true
        return nil
    }

    /// The connection that knows what the statement at hand asks about the one before it, if it has what else that reads.
    func placeAsked(_ server: ServerConnection) -> Placement {
        guard server !== main, server !== transactionServer, !hasWhatIsRead(server) else { return .server(server) }
        return .refuse(.previousElsewhere(server.entry.name))
    }

    /// Whether a connection beside those that hold the session's state has the tables and user variables that the
    /// statement at hand reads.
    private func hasWhatIsRead(_ server: ServerConnection) -> Bool {
        let traits = command.traits
        // What a reader was told to set, only that has.
        if traits.effects.contains(.readsUserVariables), state.pins.contains(.userVariables), variablesReader == nil {
            return false
        }
        guard traits.mentionsTables, traits.kind != .show else { return true }
        guard !state.isInTransaction, server.entry.id.index < Balancer.nodesMaximum else { return false }
        return fitReaders() & (1 << UInt64(server.entry.id.index)) != 0
    }

    /// Whether the state of the session may not be sent in front of the statement at hand: on MySQL every `SET` forgets the
    /// warnings that it asks for.
    func mustNotSynchronize(_ server: ServerConnection) -> Bool {
        state.sqlMode.dialect == .mySQL && asksForDiagnosticsOnly && server === diagnosticsServer
    }

    /// Whether a statement that asks about the one before it must run on the main connection: what it changes is there.
    func asksAndChanges(_ traits: StatementTraits) -> Bool {
        traits.access == .primary
    }

    /// Whether the command at hand asks for warnings, or uses a cursor, elsewhere than where the session's transactions
    /// are: what the server says of transactions then is not true of the session.
    func isBesideTransaction(_ server: ServerConnection) -> Bool {
        guard command.traits.access == .previous else { return false }
        let usesCursor = command.code == .statementFetch || command.code == .statementReset
        guard usesCursor || asksForDiagnosticsOnly else { return false }
        if state.isInTransaction { return transactionServer != nil && server !== transactionServer }
        return state.pins.contains(.autocommitOff) && server !== main
    }

    /// Whether the packet at hand has status flags where `showOwnTransaction` looks for them. An OK packet has where
    /// nothing was changed, as by COM_STMT_RESET.
    func showsStatus(_ event: ResponseEvent) -> Bool {
        switch event {
        case .endOfRows, .endOfDefinitions: true
        case .ok: command.code == .statementReset
        case .error, .prepareOK, .localInfile, .needMoreBytes: false
        }
    }

    /// A packet that ends rows, or their definitions, says of the transaction what is true of the session. The flags
    /// stand in one place whether it is an EOF packet or an OK one without counts.
    func showOwnTransaction(_ packet: UnsafeMutableRawBufferPointer) {
        let place = PacketHeader.size + 3
        guard packet.count >= place + 2 else { return }
        let about: StatusFlags = [.inTransaction, .inTransactionReadOnly, .autocommit]
        let own = state.transactionFlags.union(state.pins.contains(.autocommitOff) ? [] : .autocommit).rawValue
        packet[place] = packet[place] & ~UInt8(truncatingIfNeeded: about.rawValue) | UInt8(truncatingIfNeeded: own)
        packet[place + 1] =
            packet[place + 1] & ~UInt8(truncatingIfNeeded: about.rawValue >> 8)
            | UInt8(truncatingIfNeeded: own >> 8)
    }

    /// The statement at hand ended. Gives whether the warnings and errors of one before it are kept, here or elsewhere.
    func noteDiagnostics(_ server: ServerConnection) -> Bool {
        if command.traits.effects.contains(.readsWarnings) && command.traits.access == .previous { return true }
        let isSilent = command.warnings == 0 && !command.endedInError
        if isSilent && state.sqlMode.dialect == .mariaDB && !command.traits.mentionsTables { return true }
        if diagnosticsServer !== server { diagnosticsServer = server }
        diagnosticsAreGone = false
        return false
    }

    /// An error that the client does not hear of took the place of what was there.
    func diagnosticsSpoiled(on server: ServerConnection) {
        if diagnosticsServer === server { diagnosticsServer = nil }
    }

    /// A question of the proxy's own ran there behind the session's last statement: what that may still ask for is lost.
    func answersSpoiled(on server: ServerConnection) {
        if server === last {
            last = nil
            previousIsGone = true
        }
        if server === lastWithRows {
            lastWithRows = nil
            foundRowsAreGone = true
        }
        guard state.sqlMode.dialect == .mySQL, state.pins.contains(.diagnostics), server === diagnosticsServer else {
            return
        }
        diagnosticsServer = nil
        diagnosticsAreGone = true
    }

    /// Others wait for this connection: whether it has what the session may still ask for, and they have waited for no more
    /// than a moment.
    func keepsDiagnostics(of server: ServerConnection) -> Bool {
        guard hasDiagnostics(server) else { return false }
        return keptDiagnostics.keeps(
            lastActiveMilliseconds: lastActiveMilliseconds, nowMilliseconds: lane.nowMilliseconds)
    }

    /// Whether the session may still ask for what this connection has of the statement before.
    func hasDiagnostics(_ server: ServerConnection) -> Bool {
        (server === last || server === diagnosticsServer) && state.pins.contains(.diagnostics)
    }
}

extension StatementTraits {
    /// Whether it asks for row counts, warnings or errors of the statement before it.
    var asksAboutPrevious: Bool {
        !effects.isDisjoint(with: [.readsFoundRows, .readsRowCount, .readsWarnings])
    }
}
