// Commands too long to be read as a whole, and files: their bytes pass through as they come.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// The head of a long command is here. It goes to the main connection; its text is judged by its first word only.
    func streamBegan(_ bytes: UnsafeRawBufferPointer, _ header: PacketHeader) -> Int {
        let rawCode = bytes[PacketHeader.size]
        framer = CommandFramer()
        dropsStream = false
        guard let code = CommandCode(rawValue: rawCode), let kind = Self.streamedReply(code) else {
            client.end(with: .unknownCommand, sequence: header.sequence &+ 1)
            return bytes.count
        }
        let start = UnsafeRawBufferPointer(rebasing: bytes[(PacketHeader.size + 1)..<min(bytes.count, 512)])
        let prefix = code == .query ? queryText(start) ?? start : start
        show(prefix)
        switch code {
        case .query, .statementPrepare: command = unreadCommand(code, kind, prefix, header)
        default:
            let payload = UnsafeRawBufferPointer(
                rebasing: bytes[PacketHeader.size..<min(bytes.count, header.frameLength)])
            guard let id = StatementExecute.statementID(payload), let statement = prepared[id] else {
                client.end(with: .unknownStatement(0), sequence: header.sequence &+ 1)
                return bytes.count
            }
            guard let next = streamedExecution(code, statement, payload, header) else { return awaitRest() }
            command = next
        }
        noRestAwaited()
        command.firstFrameBytes = header.payloadLength
        command.headIsDue = command.usesStatement
        command.streams = true
        command.receivedAt = lane.nowNanoseconds
        measureStreamed(prefix)
        // Nothing is taken from the client until there is a connection to pass it to.
        client.pauseReading()
        if let lossToTell {
            self.lossToTell = nil
            refuse(lossToTell)
            return 0
        }
        if let refusal = refusalByListener(command.traits) {
            refuse(refusal)
            return 0
        }
        if code == .statementPrepare && !prepared.hasRoom(for: 0) {
            refuse(.tooManyStatements)
            return 0
        }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        if variablesReader != nil && asksReaderFirst(nothing) { return 0 }
        route(nothing)
        return 0
    }

    /// The first word of the text is all that is certain; whatever else is in it, nobody looked.
    private func unreadCommand(
        _ code: CommandCode, _ kind: ResponseKind, _ prefix: UnsafeRawBufferPointer, _ header: PacketHeader
    ) -> RunningCommand {
        let verb = Self.plainWrite(prefix, state.sqlMode)
        let traits = StatementTraits.command(.primary, kind: verb ?? .unknown)
        let isBound = state.isInTransaction
        var next = RunningCommand(
            code: code, replyKind: kind, traits: traits,
            decision: RoutingDecision(
                target: isBound ? .transaction : .main, reason: isBound ? .insideTransaction : .notProvablyARead,
                isRepeatable: false),
            replySequence: header.sequence &+ 1)
        next.isUnread = verb == nil || mayHoldSeveral
        if code == .statementPrepare {
            prepared.prepareFailed()
            next.statement = ClientStatement(
                id: prepared.nextID(), text: [], traits: traits, context: StatementContext(state.image),
                digest: Digest.hash(of: prefix, mode: state.sqlMode, isBeginning: true))
        }
        return next
    }

    /// A long execution, or long data; nil while too little is here to see the parameters' types.
    private func streamedExecution(
        _ code: CommandCode, _ statement: ClientStatement, _ payload: UnsafeRawBufferPointer, _ header: PacketHeader
    ) -> RunningCommand? {
        guard code != .statementSendLongData else { return longDataCommand(statement) }
        let reach = StatementExecute.typesReach(parameterCount: statement.parameterCount)
        guard payload.count >= min(reach, header.payloadLength) else { return nil }
        setExecution(code, statement, sequence: header.sequence &+ 1)
        var next = command
        // Its bytes are not kept: it cannot be sent twice.
        next.decision = RoutingDecision(
            target: next.decision.target, reason: next.decision.reason, isRepeatable: false)
        noteTypes(&next, payload)
        return next
    }

    private static func streamedReply(_ code: CommandCode) -> ResponseKind? {
        switch code {
        case .query, .statementExecute, .statementBulkExecute: .query
        case .statementPrepare: .prepare
        case .statementSendLongData: ResponseKind.none
        default: nil
        }
    }

    /// The kind of a statement whose first word says that it writes and changes nothing of the session.
    private static func plainWrite(_ prefix: UnsafeRawBufferPointer, _ mode: SQLMode) -> StatementKind? {
        var tokenizer = Tokenizer(prefix, mode: mode)
        let first = tokenizer.next()
        guard first.kind == .word else { return nil }
        let word = prefix[first.start..<first.end].map { $0 | 0x20 }
        let kinds: [(String, StatementKind)] = [
            ("insert", .insert), ("replace", .replace), ("update", .update), ("delete", .delete),
        ]
        return kinds.first { word.elementsEqual($0.0.utf8) }?.1
    }

    /// The connection is ready: the command's bytes may flow.
    func startStreaming(on server: ServerConnection) {
        phase = .streaming
        noteSent(to: server)
        if command.isUnread {
            let formerPins = state.pins
            state.pin(.unclassified)
            notePins(since: formerPins)
        }
        server.send(UnsafeRawBufferPointer(start: nil, count: 0), expecting: command.replyKind)
        client.resumeReading()
    }

    /// A long command that nobody can take: its bytes are let pass, then the client hears why. Left unread, they would be
    /// taken for a new command.
    func refuseUnstreamed(_ error: ProxyError) {
        leaveWaiting()
        current = nil
        dropsStream = true
        command.refusal = command.replyKind == .none ? nil : error
        if command.isLongData { command.statement?.pendingError = error }
        phase = .streaming
        client.resumeReading()
    }

    /// Further bytes of a long command.
    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        let count = framer.pass(bytes, wholeFile: false, renumbers: client.isCompressed)
        guard framer.payloadBytes <= cluster.link.settings.packetBytes else {
            command.replySequence = framer.lastSequence &+ 1
            refuseAndEnd(.packetTooLarge(cluster.link.settings.packetBytes))
            return bytes.count
        }
        if !dropsStream, let current {
            let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            let used = command.headIsDue ? sendStreamHead(part, to: current) : 0
            pass(UnsafeRawBufferPointer(rebasing: part[used...]), to: current)
        }
        if framer.isComplete { streamEnded() }
        return count
    }

    private func streamEnded() {
        command.replySequence = framer.lastSequence &+ 1
        client.pauseReading()
        if let refusal = command.refusal {
            command.streams = false
            return refuse(refusal)
        }
        guard dropsStream || command.replyKind == .none else {
            current?.commandEnded(with: framer.lastSequence)
            phase = .running
            return
        }
        if let current { noteFinished(on: current) }
        finishCommand()
    }

    /// Bytes of the file that a server asked for, up to the empty packet that ends it.
    func fileReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        let count = framer.pass(bytes, wholeFile: true, renumbers: client.isCompressed)
        let isComplete = framer.isComplete
        if isComplete {
            client.pauseReading()
            // The server gave its verdict before the file's end: the rest was only let pass.
            guard !dropsStream, let current else {
                finishCommand()
                return count
            }
            phase = .running
            current.localInfileSent(endingWith: framer.lastSequence)
        }
        if !dropsStream, let current { pass(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: current) }
        return count
    }

    private func pass(_ bytes: UnsafeRawBufferPointer, to server: ServerConnection) {
        server.sendMore(bytes)
        if server.isCongested { client.pauseReading() }
    }
}
