// Repeating an interrupted transaction where the next primary is, so that its client does not hear of it.
//
// It is the same only if every reply is. When one is not, nothing was promised yet: the transaction is rolled back, and
// the client is told to run it again. A COMMIT that was sent and not answered is never repeated.
//
//      interrupted ──▶ waiting for a primary ──▶ entry 0 … n, each compared ──▶ the client's own command
//           ▲                                        │ the next primary fails, or refuses
//           └────────────────────────────────────────┘
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    // MARK: Beginning

    /// Why the open transaction cannot be repeated; nil when it can be.
    ///
    /// - Parameter hasCommand: whether a command of the client's is at hand, which is to be sent behind it.
    private func replayRefusal(hasCommand: Bool) -> ReplayRefusal? {
        guard cluster.link.settings.replay else { return .off }
        guard let journal, nextJournal == nil else { return .notComparable }
        if let refusal = journal.refusal { return refusal }
        guard state.pins.isDisjoint(with: .lostWithConnection) else { return .sessionState }
        guard hasCommand else { return idleReplays < cluster.link.settings.replayAttempts ? nil : .attempts }
        if !command.isRetained { return .streamed }
        // What it asks about may have run before the transaction.
        if command.traits.asksAboutPrevious { return .sessionState }
        // It may be what its servers die of.
        return command.interruptions > FrontendLimits.interruptionsOfOneStatement ? .attempts : nil
    }

    /// Whether the command at hand, if any, could go on in the repeated transaction.
    func mayReplay(hasCommand: Bool = true) -> Bool { replayRefusal(hasCommand: hasCommand) == nil }

    /// The open transaction went with its connection, which `forget` was told. The command at hand was not answered, and
    /// did not end the transaction.
    func transactionInterrupted(node: String, cause: String) {
        let hasCommand = phase != .idle
        if command.purpose == .replay && hasCommand { return replayInterrupted() }
        state.transactionLost()
        if !hasCommand { idleReplays += 1 }
        if hasCommand && command.purpose == .client && command.onlyRollsBack {
            // That is what happened.
            forgetJournal()
            leaveWaiting()
            current = nil
            return answerOK()
        }
        if let refusal = replayRefusal(hasCommand: hasCommand) {
            cluster.link.failover.replayRefused(refusal)
            return giveUpTransaction(.transactionLost(node: node, cause: "\(cause) (\(refusal.text))"))
        }
        guard let journal else { return }
        journal.forgetUnanswered()
        leaveWaiting()
        if hasCommand {
            command.beginsAgain()
            command.isJournaled = false
        } else {
            client.pauseReading()
        }
        replay = TransactionReplay(
            journal, node: node, cause: cause, command: hasCommand ? command : nil,
            request: hasCommand ? request.array : [])
        cluster.link.replays.began()
        replayNext()
    }

    /// The client hears of it: now, if it waits for an answer, otherwise with its next command.
    private func giveUpTransaction(_ error: ProxyError) {
        forgetJournal()
        guard phase != .idle else {
            lossToTell = error
            return
        }
        leaveWaiting()
        current = nil
        if phase == .waiting { phase = .running }
        refuse(error)
    }

    // MARK: The statements

    private func replayNext() {
        guard let replay else { return }
        current = nil
        if let refusal = replay.journal.refusal { return replayFailed(refusal) }
        guard replay.index < replay.journal.entries.count else { return replayEnded() }
        takeUpEntry(of: replay)
        phase = .running
        routeRetained()
    }

    /// The next entry is the command at hand.
    private func takeUpEntry(of replay: TransactionReplay) {
        let entry = replay.journal.entries[replay.index]
        var next = RunningCommand(
            code: entry.command.code, replyKind: .query, traits: entry.command.traits,
            decision: replay.index == 0
                ? entry.command.decision
                : RoutingDecision(target: .transaction, reason: .insideTransaction, isRepeatable: false),
            purpose: .replay)
        next.statement = entry.command.statement
        next.waitingSince = replay.waitingSince
        next.receivedAt = lane.nowNanoseconds
        command = next
        replay.journal.packets(entry).withUnsafeBytes { retain($0) }
    }

    /// An entry of the journal is about to be sent.
    func prepareReplay(on server: ServerConnection) {
        guard let replay, replay.journal.entries.indices.contains(replay.index) else { return }
        replay.journal.checksum.begin()
        server.watchesReplies = true
        server.didAttemptFail = false
        let entry = replay.journal.entries[replay.index]
        guard entry.insertIDCount > 0 else { return }
        // Where nobody else made numbers it makes the same anyway. An id that a statement did not use would be used by one
        // behind it (seen on 10.11): so it is only given to a statement that showed that it needs one.
        guard replay.forcesInsertID else { return server.sendAhead(Self.replaySavepoint) }
        server.sendAhead(Self.replayUndo)
        server.sendAhead(Array("SET @@session.insert_id=\(entry.insertID)".utf8))
    }

    private static let replaySavepoint = Array("SAVEPOINT switchyard_replay".utf8)
    private static let replayUndo = Array("ROLLBACK TO SAVEPOINT switchyard_replay".utf8)

    /// The reply to it is complete.
    func replayAnswered(_ server: ServerConnection) {
        guard let replay else { return }
        server.watchesReplies = false
        replay.waitingSince = command.waitingSince
        // It turned out on this node that it cannot be.
        if let refusal = replay.journal.refusal { return replayFailed(refusal) }
        if server.didAttemptFail { return replayFailed(.notComparable) }
        let entry = replay.journal.entries[replay.index]
        guard state.isInTransaction, transactionServer === server, replay.journal.isSame(as: entry) else {
            return replayFailed(.differentResult)
        }
        guard replay.journal.hasSameInsertIDs(as: entry) else {
            guard entry.insertIDCount == 1, !replay.forcesInsertID else { return replayFailed(.differentResult) }
            replay.forcesInsertID = true
            return replayNext()
        }
        replay.forcesInsertID = false
        replay.index += 1
        replayNext()
    }

    // MARK: Ending

    private func replayEnded() {
        guard let replay else { return }
        guard state.isInTransaction, transactionServer != nil else { return replayFailed(.differentResult) }
        self.replay = nil
        cluster.replayEnded()
        cluster.link.failover.transactionReplayed()
        guard let own = replay.command else { return becomeIdle() }
        takeBack(own, replay.request)
        command.decision = RoutingDecision(target: .transaction, reason: .insideTransaction, isRepeatable: false)
        phase = .running
        routeRetained()
    }

    /// The client's own command is at hand again.
    private func takeBack(_ own: RunningCommand, _ packets: [UInt8]) {
        command = own
        command.waitingSince = 0
        packets.withUnsafeBytes { request.replace(with: $0) }
        command.isRetained = true
    }

    /// The client did nothing meanwhile.
    private func becomeIdle() {
        current = nil
        command.purpose = .client
        request.removeAll(keeping: FrontendLimits.keptRequestBytes)
        noteHoldEnd()
        phase = .idle
        if endsAfterCommand || cluster.endsIdle(self) { return client.end() }
        // Half a command is looked at again, and has its time anew.
        awaitsRest = false
        armIdleDeadline()
        takeCommands()
    }

    /// The primary that it was repeated on is gone too, or is none any more: it is begun anew on the next.
    func replayInterrupted() {
        guard let replay else { return }
        state.transactionLost()
        replay.waitingSince = command.waitingSince
        leaveWaiting()
        guard replay.attempts < cluster.link.settings.replayAttempts else { return replayFailed(.attempts) }
        replay.attempts += 1
        replay.beginAnew()
        replayNext()
    }

    /// A node that is read-only by now refused an entry: the transaction waits for the next primary.
    func replayRefusedByNode(_ reason: WaitReason) {
        guard let replay else { return }
        state.transactionLost()
        replay.waitingSince = command.waitingSince
        replay.beginAnew()
        leaveWaiting()
        takeUpEntry(of: replay)
        current = nil
        wait(reason)
    }

    /// It came to nothing: what it did is rolled back, and the client runs it again.
    func replayFailed(_ reason: ReplayRefusal, _ detail: String? = nil) {
        guard let replay else { return }
        self.replay = nil
        cluster.replayEnded()
        cluster.link.failover.replayRefused(reason)
        leaveWaiting()
        if let server = transactionServer ?? current {
            forget(server)
            server.close()
        }
        state.transactionLost()
        let error = ProxyError.transactionLost(
            node: replay.node,
            cause: "\(replay.cause), and it could not be repeated elsewhere: \(detail ?? reason.text)")
        guard let own = replay.command else {
            lossToTell = error
            forgetJournal()
            return becomeIdle()
        }
        takeBack(own, replay.request)
        phase = .running
        giveUpTransaction(error)
    }

    /// The session ends: nobody waits for the transaction.
    func abandonReplay() {
        guard replay != nil else { return }
        replay = nil
        cluster.replayEnded()
    }
}

extension LaneCluster {
    /// One transaction less that others wait for.
    func replayEnded() {
        if link.replays.ended() { wakeSoon() }
    }

    /// Whether what begins now must wait until interrupted transactions are where they were.
    var replaysGoFirst: Bool { lane.nowMilliseconds < replaysFirstUntil && link.replays.isUp }
}
