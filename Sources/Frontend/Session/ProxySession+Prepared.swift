// The commands of the prepared-statement protocol: what each means for a session.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// COM_STMT_PREPARE: run where the statement would be executed now.
    func prepare(_ text: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        prepared.prepareFailed()
        guard prepared.hasRoom(for: text.count) else { return refuse(.tooManyStatements) }
        let executed = cluster.classifications.classify(text, mode: state.sqlMode)
        let digest = cluster.classifications.digest
        show(text)
        if let refusal = refusalToPrepare(executed) ?? refusalByListener(executed) { return refuse(refusal) }
        // The client's own connection id, wherever the statement runs.
        let changed = packetWithOwnID(text, executed, packet)
        let statement = ClientStatement(
            id: prepared.nextID(), text: changed.map { Array($0[(PacketHeader.size + 1)...]) } ?? Array(text),
            traits: executed, context: StatementContext(state.image), digest: digest)
        statement.hints = readHints(in: text, executed)
        let execution = Router.decide(executed, routingContext)
        // Nothing runs yet: the effects come with each execution, and it may be tried anywhere.
        var next = RunningCommand(
            code: .statementPrepare, replyKind: .prepare, traits: .command(.primary, kind: .prepare),
            decision: RoutingDecision(
                target: execution.target, reason: execution.reason, isRepeatable: execution.target != .transaction),
            replySequence: packet[3] &+ 1)
        next.statement = statement
        next.traits.mentionsTables = executed.mentionsTables
        if let changed { changed.withUnsafeBytes { begin(next, $0) } } else { begin(next, packet) }
    }

    /// Commands that name a statement by its id.
    func statementCommand(_ code: CommandCode, _ packet: UnsafeRawBufferPointer) {
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        let hasReply = code != .statementClose && code != .statementSendLongData
        guard let id = StatementExecute.statementID(payload) else {
            return hasReply ? refuse(.malformedCommand(state.sqlMode.dialect)) : finishCommand()
        }
        guard let statement = prepared.statement(id) else {
            // A wrong id is ignored where no answer is expected, as servers do.
            return hasReply ? refuse(.unknownStatement(id)) : finishCommand()
        }
        switch code {
        case .statementExecute, .statementBulkExecute: execute(code, statement, packet)
        case .statementFetch: fetch(statement, packet)
        case .statementReset: resetStatement(statement, packet)
        case .statementSendLongData: sendLongData(statement, packet)
        default: closeStatement(statement)
        }
    }

    private func execute(_ code: CommandCode, _ statement: ClientStatement, _ packet: UnsafeRawBufferPointer) {
        measure(statement)
        if let refusal = refusal(of: statement.traits) { return refuse(refusal) }
        statement.text.withUnsafeBytes { show($0) }
        setExecution(code, statement, sequence: packet[3] &+ 1)
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        noteTypes(&command, payload)
        if hasQueryAttributes { noteTrace(statement, payload) }
        beginCommand(packet)
    }

    /// The command at hand is an execution of a statement, from here on routed like its text.
    func setExecution(_ code: CommandCode, _ statement: ClientStatement, sequence: UInt8) {
        if statement.hold == .cursor { closeCursor(of: statement) }
        var decision = Router.decide(statement.traits, routingContext)
        if statement.hold != nil {
            // What it needs is on one connection: it cannot be repeated on another.
            decision = RoutingDecision(target: decision.target, reason: .pinned, isRepeatable: false)
        }
        // Made in its place: a command that is returned is copied there.
        command = RunningCommand(
            code: code, replyKind: .query, traits: statement.traits, decision: decision, replySequence: sequence)
        command.statement = statement
        if statement.traits.effects.contains(.setsUntracked) {
            command.setsTracking = statement.text.withUnsafeBytes { OwnTracking(settingText: $0) }
        }
        if mayUseNames(statement.traits) { command.textUse = TextUse(.anything) }
        if let hints = statement.hints { apply(hints, to: &command) }
    }

    /// Remembers the types of the parameters, for servers that have not seen them.
    func noteTypes(_ command: inout RunningCommand, _ payload: UnsafeRawBufferPointer) {
        guard let statement = command.statement, statement.parameterCount > 0 || hasQueryAttributes else { return }
        // A packet that cannot be read is the server's to judge.
        command.types =
            (try? StatementExecute.types(
                payload, parameterCount: statement.parameterCount, hasAttributes: hasQueryAttributes)) ?? .none
        if case .given(let range) = command.types {
            statement.typesGiven(UnsafeRawBufferPointer(rebasing: payload[range]))
        }
    }

    var hasQueryAttributes: Bool { client.capabilities.contains(.queryAttributes) }

    /// Executed again, a statement closes its cursor; the next execution may run elsewhere.
    private func closeCursor(of statement: ClientStatement) {
        statement.holder?.closeStatement(statement.id)
        prepared.release(statement)
        noteCursors()
    }

    private func fetch(_ statement: ClientStatement, _ packet: UnsafeRawBufferPointer) {
        if let error = statement.pendingError {
            statement.pendingError = nil
            return refuse(error)
        }
        guard statement.hold == .cursor || statement.hold == .unkeptText else {
            return refuse(.noOpenCursor(statement.id))
        }
        begin(heldCommand(.statementFetch, .fetch, statement, packet), packet)
    }

    /// COM_STMT_RESET: long data and cursor go. What nothing holds has neither.
    private func resetStatement(_ statement: ClientStatement, _ packet: UnsafeRawBufferPointer) {
        if statement.hold != .unkeptText { statement.pendingError = nil }
        guard statement.hold != nil else { return answerOK() }
        begin(heldCommand(.statementReset, .okOrError, statement, packet), packet)
    }

    private func heldCommand(
        _ code: CommandCode, _ kind: ResponseKind, _ statement: ClientStatement, _ packet: UnsafeRawBufferPointer
    ) -> RunningCommand {
        var next = RunningCommand(
            code: code, replyKind: kind, traits: .command(.previous, kind: .execute),
            decision: RoutingDecision(target: .previous, reason: .pinned, isRepeatable: false),
            replySequence: packet[3] &+ 1)
        next.statement = statement
        return next
    }

    /// COM_STMT_SEND_LONG_DATA has no answer: an error is kept for the execution.
    private func sendLongData(_ statement: ClientStatement, _ packet: UnsafeRawBufferPointer) {
        guard statement.pendingError == nil else { return finishCommand() }
        begin(longDataCommand(statement), packet)
    }

    /// The data stays on the connection that it is sent to, so that must be one where the execution may run whatever comes
    /// in between: the main one, or the transaction's.
    func longDataCommand(_ statement: ClientStatement) -> RunningCommand {
        if statement.hold == .cursor { closeCursor(of: statement) }
        var next = RunningCommand(
            code: .statementSendLongData, replyKind: .none, traits: .command(.primary, kind: .execute),
            decision: RoutingDecision(
                target: state.isInTransaction ? .transaction : .main, reason: .pinned, isRepeatable: false))
        next.statement = statement
        return next
    }

    private func closeStatement(_ statement: ClientStatement) {
        main?.closeStatement(statement.id)
        for reader in readers { reader.closeStatement(statement.id) }
        prepared.closed(statement)
        noteCursors()
        finishCommand()
    }

    /// Long data that nobody can take: the next execution says why.
    func refuseSilently(_ error: ProxyError) {
        command.statement?.pendingError = error
        leaveWaiting()
        finishCommand()
    }
}
