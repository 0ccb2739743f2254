// Statements that take too long: the server is told to end them, and the client hears why when the server has done it.
//
// The answer is always the server's: a statement that ended by itself in the last moment is answered as it ended, and so
// nobody has to guess whether a write took effect. While the KILL is under way the session takes no other command, which
// it might hit.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

/// How far the end of a statement that took too long has come.
enum TimeoutKill {
    case none
    /// The server is being told.
    case pending
    /// The statement ended meanwhile, and the session waits for the answer to its KILL.
    case pendingBehindReply

    var isPending: Bool { self == .pending }
}

extension StatementTraits {
    /// Whether it may be ended by its time: one statement that reads or changes rows, and is undone as a whole. Not what
    /// commits, defines, or may do several things one after the other.
    var mayBeTimed: Bool {
        guard !effects.contains(.multiStatement) else { return false }
        switch kind {
        case .select, .values, .table, .with, .insert, .replace, .update, .delete, .show, .describe, .explain,
            .checksum:
            return true
        default: return false
        }
    }
}

extension ProxySession {
    /// From here on the command's time counts, waiting included.
    func beginTiming() {
        let isAsked = command.wishes.timeoutMilliseconds != nil
        let isTimed = command.purpose == .client && command.traits.mayBeTimed
        if isAsked { cluster.hintCounts.add(.timeout, isTimed ? .followed : .notTimed) }
        let allowed = command.wishes.timeoutMilliseconds ?? limits.timeoutMilliseconds
        guard isTimed, allowed > 0 else { return }
        command.wishes.allowedMilliseconds = allowed
        command.wishes.endsAtMilliseconds = lane.nowMilliseconds + allowed
        guard !self.isTimed else { return }
        self.isTimed = true
        cluster.timedSessions.append(self)
    }

    /// Ends the command at hand if its time is over. False when the session needs not be looked at any more.
    func checkTime(_ now: UInt64) -> Bool {
        guard phase != .idle, phase != .ended else { return false }
        guard let end = command.wishes.endsAtMilliseconds, now >= end, timeoutKill == .none else { return true }
        switch phase {
        case .waiting:
            // Nothing was sent that has an effect: it is as if the server had been told.
            current = nil
            refuse(timeoutError)
            return phase != .idle && phase != .ended
        case .running:
            if let current, command.wasSent { killTimedOut(current) }
            return true
        case .streaming, .receivingFile, .yielding, .asking, .idle, .ended: return true
        }
    }

    private func killTimedOut(_ server: ServerConnection) {
        command.isTimedOut = true
        killRunning(server)
    }

    /// Tells the server to end what runs there, which is the command at hand. No other is taken until that is over.
    func killRunning(_ server: ServerConnection) {
        timeoutKill = .pending
        cluster.killThread(
            of: server, account: account, traits: traits, origin: connectionOrigin, isQueryOnly: true,
            isStillWanted: { [weak self] in
                // Answered meanwhile, the session waits in another phase.
                self.map { $0.timeoutKill == .pending && $0.phase == .running && $0.current === server } ?? false
            },
            then: { [weak self] failure in self?.timeoutKillEnded(server, failure) })
    }

    /// The command was answered while the KILL was under way.
    func awaitTimeoutKill() {
        current?.resumeReading()
        current = nil
        timeoutKill = .pendingBehindReply
        phase = .asking
    }

    private func timeoutKillEnded(_ server: ServerConnection, _ failure: KillFailure?) {
        let isBehindReply = timeoutKill == .pendingBehindReply
        timeoutKill = .none
        guard phase != .ended else { return }
        let isOurs = server === main || readers.contains { $0 === server }
        if isOurs && failure?.mayComeLate == true { threadToLeave = server }
        if isBehindReply {
            phase = .running
            return finishCommand()
        }
        guard command.isTimedOut else {
            // It was never told: it is tried again when it is looked at.
            if failure != nil && failure?.mayComeLate != true { command.isInterrupted = false }
            return
        }
        // It may have come too early, or not at all.
        command.wishes.endsAtMilliseconds = lane.nowMilliseconds + FrontendLimits.timeoutKillAgainMilliseconds
    }

    /// The command at hand is answered, and a KILL may still come for the thread that ran it: no other statement may run there.
    /// The connection is closed when it is released, because a KILL names it.
    func leaveThread(_ server: ServerConnection) {
        threadToLeave = nil
        let holdsState = server === main && !state.pins.isDisjoint(with: .lostWithConnection)
        let isInUse = server === transactionServer || server === variablesReader || prepared.holds(server)
        if holdsState || isInUse {
            endsAfterCommand = true
        } else {
            giveBack(server)
        }
    }

    /// Whether an error says that the statement was ended because it took too long.
    func isTimeout(_ payload: UnsafeRawBufferPointer) -> Bool {
        command.isTimedOut && ErrorPacket.code(of: payload) == ProxyError.interrupted.code
    }

    /// What the client hears of it.
    var timeoutError: ProxyError {
        .statementTimedOut(node: command.isTimedOut ? current?.entry.name : nil, command.wishes.allowedMilliseconds)
    }
}

extension LaneCluster {
    /// Looks at the sessions whose statements may take too long.
    func endTimedOut(_ now: UInt64) {
        let batch = timedSessions
        timedSessions.removeAll(keepingCapacity: true)
        for session in batch {
            if session.checkTime(now) { timedSessions.append(session) } else { session.isTimed = false }
        }
    }
}

extension ProxyError {
    /// 9520: the statement took too long.
    static func statementTimedOut(node: String?, _ milliseconds: UInt64) -> ProxyError {
        let what =
            node.map { "it was ended on \($0), as by KILL QUERY; an open transaction goes on" }
            ?? "it was still waiting for a node or a connection, and was not sent"
        return ProxyError(
            code: 9520, sqlState: "70100",
            message: "the statement took longer than \(milliseconds) ms (timeout, switchyard_timeout): \(what)")
    }
}
