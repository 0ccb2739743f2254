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
        // In compressed frames nobody checks it.
        guard header.sequence == 0 || client.isCompressed else {
            client.end(with: .outOfOrder, sequence: header.sequence &+ 1)
            return bytes.count
        }
        guard header.payloadLength > 0 else {
            // Servers take it for COM_SLEEP.
            noRestAwaited()
            forgetFormerCommand(header.sequence &+ 1)
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
            return streamBegan(view, header)
        }
        guard view.count >= header.frameLength else { return awaitRest() }
        noRestAwaited()
        let packet = UnsafeRawBufferPointer(rebasing: view[..<header.frameLength])
        client.pauseReading()
        dispatch(view[PacketHeader.size], packet)
        return header.frameLength
    }

    /// Half a command must not hold memory for as long as an idle client may stay, whatever comes of it byte by byte. A long
    /// one streams, and has its time then.
    func awaitRest() -> Int {
        guard !awaitsRest else { return 0 }
        awaitsRest = true
        client.setDeadline(milliseconds: lane.nowMilliseconds + FrontendLimits.incompleteMilliseconds)
        return 0
    }

    func noRestAwaited() {
        guard awaitsRest else { return }
        awaitsRest = false
        armIdleDeadline()
    }

    /// What is refused before it is known for what it is must be answered, whatever the command before it was: long data
    /// and streamed commands are refused without an answer.
    private func forgetFormerCommand(_ replySequence: UInt8) {
        command.replySequence = replySequence
        command.purpose = .client
        command.streams = false
        command.statement = nil
    }

    private func dispatch(_ rawCode: UInt8, _ packet: UnsafeRawBufferPointer) {
        let argument = UnsafeRawBufferPointer(rebasing: packet[(PacketHeader.size + 1)...])
        forgetFormerCommand(packet[3] &+ 1)
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
        case .statementExecute, .statementBulkExecute, .statementFetch, .statementReset, .statementClose,
            .statementSendLongData:
            statementCommand(code, packet)
        case .fieldList: run(.fieldList, .fieldList, .command(.read), .main, packet)
        case .resetConnection: resetSession()
        default: administer(code, argument, packet)
        }
    }

    private func query(_ argument: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        guard let text = queryText(argument) else { return refuse(.malformedCommand(state.sqlMode.dialect)) }
        let traits = cluster.classifications.classify(text, mode: state.sqlMode)
        measure(text, in: argument)
        show(text)
        if traits.hintLength > 0 || hints != nil { hints = readHints(in: text, traits) }
        if let refusal = refusal(of: traits) { return refuse(refusal) }
        if preparesBinlogReading(text, traits), let refusal = beginBinlogReading() { return refuse(refusal) }
        if runNamed(text, traits, packet) { return }
        if traits.effects.isDisjoint(with: .answeredHere) || !answerHere(text, traits, packet) {
            runQuery(traits, packet)
        }
    }

    /// Routes a text whose packet is `packet`.
    func runQuery(_ traits: StatementTraits, _ packet: UnsafeRawBufferPointer) {
        command = RunningCommand(
            code: .query, replyKind: .query, traits: traits, decision: Router.decide(traits, routingContext),
            replySequence: packet[3] &+ 1)
        if let hints { apply(hints, to: &command) }
        if traits.effects.contains(.setsUntracked) { command.setsTracking = OwnTracking(settingText: packet) }
        beginCommand(packet)
    }

    /// Statements that would do harm, or give a wrong answer, through a proxy.
    func refusal(of traits: StatementTraits) -> ProxyError? {
        if let refusal = refusalByListener(traits) { return refusal }
        if traits.asksAboutPrevious, let refusal = refusalToAsk(traits) { return refusal }
        return refusalForWhatIsLost(traits)
    }

    /// What only a connection knew that is gone.
    func refusalForWhatIsLost(_ traits: StatementTraits) -> ProxyError? {
        if state.lastInsertIDIsLost && traits.effects.contains(.readsLastInsertID) {
            return .sessionLost(
                node: "the former primary", cause: "its connection was lost", state: ["LAST_INSERT_ID"])
        }
        if state.lastSequenceValueIsLost && traits.effects.contains(.readsLastSequenceValue) { return .lastValueGone }
        return nil
    }

    /// What does not depend on what the session did before.
    func refusalByListener(_ traits: StatementTraits) -> ProxyError? {
        mode == .replica && writesTables(traits) ? .replicaListener : nil
    }

    /// Whether it changes more than the session. A server refuses that on a replica, but not to every account.
    private func writesTables(_ traits: StatementTraits) -> Bool {
        if traits.effects.contains(.createsTemporaryTable) || state.pins.contains(.temporaryTables) { return false }
        return traits.kind.changesTables || traits.changesTablesLater
    }

    /// Keeps the statement's beginning for the console, in the storage of the one before.
    func show(_ text: UnsafeRawBufferPointer) {
        shownStatement.replace(
            with: UnsafeRawBufferPointer(rebasing: text[..<min(text.count, FrontendLimits.shownStatementBytes)]))
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
        texts.removeAll()
        previousIsGone = false
        foundRowsAreGone = false
        diagnosticsAreGone = false
        lossToTell = nil
        forgetJournal()
        // With it the session would stay on the node of the log in whatever mode it comes back to.
        binlogReading = nil
        state.reset()
        resetProxyVariables()
        forgetLoginCollation()
        answerOK()
    }
}
