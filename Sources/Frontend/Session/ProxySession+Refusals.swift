// Errors with which a server says that it did not run a statement because of what it is: read-only, or about to go.
//
// The client does not hear of them. An autocommit statement waits for the next primary and is sent there; a transaction is
// repeated. When a new primary reigns, what still runs on the former one is ended there: such an end tells the same.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// Whether this error, the first packet of a reply, is about the node, and the statement can be run on another.
    func isRefusedByNode(_ server: ServerConnection, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard mode != .replica, server === transactionServer || server === main, !command.wasAnswered,
            !command.hadRows, command.isRetained, let code = ErrorPacket.code(of: payload)
        else { return false }
        // A reader's own refusals are replies like others.
        if command.purpose == .replay {
            return server === main && (saysReadOnly(code, payload) || Self.endings.contains(code))
        }
        guard command.purpose == .client, server.endsAtOnce else { return false }
        if server === main && state.isInTransaction && server === transactionServer {
            guard mayReplay() else { return false }
            command.isDeadlocked = retriesDeadlock(code)
            return command.isDeadlocked || saysReadOnly(code, payload) || endsByNode(code, server)
        }
        guard server === main, !state.isInTransaction, isUndoneAsWhole,
            state.pins.isDisjoint(with: .lostWithConnection), command.statement?.hold == nil
        else { return false }
        return saysReadOnly(code, payload) || (command.isInterrupted && code == ProxyError.interrupted.code)
    }

    /// One statement, of which nothing is left when it fails.
    var isUndoneAsWhole: Bool {
        let traits = command.traits
        guard traits.statementCount == 1, !command.isUnread, traits.effects.isDisjoint(with: .executesText) else {
            return false
        }
        switch traits.kind {
        case .call, .beginNotAtomic, .executeImmediate, .execute, .unknown, .load: return false
        default: return true
        }
    }

    /// 1290 stands for other options, too: the words say which (MariaDB 10.11 and 11.8, MySQL 9.7).
    private func saysReadOnly(_ code: UInt16, _ payload: UnsafeRawBufferPointer) -> Bool {
        if code == ErrorCode.readOnlyMode.rawValue { return true }
        guard code == ErrorCode.optionPreventsStatement.rawValue else { return false }
        return payload.contains(word: "read-only", ignoringCase: false)
            || payload.contains(word: "read_only", ignoringCase: false)
    }

    /// ER_LOCK_DEADLOCK: the server has rolled the transaction back. It is repeated where the settings say so.
    private func retriesDeadlock(_ code: UInt16) -> Bool {
        code == ErrorCode.lockDeadlock.rawValue && cluster.link.settings.retryDeadlocks
            && command.deadlocks < cluster.link.settings.replayAttempts
    }

    /// The connection ends, and with it the transaction.
    static let endings: Set<UInt16> = [
        ErrorCode.serverShutdown.rawValue, ErrorCode.connectionKilled.rawValue,
    ]

    /// Whether the server ends the transaction: not because a KILL of a client's asked for it.
    private func endsByNode(_ code: UInt16, _ server: ServerConnection) -> Bool {
        if command.isInterrupted && code == ProxyError.interrupted.code { return true }
        if command.isInterrupted { return Self.endings.contains(code) && !command.mayEndTransaction }
        return Self.endings.contains(code) && !server.isRetired && !command.mayEndTransaction
    }

    /// The error's reply is complete; the client did not get it.
    func refusedByNode(_ server: ServerConnection) {
        command.wasRefused = false
        let name = server.entry.name
        if command.isDeadlocked { return repeatAfterDeadlock(on: server) }
        let reason = "\(name) is read-only by now"
        refusedAt = (version: cluster.table.version, milliseconds: lane.nowMilliseconds)
        cluster.link.probeNow(server.entry.id)
        cluster.link.failover.writeRetried()
        if command.purpose == .replay {
            forget(server)
            server.close()
            return replayRefusedByNode(.noPrimary(reason))
        }
        if state.isInTransaction {
            // What is open there is rolled back.
            forget(server)
            server.close()
            phase = .waiting
            return transactionInterrupted(node: name, cause: reason)
        }
        if command.isInterrupted {
            // A KILL names its thread.
            forget(server)
            server.close()
        }
        current = nil
        command.beginsAgain()
        wait(.noPrimary(reason))
    }

    /// The transaction was the victim of a deadlock, and is begun anew on the same node.
    private func repeatAfterDeadlock(on server: ServerConnection) {
        command.isDeadlocked = false
        command.deadlocks += 1
        forget(server)
        server.release()
        phase = .waiting
        transactionInterrupted(node: server.entry.name, cause: "it was the victim of a deadlock")
    }

    /// Whether a result says that something is committed which our own KILL may have made a former primary say: a wait for
    /// the acknowledgement of a replica ends so, and the commit goes on (MariaDB 10.11).
    func mayBeOnFormerPrimaryOnly(_ server: ServerConnection, _ event: ResponseEvent) -> Bool {
        guard command.isInterrupted, command.purpose == .client, event == .ok || event == .endOfRows,
            !isCurrentPrimary(server), !server.replyStatus.contains(.moreResultsExist)
        else { return false }
        return state.mayCommit(
            command.traits, failed: false, transactionIsOpen: server.replyStatus.contains(.inTransaction))
    }

    /// The client hears that in the place of the result's end.
    func tellUnknownOutcome(_ server: ServerConnection, sequence: UInt8) {
        let cause = "it was ended there because \(Self.noPrimaryAnyMore)"
        noteUnknownOutcome(state.isInTransaction ? .commit : .autocommit, on: server, cause)
        cluster.link.counters.proxyErrorGiven()
        client.answer(with: .outcomeUnknown(node: server.entry.name, cause: cause), sequence: sequence)
    }

    /// Whether the node that just refused a statement is still the one that it would be sent to.
    var isRefusalFresh: Bool {
        guard let refusedAt else { return false }
        return refusedAt.version == cluster.table.version
            && lane.nowMilliseconds < refusedAt.milliseconds + FrontendLimits.refusedAgainMilliseconds
    }

    // MARK: A new reign

    /// Another primary reigns: nothing of this session's is waited for on the former one.
    func leaveFormerReign() {
        guard mode != .replica, let main, cluster.table.gate.isOpen, !isCurrentPrimary(main) else { return }
        let isInside = state.isInTransaction && main === transactionServer
        switch phase {
        case .idle where isInside && mayReplay(hasCommand: false):
            forget(main)
            main.close()
            transactionInterrupted(node: main.entry.name, cause: Self.noPrimaryAnyMore)
        case .running where current === main && command.wasSent && !command.wasAnswered && command.purpose == .client:
            if isInside && !command.mayEndTransaction && mayReplay() { return main.leave(Self.noPrimaryAnyMore) }
            if command.countsAsWrite || isInside { interrupt(main) }
        // What is not whole there was not run, and is not to be.
        case .streaming, .receivingFile:
            if current === main { main.leave(Self.noPrimaryAnyMore) }
        case .running where current === main && command.purpose == .replay: main.leave(Self.noPrimaryAnyMore)
        default: break
        }
    }

    static let noPrimaryAnyMore = "it is not the primary any more"

    /// Ends what runs on a former primary. It may wait there for a lock that only the end of a switchover gives back.
    func interrupt(_ server: ServerConnection) {
        guard timeoutKill == .none, !command.isInterrupted else { return }
        command.isInterrupted = true
        killRunning(server)
    }
}
