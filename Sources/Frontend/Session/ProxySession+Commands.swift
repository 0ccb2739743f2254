// From bytes to a command: what each command code means for a session.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// The first bytes of a command. Whole and short: read and routed. Long: streamed.
    func commandReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        let view = UnsafeRawBufferPointer(bytes)
        guard let header = PacketHeader(view) else { return awaitRest() }
        guard header.payloadLength > 0 else {
            // Servers take it for COM_SLEEP.
            noRestAwaited()
            command.replySequence = header.sequence &+ 1
            refuse(.unknownCommand)
            return header.frameLength
        }
        guard header.payloadLength <= cluster.link.settings.packetBytes else {
            client.end(
                with: .packetTooLarge(cluster.link.settings.packetBytes), sequence: header.sequence &+ 1)
            return bytes.count
        }
        if header.frameLength > FrontendLimits.collectedCommandBytes {
            // Enough must be there to see which statement it is.
            if bytes.count < 512 { return awaitRest() }
            noRestAwaited()
            return streamBegan(view, header)
        }
        guard view.count >= header.frameLength else { return awaitRest() }
        noRestAwaited()
        let packet = UnsafeRawBufferPointer(rebasing: view[..<header.frameLength])
        client.pauseReading()
        dispatch(view[PacketHeader.size], packet)
        return header.frameLength
    }

    /// Half a command must not hold memory for as long as an idle client may stay.
    private func awaitRest() -> Int {
        awaitsRest = true
        client.setDeadline(milliseconds: lane.nowMilliseconds + FrontendLimits.incompleteMilliseconds)
        return 0
    }

    private func noRestAwaited() {
        guard awaitsRest else { return }
        awaitsRest = false
        armIdleDeadline()
    }

    private func dispatch(_ rawCode: UInt8, _ packet: UnsafeRawBufferPointer) {
        let argument = UnsafeRawBufferPointer(rebasing: packet[(PacketHeader.size + 1)...])
        command.replySequence = packet[3] &+ 1
        command.purpose = .client
        command.streams = false
        guard let code = CommandCode(rawValue: rawCode) else { return refuse(.unknownCommand) }
        switch code {
        case .query: query(argument, packet)
        case .quit: client.end()
        case .ping: answerOK()
        case .initDB:
            run(.initDB, .okOrError, .command(.sessionState, kind: .use), .anyAttached, packet) {
                $0.schema = Array(argument)
            }
        case .statementPrepare: prepare(argument, packet)
        case .statementExecute, .statementFetch, .statementReset: statementCommand(code, argument, packet)
        case .statementClose, .statementSendLongData: silentStatementCommand(code, argument, packet)
        case .fieldList: run(.fieldList, .fieldList, .command(.read), .main, packet)
        case .resetConnection: resetSession()
        default: administer(code, argument, packet)
        }
    }

    private func query(_ argument: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        guard let text = queryText(argument) else { return refuse(.malformedCommand(state.sqlMode.dialect)) }
        let traits = Classifier.classify(text, mode: state.sqlMode)
        show(text)
        if let refusal = refusal(of: traits) { return refuse(refusal) }
        if traits.effects.isDisjoint(with: .answeredHere) || !answerHere(text, traits, packet) {
            runQuery(traits, packet)
        }
    }

    /// Routes a text whose packet is `packet`.
    func runQuery(_ traits: StatementTraits, _ packet: UnsafeRawBufferPointer) {
        begin(
            RunningCommand(
                code: .query, replyKind: .query, traits: traits, decision: Router.decide(traits, routingContext),
                replySequence: packet[3] &+ 1),
            packet)
    }

    /// Statements that would do harm, or give a wrong answer, through a proxy.
    private func refusal(of traits: StatementTraits) -> ProxyError? {
        if mode == .replica && writesTables(traits) { return .replicaListener }
        let asksAbout: StatementEffects = [.readsFoundRows, .readsRowCount, .readsWarnings]
        if traits.access == .primary, !traits.effects.isDisjoint(with: asksAbout), let last, last !== main,
            !state.isInTransaction
        {
            return .previousElsewhere(last.entry.name)
        }
        if state.lastInsertIDIsLost && traits.effects.contains(.readsLastInsertID) {
            return .sessionLost(
                node: "the former primary", cause: "its connection was lost", state: ["LAST_INSERT_ID"])
        }
        return nil
    }

    /// Whether it changes more than the session. A server refuses that on a replica, but not to every account.
    private func writesTables(_ traits: StatementTraits) -> Bool {
        if traits.effects.contains(.createsTemporaryTable) || state.pins.contains(.temporaryTables) { return false }
        switch traits.kind {
        case .insert, .replace, .update, .delete, .load, .create, .alter, .drop, .rename, .truncate, .grant, .revoke:
            return true
        default: return false
        }
    }

    /// Keeps the statement's beginning for the console, in the storage of the one before.
    func show(_ text: UnsafeRawBufferPointer) {
        shownStatement.removeAll(keepingCapacity: true)
        shownStatement.append(
            contentsOf: UnsafeRawBufferPointer(rebasing: text[..<min(text.count, FrontendLimits.shownStatementBytes)]))
    }

    // MARK: Prepared statements

    private func prepare(_ text: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        guard prepared.count < FrontendLimits.preparedStatements else {
            return refuse(
                ProxyError(
                    code: 1461, sqlState: "42000",
                    message:
                        "Can't create more than \(FrontendLimits.preparedStatements) prepared statements in a session"))
        }
        var traits = Classifier.classify(text, mode: state.sqlMode)
        show(text)
        if let refusal = refusalToPrepare(traits) ?? refusal(of: traits) { return refuse(refusal) }
        // Nothing runs yet: the effects come with each execution.
        let executed = traits
        traits = .command(.primary, kind: .prepare)
        begin(
            RunningCommand(
                code: .statementPrepare, replyKind: .prepare, traits: traits,
                decision: Router.decide(traits, routingContext), replySequence: packet[3] &+ 1,
                executedTraits: executed),
            packet)
    }

    private func statementCommand(
        _ code: CommandCode, _ argument: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer
    ) {
        guard argument.count >= 4 else {
            return refuse(.malformedCommand(state.sqlMode.dialect))
        }
        let id = argument.loadUnaligned(as: UInt32.self).littleEndian
        guard main != nil, let executed = prepared[id] else { return refuse(.unknownStatement(id)) }
        let traits = code == .statementExecute ? executed : .command(.previous, kind: .execute)
        // Nothing can be sent behind it that would bring an unreported SET to light.
        let kind: ResponseKind =
            switch code {
            case .statementExecute: .query
            case .statementFetch: .fetch
            default: .okOrError
            }
        begin(
            RunningCommand(
                code: code, replyKind: kind, traits: traits,
                decision: RoutingDecision(
                    target: state.isInTransaction ? .transaction : .main, reason: .pinned, isRepeatable: false),
                replySequence: packet[3] &+ 1, reportIsIncomplete: true),
            packet)
    }

    /// COM_STMT_CLOSE and COM_STMT_SEND_LONG_DATA have no reply; a wrong id is ignored, as servers do.
    private func silentStatementCommand(
        _ code: CommandCode, _ argument: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer
    ) {
        if argument.count >= 4, let main, main.isReady {
            let id = argument.loadUnaligned(as: UInt32.self).littleEndian
            if prepared[id] != nil {
                main.send(packet, expecting: .none)
                if code == .statementClose { prepared.closed(id) }
                if prepared.isEmpty { state.unpin(.preparedStatements) }
                // A server that does not read must be felt by the client that sends.
                if main.isCongested { return awaitDrain(of: main, code) }
            }
        }
        finishCommand()
    }

    private func awaitDrain(of server: ServerConnection, _ code: CommandCode) {
        command = RunningCommand(
            code: code, replyKind: .none, traits: .command(.primary, kind: .execute),
            decision: RoutingDecision(target: .main, reason: .pinned, isRepeatable: false))
        current = server
        phase = .running
    }

    // MARK: The rest

    func run(
        _ code: CommandCode, _ kind: ResponseKind, _ traits: StatementTraits, _ target: RouteTarget,
        _ packet: UnsafeRawBufferPointer, _ adjust: (inout RunningCommand) -> Void = { _ in }
    ) {
        let isBound = state.isInTransaction
        var next = RunningCommand(
            code: code, replyKind: kind, traits: traits,
            decision: RoutingDecision(
                target: isBound ? .transaction : target,
                reason: isBound ? .insideTransaction : target == .main ? .notProvablyARead : .changesSessionState,
                isRepeatable: !isBound && target != .main),
            replySequence: packet[3] &+ 1)
        adjust(&next)
        begin(next, packet)
    }

    /// COM_RESET_CONNECTION: the connections are given back, each is reset on its way to the pool.
    private func resetSession() {
        for server in readers + (main.map { [$0] } ?? []) {
            forget(server)
            server.release()
        }
        prepared.removeAll()
        previousIsGone = false
        foundRowsAreGone = false
        state.reset()
        // MySQL goes to its default character set, the one of its greeting; MariaDB to that of the login.
        if let primary = cluster.table.primary, primary.flavor == .mySQL, primary.collation != 0 {
            traits = ConnectionTraits(capabilities: traits.capabilities, collation: primary.collation)
        }
        answerOK()
    }
}
