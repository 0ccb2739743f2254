// A result that breaks off in the middle goes on where the statement runs again, if it begins with what the client has.
//
// What the client gets is then the second server's result as a whole: its beginning was compared, its rest is delivered. So
// the second run needs no more than any other run of the statement: a node that has what the session has seen, or the
// repeated transaction. Nothing of a result is kept; a slow client is waited for as ever.
//
//      delivering ──▶ lost ──▶ (the transaction is repeated) ──▶ comparing ──▶ delivering ──▶ …
//                                                                    └── another result, an error, nobody: 9507 or 9505
internal import Backend
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    // MARK: While it streams

    /// What the client does not have yet of these bytes, which do not complete the reply or follow a part of it. Replies that
    /// come in one piece cost nothing.
    func unseen(_ bytes: UnsafeRawBufferPointer, from server: ServerConnection) -> UnsafeRawBufferPointer {
        guard let partial else {
            if mayBeContinued {
                let begun = cluster.takePartialResult()
                _ = begun.take(bytes)
                partial = begun
            }
            return bytes
        }
        let wasRepeating = partial.isRepeating
        switch partial.take(bytes) {
        case .first(let known):
            if wasRepeating {
                command.wasAnswered = true
                cluster.link.failover.resultContinued()
            }
            return UnsafeRawBufferPointer(rebasing: bytes[known...])
        case .all: break
        // With the end of the reply at hand, that decides. What must not lose its connection waits for it.
        case .different: if !server.isReplyComplete && !mustKeep(server) { server.leave("its result is not wanted") }
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Whether the reply at hand, of which this is the beginning, is to be remembered: it is the only one of a statement
    /// that can be run again.
    private var mayBeContinued: Bool {
        guard !command.wasAnswered, command.isRetained, command.replyKind == .query, cluster.link.settings.replay,
            phase == .running, !command.mayHaveSeveralResults, !command.awaitsReport, command.statement?.hold == nil
        else { return false }
        switch command.code {
        case .query: break
        case .statementExecute: if opensCursorInRequest { return false }
        default: return false
        }
        switch command.traits.kind {
        case .call, .beginNotAtomic, .executeImmediate, .unknown: return false
        default: return mayRunAgain(insideTransaction: state.isInTransaction)
        }
    }

    private var opensCursorInRequest: Bool {
        var opens = false
        request.withUnsafeBytes { opens = asksForCursor($0) }
        return opens
    }

    /// Whether running the statement at hand once more, where it is not known to have run, does nothing twice.
    private func mayRunAgain(insideTransaction: Bool) -> Bool {
        if insideTransaction { return command.isJournaled && !command.mayEndTransaction }
        return command.decision.isRepeatable || leavesNothingBehind
    }

    /// Whether the session has something on this connection that must not go with a result.
    private func mustKeep(_ server: ServerConnection) -> Bool {
        (server === main && !state.pins.isDisjoint(with: .lostWithConnection)) || server === variablesReader
            || prepared.holds(server)
    }

    // MARK: When it breaks off

    /// The connection of a result that the client has in part is gone. True when the statement is to run again.
    ///
    /// - Parameter wasInTransaction: the transaction went with it, and is repeated first.
    func mayContinueResult(of server: ServerConnection, _ failure: ServerFailure, wasInTransaction: Bool) -> Bool {
        guard let partial, phase == .running, command.isRetained, mayRunAgain(insideTransaction: wasInTransaction)
        else { return false }
        if !wasInTransaction { noteSightOfPart(server) }
        partial.interrupted(
            PartialResult.Interruption(
                node: server.entry.name, cause: failure.text, isInTransaction: wasInTransaction,
                nextSequence: nextSequence(behind: server)))
        command.wasAnswered = false
        // It ran: what it waited for in front of that was another wait, which may be long ago.
        command.waitingSince = 0
        command.causal.beginAnew()
        return true
    }

    /// The number of a packet that can take the place of the rest of the reply at hand; nil in the middle of a packet.
    func nextSequence(behind server: ServerConnection) -> UInt8? { partial?.cutOffSequence ?? server.nextReplySequence }

    /// The client saw something of that node: what it sees from here on must not be older.
    private func noteSightOfPart(_ server: ServerConnection) {
        command.hadRows = true
        noteSight(server)
        command.hadRows = false
    }

    /// Whether this error ends the reply at hand in a way that the client does not hear of, or not like this.
    func isErrorOfPart(_ server: ServerConnection, _ payload: UnsafeRawBufferPointer, sequence: UInt8) -> Bool {
        guard let partial, command.purpose == .client, let code = ErrorPacket.code(of: payload) else { return false }
        if partial.isRepeating {
            partial.error = errorOfRepetition(code, payload, server)
            return true
        }
        // The server goes, or its connection: not because somebody asked Switchyard for it.
        guard Self.endings.contains(code), !server.isRetired, !command.isInterrupted,
            mayRunAgain(insideTransaction: state.isInTransaction)
        else { return false }
        partial.cutOffSequence = sequence
        return true
    }

    /// An error that came in one piece with the last bytes that were compared: they turned out to be the same, so it is the
    /// client's like what is between. True when the client has it, or is not to have it.
    func tellErrorBehindPart(_ server: ServerConnection, _ packet: UnsafeRawBufferPointer) -> Bool {
        guard let partial, partial.error != nil else { return false }
        partial.error = nil
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        if isErrorOfPart(server, payload, sequence: packet[3]) { return true }
        guard !isTimeout(payload) else { return false }
        measured.bytes &+= UInt64(packet.count)
        client.write(packet)
        return true
    }

    private func errorOfRepetition(
        _ code: UInt16, _ payload: UnsafeRawBufferPointer, _ server: ServerConnection
    ) -> ProxyError {
        if isTimeout(payload) { return timeoutError }
        let error = try? ErrorPacket.parse(payload)
        return ProxyError(
            code: code, sqlState: error?.sqlState ?? "HY000",
            message: error?.message ?? "", node: server.entry.name, isServers: true)
    }

    // MARK: Repeating

    /// The statement ran again to its end, and the client was given nothing of it.
    func repetitionEnded(_ server: ServerConnection) {
        guard let partial, let interruption = partial.interruption else { return }
        // What the proxy ended by itself, on a former primary, nobody asked for.
        if let error = partial.error, Self.endsByRequest.contains(error.code), !command.isInterrupted {
            return breakOff(error, .failed)
        }
        if interruption.isInTransaction {
            // What it did here is not what the client was told.
            forget(server)
            server.close()
            state.transactionLost()
        }
        repetitionFailed(on: server)
    }

    /// The statement was begun again, and came to nothing. Its transaction, if any, is gone.
    func repetitionFailed(on server: ServerConnection, mayGoOn: Bool = true) {
        guard let partial, let interruption = partial.interruption else { return }
        let what =
            partial.error.map { "repeated on \(server.entry.name) it failed: \($0.message) (\($0.code))" }
            ?? "repeated on \(server.entry.name) it has another result"
        let reason: BrokenResultReason = partial.error == nil ? .differentResult : .failed
        let cause = "\(interruption.cause), and \(what)"
        guard interruption.isInTransaction else {
            return breakOff(.resultBroken(node: interruption.node, cause: cause), reason, mayGoOn: mayGoOn)
        }
        forgetJournal()
        breakOff(.transactionLost(node: interruption.node, cause: cause), reason, mayGoOn: mayGoOn)
    }

    /// KILL QUERY, and the statement's time: who asked for that hears of nothing else.
    private static let endsByRequest: Set<UInt16> = [ProxyError.interrupted.code, 9520]

    // MARK: Giving up

    /// The statement at hand is answered with an error, and the client has a part of its result.
    func breakOff(_ error: ProxyError, mayGoOn: Bool = true) {
        guard let interruption = partial?.interruption else { return }
        switch error.code {
        case 9505: breakOff(error, .transaction, mayGoOn: mayGoOn)
        case 9506,
            _ where Self.endsByRequest.contains(error.code):
            breakOff(error, .failed, mayGoOn: mayGoOn)
        default:
            let cause = "\(interruption.cause), and it could not be repeated: \(error.message)"
            breakOff(.resultBroken(node: interruption.node, cause: cause), .failed, mayGoOn: mayGoOn)
        }
    }

    /// The error takes the place of the next packet. In the middle of one nothing can be said any more.
    private func breakOff(_ error: ProxyError, _ reason: BrokenResultReason, mayGoOn: Bool = true) {
        guard let partial else { return }
        cluster.link.failover.resultBroken(reason)
        let sequence = partial.interruption?.nextSequence
        forgetPartialResult()
        guard let sequence else {
            cluster.link.counters.proxyErrorGiven()
            // The client is told nothing; the console is.
            _ = client.noted(error)
            return client.end()
        }
        command.replySequence = sequence
        if mayGoOn { refuse(error) } else { refuseAndEnd(error) }
    }

    /// The result is whole, or nobody waits for it.
    func forgetPartialResult() {
        guard let partial else { return }
        self.partial = nil
        cluster.putBack(partial)
    }
}

extension LaneCluster {
    /// One of which nothing is known.
    fileprivate func takePartialResult() -> PartialResult { sparePartialResults.popLast() ?? PartialResult() }

    fileprivate func putBack(_ partial: PartialResult) {
        guard sparePartialResults.count < FrontendLimits.sparePartialResults else { return }
        partial.empty()
        sparePartialResults.append(partial)
    }
}
