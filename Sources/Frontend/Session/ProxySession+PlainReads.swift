// Reads that leave nothing behind: most statements of most applications.
//
// What a statement may do to its session is looked for in many places, each of which is memory to be fetched anew for
// each statement of each session. A read whose end says that nothing is other than before needs none of them.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

extension ProxySession {
    /// Whether the packet at hand ends a read that did nothing but read, in a session that is as it was before: nothing
    /// but where it ran is to be noted. When in doubt it does not.
    func isPlainEnd(_ event: ResponseEvent, _ payload: UnsafeRawBufferPointer, _ server: ServerConnection) -> Bool {
        guard event == .endOfRows, command.isPlainRead, command.heardNothing, phase == .running,
            server.replyStatus.subtracting(.aboutPerformance) == state.unchangedStatus,
            state.pins.isSubset(of: Self.pinsOfPlainReads), hasNoCounts(payload, server),
            command.statement?.hold == nil,
            state.isInTransaction
                ? transactionServer === server : transactionServer == nil && !state.wroteInTransaction,
            replay == nil, partial == nil, doubt == nil
        else { return false }
        return true
    }

    /// What neither ends with such a read nor binds what it leaves on its connection.
    private static let pinsOfPlainReads: SessionPins = [.transaction, .lastInsertID]

    /// Whether an EOF packet, or the OK packet in its place, counts no warnings and no rows, and tells nothing else.
    private func hasNoCounts(_ payload: UnsafeRawBufferPointer, _ server: ServerConnection) -> Bool {
        guard server.negotiated.contains(.deprecateEOF) else {
            return payload.count == 5 && payload[1] == 0 && payload[2] == 0
        }
        return payload.count == 7 && payload[1] == 0 && payload[2] == 0 && payload[5] == 0 && payload[6] == 0
    }

    /// Such a read was answered.
    func plainReadEnded(_ server: ServerConnection, rows: UInt64, _ status: StatusFlags) {
        noteMeasuredAnswer(rows: rows)
        _ = noteDiagnostics(server)
        noteRunning(on: server)
        let ranOnMain = server === main
        assert(
            state.staysAsItIs(
                after: command.traits,
                StatementEnd(
                    status: status, ranOnMain: ranOnMain, lastInsertID: 0, warnings: 0, leftUnreported: false,
                    keepsDiagnostics: true)),
            "a read is not plain")
        if ranOnMain { state.statusReported(status) }
        noteSight(server)
        noteAnswerInJournal(server)
        adoptState(of: server)
        finishCommand()
    }
}

extension RunningCommand {
    /// Whether its text reads, and does nothing else.
    var isPlainRead: Bool {
        (code == .query || code == .statementExecute) && traits.onlyReads && purpose == .client && !isUnread && !streams
    }

    /// Whether the server has told nothing yet that goes beyond rows, of this statement or in front of it, and nobody
    /// has meddled with it.
    var heardNothing: Bool {
        !(endedInError || outcomeIsUnknown || isInterrupted || awaitsReport || reportIsIncomplete
            || reportedStateChange || namedChange || reportedCollation || reportedPosition || resultReportsPosition
            || changedRows || endedUntold) && lastInsertID == 0 && warnings == 0 && setsTracking.isEmpty
            && !hasWishes
    }
}

extension StatementTraits {
    /// Whether a statement reads, and its text tells of nothing else.
    fileprivate var onlyReads: Bool {
        guard access == .read, transaction == .none, effects.isSubset(of: .readsPlaceholders), statementCount == 1
        else {
            return false
        }
        return kind == .select || kind == .with || kind == .values || kind == .table
    }
}

extension StatusFlags {
    /// What a result says of how it was found, and not of the session.
    fileprivate static let aboutPerformance: StatusFlags = [.noGoodIndexUsed, .noIndexUsed, .queryWasSlow]
}
