// A commit that was sent and not answered. Instead of "nobody knows", the next primary is asked what it has.
//
//      lost ──▶ waiting for another reign ──▶ asking its primary ──▶ it is there: OK, or 9516 for what answers more
//                     │                            │             ├──▶ it is not: done again, or 9505
//                     └── too long ────────────────┴── no proof ─┴──▶ 9504
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

/// What is to be found out, and for whom.
final class CommitInDoubt {
    let kind: OutcomeKind
    let doubt: CommitLedger.Doubt
    /// The primary that it was sent to, and its reign.
    let server: ServerConnection
    let cause: String
    let unixMilliseconds: Int64
    /// Lane milliseconds at which the connection was lost.
    let since: UInt64
    /// The gate was closed meanwhile.
    var sawGateClosed = false
    /// The new primary's answer is owed, on the session's `current`.
    var isAsked = false

    init(
        _ kind: OutcomeKind, _ doubt: CommitLedger.Doubt, server: ServerConnection, cause: String,
        unixMilliseconds: Int64, since: UInt64
    ) {
        self.kind = kind
        self.doubt = doubt
        self.server = server
        self.cause = cause
        self.unixMilliseconds = unixMilliseconds
        self.since = since
    }

    var node: String { server.entry.name }
    var epoch: UInt64 { server.epoch }
}

/// What a server says of the open transaction's writes.
enum WritesTold {
    case nothing, none, some

    /// Eight characters: `T`, then reads and writes, of tables without and with transactions.
    /// https://dev.mysql.com/doc/refman/8.4/en/session-state-tracking.html
    init(_ text: UnsafeRawBufferPointer) {
        guard text.count > 4, text[0] != UInt8(ascii: "_") else {
            self = .nothing
            return
        }
        self = text[3] == UInt8(ascii: "w") || text[4] == UInt8(ascii: "W") ? .some : .none
    }
}

extension ProxySession {
    // MARK: Losing an answer

    /// The connection is gone. If the command at hand was to commit something there, others who are in doubt must know.
    func noteLoss(of server: ServerConnection) {
        lostCommit = nil
        guard server === current, server === main, mode != .replica, command.purpose == .client, command.wasSent,
            !command.isAnsweredFully, mayCommitNow(on: server)
        else { return }
        // By a number that the session chose itself nothing is found.
        let isFindable = !state.choosesNumbers
        let doubt = CommitLedger.Doubt(behind: command.takenBefore, takesOneNumber: takesOneNumber && isFindable)
        if cluster.link.ledgers.add(doubt, epoch: server.epoch), isFindable { lostCommit = doubt }
    }

    private func mayCommitNow(on server: ServerConnection) -> Bool {
        if server === transactionServer && state.isInTransaction { return command.mayEndTransaction }
        return !command.decision.isRepeatable && (command.isUnread || state.mayHaveWritten(command.traits))
    }

    /// Whether the command at hand is one transaction at most, and undone as a whole when it fails.
    var takesOneNumber: Bool {
        let traits = command.traits
        let several: StatementEffects = [.multiStatement, .executesText, .callsUnknownFunction]
        guard traits.statementCount == 1, !command.isUnread, traits.effects.isDisjoint(with: several) else {
            return false
        }
        switch traits.kind {
        case .insert, .replace, .update, .delete, .commit: return true
        default: return false
        }
    }

    /// The command at hand was to commit something, and its answer is lost: what became of it is asked.
    func outcomeInDoubt(
        _ kind: OutcomeKind, on server: ServerConnection, _ failure: ServerFailure, lost: SessionPins,
        wroteNothing: Bool
    ) {
        if wroteNothing && lost.isEmpty {
            // With or without it, nothing is changed.
            forgetJournal()
            current = nil
            return answerOK()
        }
        // It may have no position that is known, and others may be told of it, too.
        state.outcomeBecameUnknown()
        cluster.link.newest.noteUnknownWrite()
        let begun = CommitInDoubt(
            kind, lostCommit ?? CommitLedger.Doubt(behind: 0, takesOneNumber: false), server: server,
            cause: failure.text, unixMilliseconds: cluster.nowUnixMilliseconds, since: lane.nowMilliseconds)
        guard lost.isEmpty, lostCommit != nil, phase == .running, command.isRetained else {
            forgetJournal()
            let evidence = "nothing is kept of such a statement by which it could be found"
            noteOutcome(begun, .unknown, evidence)
            let error = ProxyError.outcomeUnknown(node: begun.node, cause: begun.cause)
            return lost.isEmpty ? refuseStreaming(error) : refuseAndEnd(error)
        }
        command.beginsAgain()
        command.isInterrupted = false
        command.isTimedOut = false
        command.waitingSince = 0
        if command.hasWishes { command.wishes.endsAtMilliseconds = nil }
        doubt = begun
        lookIntoDoubt()
    }

    // MARK: Finding out

    /// Takes the next step: whenever the session would otherwise route the command at hand.
    func lookIntoDoubt() {
        guard let doubt else { return }
        doubt.isAsked = false
        current = nil
        guard case .open(let epoch, let primary) = cluster.table.gate, epoch != doubt.epoch else {
            return awaitAnotherReign(doubt)
        }
        // Those of its own entry: the settings may not name the node any more.
        if let finding = cluster.link.ledgers.finding(
            on: doubt.doubt, of: doubt.epoch, in: epoch, inFlight: doubt.server.entry.load.inFlight)
        {
            return found(finding, doubt)
        }
        if cluster.table.entry(primary)?.appliesFromOthers == true {
            return wait(.noPrimary("\(cluster.table.primary?.name ?? "") still applies what it received"))
        }
        switch placeOnMain() {
        case .server(let server): ask(server, doubt)
        case .wait(let reason): wait(reason)
        case .refuse(let error), .end(let error): outcomeStaysUnknown(error.message)
        case .interrupted(let node): outcomeStaysUnknown("the connection to \(node) is gone")
        }
    }

    /// As long as the primary is the one that it was sent to, it may be done there yet.
    private func awaitAnotherReign(_ doubt: CommitInDoubt) {
        guard cluster.table.gate.isOpen else {
            doubt.sawGateClosed = true
            return wait(.noPrimary(gateReason))
        }
        guard !doubt.sawGateClosed, lane.nowMilliseconds < doubt.since + FrontendLimits.doubtInOneReignMilliseconds
        else { return outcomeStaysUnknown("\(doubt.node) is still the primary, where it may be done or not") }
        wait(.noPrimary("\(doubt.node) was lost"))
    }

    private func ask(_ server: ServerConnection, _ doubt: CommitInDoubt) {
        leaveWaiting()
        phase = .waiting
        current = server
        client.setDeadline(milliseconds: doubt.since + cluster.link.settings.holdTimeoutMilliseconds)
        guard server.isReady, !server.owesMany else { return }
        doubt.isAsked = true
        if lastWithRows === server {
            lastWithRows = nil
            foundRowsAreGone = true
        }
        server.ask(Arrival.question(positionFlavor))
    }

    /// The new primary answered.
    func doubtAnswered(_ server: ServerConnection) {
        guard let doubt else { return }
        if isCurrentPrimary(server) {
            guard
                let arrival = Arrival(
                    server.answeredValue, positionFlavor, node: server.entry.name, epoch: server.epoch)
            else { return outcomeStaysUnknown("\(server.entry.name) did not tell what it has") }
            cluster.link.ledgers.arrived(arrival, at: server.entry.id, of: doubt.epoch)
        }
        lookIntoDoubt()
    }

    /// The connection on which it is asked failed.
    func doubtQuestionFailed(on server: ServerConnection, _ failure: ServerFailure) {
        doubt?.isAsked = false
        switch failure {
        case .refused(let code, _, _) where !Self.passingRefusals.contains(code): outcomeStaysUnknown(failure.text)
        case .loginUnsupported, .stateRefused: outcomeStaysUnknown(failure.text)
        case .refused, .unreachable, .lost, .nonsense:
            wait(.noConnection(node: server.entry.name, reason: failure.text))
        }
    }

    // MARK: Telling

    private func found(_ finding: CommitLedger.Finding, _ doubt: CommitInDoubt) {
        switch finding.verdict {
        case .notYet: wait(.noPrimary(finding.evidence))
        case .unknown: outcomeStaysUnknown(finding.evidence)
        case .committed: wasCommitted(doubt, finding.evidence)
        case .notCommitted: wasNotCommitted(doubt, finding.evidence)
        }
    }

    private func wasCommitted(_ doubt: CommitInDoubt, _ evidence: String) {
        endDoubt(doubt, .committed, evidence)
        forgetJournal()
        if command.traits.kind == .commit && command.traits.transaction == .commit { return answerOK() }
        refuse(.answerLost(node: doubt.node, on: cluster.table.primary?.name ?? "the new primary"))
    }

    private func wasNotCommitted(_ doubt: CommitInDoubt, _ evidence: String) {
        endDoubt(doubt, .notCommitted, evidence)
        if doubt.kind == .commit {
            phase = .waiting
            return transactionInterrupted(node: doubt.node, cause: doubt.cause)
        }
        guard isUndoneAsWhole, command.statement?.hold == nil else {
            forgetJournal()
            return refuse(.transactionLost(node: doubt.node, cause: doubt.cause))
        }
        cluster.link.failover.writeRetried()
        phase = .running
        routeRetained()
    }

    /// Nothing says what became of it, or not in time: the client is told so.
    func outcomeStaysUnknown(_ evidence: String) {
        guard let doubt else { return }
        endDoubt(doubt, .unknown, evidence)
        forgetJournal()
        refuse(.outcomeUnknown(node: doubt.node, cause: doubt.cause, evidence: evidence))
    }

    private func endDoubt(_ doubt: CommitInDoubt, _ verdict: OutcomeVerdict, _ evidence: String) {
        self.doubt = nil
        leaveWaiting()
        current = nil
        armIdleDeadline()
        noteOutcome(doubt, verdict, evidence)
    }

    /// The session ends: nobody waits for the verdict.
    func abandonDoubt() {
        guard let doubt else { return }
        self.doubt = nil
        noteOutcome(doubt, .unknown, "the client did not wait for the verdict")
    }

    private func noteOutcome(_ doubt: CommitInDoubt, _ verdict: OutcomeVerdict, _ evidence: String) {
        switch verdict {
        case .unknown: cluster.link.failover.outcomeUnknown()
        case .committed: cluster.link.failover.outcomeDecided(committed: true)
        case .notCommitted, .replayed: cluster.link.failover.outcomeDecided(committed: false)
        }
        cluster.link.outcomes.add(
            OutcomeRecord(
                connectionID: client.id, user: identity.user, unixMilliseconds: doubt.unixMilliseconds,
                node: doubt.node, epoch: doubt.epoch, kind: doubt.kind, statement: shownStatement.array,
                verdict: verdict, evidence: "\(doubt.cause); \(evidence)"))
    }
}
