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
            client.end(with: .badHandshake("an empty command"), sequence: header.sequence &+ 1)
            return bytes.count
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
    func awaitRest() -> Int {
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
        guard let code = CommandCode(rawValue: rawCode) else { return refuse(.unknownCommand(rawCode)) }
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
        case .statistics: run(.statistics, .statistics, .command(.primary), .main, packet)
        case .fieldList: run(.fieldList, .fieldList, .command(.read), .main, packet)
        case .setOption:
            // It changes how one connection reads text: no other connection will do from now on.
            state.pin(.untrackedState)
            run(.setOption, .okOrError, .command(.primary), .main, packet)
        case .resetConnection: resetSession()
        default: refuse(.unknownCommand(rawCode))
        }
    }

    private func query(_ text: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        let traits = Classifier.classify(text, mode: state.sqlMode)
        show(text)
        if let refusal = refusal(of: traits) { return refuse(refusal) }
        begin(
            RunningCommand(
                code: .query, replyKind: .query, traits: traits, decision: Router.decide(traits, routingContext),
                replySequence: packet[3] &+ 1),
            packet)
    }

    /// Statements that would do harm, or give a wrong answer, through a proxy.
    func refusal(of traits: StatementTraits) -> ProxyError? {
        if let refusal = lastingRefusal(of: traits) { return refusal }
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

    /// Those that do not depend on what the session did before.
    func lastingRefusal(of traits: StatementTraits) -> ProxyError? {
        if traits.effects.contains(.kills) {
            return .notServed(
                "KILL is not served here: connection ids are Switchyard's, and the server would take them for its own. "
                    + "Use the console, or the server directly")
        }
        if mode == .replica && writesTables(traits) { return .replicaListener }
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

    // MARK: The rest

    private func run(
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
        answerOK()
    }
}
