// What a session does when a server connection fails.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure) {
        guard phase != .ended else { return }
        noteLoss(of: server)
        let wroteNothing = commitIsNothing(on: server)
        let wasYielding = phase == .yielding && server === main
        if wasYielding { phase = .idle }
        let wasCurrent = server === current
        let wasMain = server === main
        let lost = wasMain ? state.pins.intersection(.lostWithConnection) : []
        let wasInTransaction = server === transactionServer && state.isInTransaction
        let hadVariables = server === variablesReader
        if wasCurrent && command.isCounted {
            command.isCounted = false
            if server.wasLeft { server.entry.load.abandoned() } else { server.entry.load.failed() }
        }
        forget(server)
        if wasInTransaction { state.transactionLost() }
        if hadVariables { return client.end() }
        guard wasCurrent else {
            if wasInTransaction && lost.isEmpty && (phase == .idle || phase == .waiting) {
                return transactionInterrupted(node: server.entry.name, cause: failure.text)
            }
            if wasInTransaction && lost.isEmpty && phase == .asking {
                forgetJournal()
                lossToTell = .transactionLost(node: server.entry.name, cause: failure.text)
                return
            }
            // Nothing was at hand. What only this connection knew is gone: the client must hear of it, as it would
            // if the server itself were its peer.
            if wasInTransaction || !lost.isEmpty { return endAfterLoss() }
            if wasYielding { yieldingEnded() }
            return
        }
        // The client has its answer, but what its SET changed was still to be told: nobody knows the session's state.
        if command.awaitsReport && command.isAnsweredFully { return client.end() }
        commandFailed(
            server, failure, lost: lost, wasInTransaction: wasInTransaction, wroteNothing: wroteNothing)
    }

    /// What may have been committed has no position, and others may be told of it, too.
    func noteUnknownOutcome(_ kind: OutcomeKind, on server: ServerConnection, _ cause: String) {
        state.outcomeBecameUnknown()
        cluster.link.newest.noteUnknownWrite()
        cluster.link.failover.outcomeUnknown()
        cluster.link.outcomes.add(
            OutcomeRecord(
                connectionID: client.id, user: identity.user, unixMilliseconds: cluster.nowUnixMilliseconds,
                node: server.entry.name, epoch: server.epoch, kind: kind, statement: shownStatement.array,
                verdict: .unknown, evidence: cause))
    }

    /// Whether the open transaction is known to have changed nothing, so that its COMMIT does not matter.
    private func commitIsNothing(on server: ServerConnection) -> Bool {
        guard command.traits.kind == .commit, command.traits.transaction == .commit else { return false }
        // On a replica, transactions are read-only.
        if server !== main && mode != .replica { return true }
        return writesTold == .none && !state.wroteInTransaction
    }

    private func endAfterLoss() {
        if phase == .idle { return client.end() }
        endsAfterCommand = true
    }

    private func commandFailed(
        _ server: ServerConnection, _ failure: ServerFailure, lost: SessionPins, wasInTransaction: Bool,
        wroteNothing: Bool
    ) {
        let node = server.entry.name
        if doubt != nil { return doubtQuestionFailed(on: server, failure) }
        if command.purpose == .replay { return replayFailed(on: server, failure) }
        // Nothing may be answered where no answer is expected: the next command will be.
        if dropsStream && (phase == .streaming || phase == .receivingFile) { return client.end() }
        if command.replyKind == .none && !command.streams && command.wasSent {
            return lost.isEmpty ? finishCommand() : client.end()
        }
        if partial?.isDifferent == true { return repetitionFailed(on: server, mayGoOn: lost.isEmpty) }
        if command.wasAnswered,
            !lost.isEmpty || !mayContinueResult(of: server, failure, wasInTransaction: wasInTransaction)
        {
            return resultBroke(
                server, failure, mayGoOn: lost.isEmpty && !wasInTransaction && command.decision.isRepeatable)
        }
        if wasInTransaction {
            // Whether a COMMIT that was on its way took effect, nobody can tell: "run it again" would write twice.
            guard command.wasSent && command.mayEndTransaction else {
                if lost.isEmpty && phase != .streaming && phase != .receivingFile {
                    if command.wasSent && !server.wasLeft { command.interruptions += 1 }
                    return transactionInterrupted(node: node, cause: failure.text)
                }
                forgetJournal()
                let error = ProxyError.transactionLost(node: node, cause: failure.text)
                return lost.isEmpty ? refuseStreaming(error) : refuseAndEnd(error)
            }
            return outcomeInDoubt(.commit, on: server, failure, lost: lost, wroteNothing: wroteNothing)
        }
        if !lost.isEmpty {
            return refuseAndEnd(.sessionLost(node: node, cause: failure.text, state: lost.names))
        }
        if command.wasSent && command.code == .query && command.onlyRollsBack {
            // No transaction was open: there is nothing to undo, wherever.
            current = nil
            return answerOK()
        }
        if command.wasSent && !command.decision.isRepeatable && !leavesNothingBehind {
            return outcomeInDoubt(.autocommit, on: server, failure, lost: lost, wroteNothing: false)
        }
        tryElsewhere(server, failure)
    }

    /// Whether the command at hand changes nothing but its connection, which is gone: a BEGIN, a read that locks.
    var leavesNothingBehind: Bool {
        guard command.isRetained, !command.isUnread, command.statement?.hold == nil,
            command.traits.effects.isDisjoint(with: [.selectInto, .readsLastInsertID, .readsLastSequenceValue])
        else { return false }
        return !state.mayHaveWritten(command.traits) || beginsTransactionSilently
    }

    /// Whether it is the first of a transaction that goes with its connection: `autocommit` is off.
    private var beginsTransactionSilently: Bool {
        guard state.pins.contains(.autocommitOff), !command.mayEndTransaction, command.traits.statementCount == 1,
            let nextJournal, nextJournal.refusal == nil
        else { return false }
        switch command.traits.kind {
        case .insert, .replace, .update, .delete: return true
        default: return false
        }
    }

    /// The connection on which a transaction is repeated failed.
    private func replayFailed(on server: ServerConnection, _ failure: ServerFailure) {
        switch failure {
        case .refused(let code, _, _) where !Self.passingRefusals.contains(code):
            cluster.link.accountRefused()
            replayFailed(.attempts, failure.text)
        case .loginUnsupported, .stateRefused: replayFailed(.attempts, failure.text)
        case .lost where command.wasSent, .nonsense where command.wasSent: replayInterrupted()
        case .refused, .unreachable, .lost, .nonsense:
            replayRefusedByNode(.noConnection(node: server.entry.name, reason: failure.text))
        }
    }

    /// Part of a result is with the client: an error packet in the place of the next one says that the rest will not
    /// come. In the middle of a packet nothing can be said any more.
    private func resultBroke(_ server: ServerConnection, _ failure: ServerFailure, mayGoOn: Bool) {
        cluster.link.failover.resultBroken(.notRepeatable)
        guard let sequence = nextSequence(behind: server) else {
            cluster.link.counters.proxyErrorGiven()
            // The client is told nothing; the console is.
            _ = client.noted(.resultBroken(node: server.entry.name, cause: failure.text))
            return client.end()
        }
        command.replySequence = sequence
        let error = ProxyError.resultBroken(node: server.entry.name, cause: failure.text)
        if mayGoOn { refuse(error) } else { refuseAndEnd(error) }
    }

    /// A long command is still on its way in: there is no place for an answer but the end.
    func refuseStreaming(_ error: ProxyError) {
        if phase == .streaming || phase == .receivingFile { return refuseAndEnd(error) }
        refuse(error)
    }

    /// Refusals that are about the node's state, not about the account: too many connections, host blocked, shutting down,
    /// too many of this user.
    static let passingRefusals: Set<UInt16> = [1040, 1053, 1129, 1203, 1226]

    /// What MariaDB and MySQL say of a role that the account does not have.
    private static let roleRefusals: Set<UInt16> = [1959, 3530]

    private var primaryBit: UInt64 {
        cluster.table.primary.map { $0.id.index < Balancer.nodesMaximum ? 1 << UInt64($0.id.index) : 0 } ?? 0
    }

    /// Whether a login that a replica refused may still succeed on the primary.
    private func mayAskPrimary(after server: ServerConnection) -> Bool {
        command.decision.target != .main && primaryBit != 0 && server.entry.id != cluster.table.primary?.id
    }

    /// Whether a replica refused a role that the primary may know.
    private func isLaggingRole(_ code: UInt16, _ server: ServerConnection) -> Bool {
        Self.roleRefusals.contains(code) && mayAskPrimary(after: server)
    }

    /// Whether there is one node only that may run the command at hand: asked again at once, it would fail in the same way.
    private var hasOneNode: Bool {
        switch command.decision.target {
        case .main: true
        case .previous: mode == .primary || asksAndChanges(command.traits)
        case .reader, .transaction, .anyAttached: mode == .primary
        }
    }

    private func tryElsewhere(_ server: ServerConnection, _ failure: ServerFailure) {
        switch failure {
        case .refused(let code, _, _) where Self.passingRefusals.contains(code): break
        case .refused where mayAskPrimary(after: server): break
        case .refused(let code, let sqlState, let message):
            // The proxy let this client in: what it knows of the account is old.
            cluster.link.accountRefused()
            // The server's own words: it knows why this account may not log in.
            return refuse(
                ProxyError(
                    code: code, sqlState: sqlState, message: "\(server.entry.name): \(message)", node: server.entry.name
                ))
        case .loginUnsupported(let text):
            return refuse(ProxyError(code: 1251, sqlState: "08004", message: "\(server.entry.name): \(text)"))
        case .stateRefused(let code, let sqlState, let message)
        where (command.attempts > 0 || hasOneNode) && !isLaggingRole(code, server):
            // The role was dropped or taken from the account: no statement of this session's can be run as what it is,
            // not even another SET ROLE.
            if Self.roleRefusals.contains(code) && server.entry.id == cluster.table.primary?.id {
                return refuseAndEnd(
                    ProxyError(code: code, sqlState: sqlState, message: message, isServers: true))
            }
            return refuse(ProxyError(code: code, sqlState: sqlState, message: message, isServers: true))
        case .stateRefused, .unreachable, .lost, .nonsense: break
        }
        if command.wasSent || command.awaitsPrepare || failure.isOfState { command.attempts += 1 }
        command.beginsAgain()
        // A server that is full says so for all: its connections are waited for like those of any limit.
        if !failure.saysLimitIsReached && server.entry.id.index < Balancer.nodesMaximum {
            command.excluded |= 1 << UInt64(server.entry.id.index)
        }
        // A replica may not have the schema, or the account's new password, yet: the primary knows for certain.
        switch failure {
        case .stateRefused: command.excluded = .max & ~primaryBit
        case .refused(let code, _, _) where !Self.passingRefusals.contains(code):
            command.excluded = .max & ~primaryBit
        case .refused, .unreachable, .lost, .nonsense, .loginUnsupported: break
        }
        guard command.isRetained || (command.streams && phase != .streaming), command.attempts < FrontendLimits.attempts
        else {
            return refuseStreaming(
                .noConnection(node: server.entry.name, reason: failure.text, waitedMilliseconds: 0))
        }
        cluster.link.counters.readRetried()
        phase = .running
        if hasOneNode && !failure.saysLimitIsReached {
            return wait(.noConnection(node: server.entry.name, reason: failure.text))
        }
        routeRetained()
    }
}

extension ServerFailure {
    /// Whether the server did not take over what the session carries from connection to connection: others may refuse it too.
    fileprivate var isOfState: Bool {
        switch self {
        case .stateRefused: true
        case .unreachable, .refused, .loginUnsupported, .lost, .nonsense: false
        }
    }
}

extension StatementTraits {
    /// Whether a transaction that was open in front of the statement may be committed behind it.
    var mayCommitOpenTransaction: Bool {
        switch transaction {
        case .commit, .commitAndChain, .commitAndRelease, .implicitCommit, .autocommitOn, .beginReadWrite,
            .beginReadOnly:
            return true
        case .none, .rollback, .rollbackAndChain, .rollbackAndRelease, .autocommitOff, .setNext,
            .setSessionCharacteristics:
            break
        }
        switch kind {
        case .call, .beginNotAtomic, .executeImmediate, .unknown: return true
        default: return !effects.isDisjoint(with: [.multiStatement, .executesText])
        }
    }
}
