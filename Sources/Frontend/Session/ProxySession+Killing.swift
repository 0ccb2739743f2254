// KILL: who asks, who may, and what becomes of the session that is named.
internal import Backend
internal import Network
internal import SQL
internal import Topology
internal import Wire

/// Who kills.
struct Killer: Sendable {
    let id: UInt32
    let user: String
    /// Whether others' sessions too; nil when nobody asked yet.
    let mayKillOthers: Bool?
}

/// What a lane did about a KILL.
struct KillResult: Sendable {
    /// Sessions that it names.
    var found = 0
    /// Some of them are of other users.
    var needsPrivilege = false
    var failure: String?
}

extension ProxySession {
    // MARK: Asking

    /// A text that kills. False when a server must say what is wrong with it.
    func killAsked(_ text: UnsafeRawBufferPointer, _ traits: StatementTraits) -> Bool {
        let reading: KillStatement.Reading =
            traits.statementCount == 1 ? KillStatement.read(text, mode: state.sqlMode) : .expression
        switch reading {
        case .syntaxError: return false
        case .expression:
            refuse(
                .notServed(
                    "Switchyard serves KILL as a statement of its own, with a number, CONNECTION_ID() or a user: an "
                        + "expression would be evaluated by a server, whose ids are others"))
        case .kill(let statement): perform(statement, mayKillOthers: nil)
        }
        return true
    }

    /// - Parameter mayKillOthers: nil when it is not known yet: it is asked when it matters.
    func perform(_ statement: KillStatement, mayKillOthers: Bool?) {
        switch statement.victim {
        case .own: return killSelf(isQueryOnly: statement.isQueryOnly)
        case .connection(UInt64(client.id)): return killSelf(isQueryOnly: statement.isQueryOnly)
        case .statement(let id): return refuse(.unknownQuery(id))
        case .connection, .user, .ownUser: break
        }
        phase = .asking
        let killer = Killer(id: client.id, user: identity.user, mayKillOthers: mayKillOthers)
        cluster.link.lanes.ask(from: lane) { cluster, answer in
            cluster.kill(statement, by: killer, then: answer)
        } then: { [self] results in
            killAnswered(statement, mayKillOthers: mayKillOthers, results)
        }
    }

    private func killSelf(isQueryOnly: Bool) {
        if isQueryOnly { return refuse(.interrupted) }
        refuseAndEnd(state.sqlMode.dialect == .mariaDB ? .connectionKilled : .interrupted)
    }

    private func killAnswered(_ statement: KillStatement, mayKillOthers: Bool?, _ results: [KillResult]) {
        guard phase == .asking else { return }
        phase = .running
        let found = results.reduce(0) { $0 + $1.found }
        if results.contains(where: \.needsPrivilege) {
            if mayKillOthers == nil {
                return askPrivileges(then: .kill(statement), replySequence: command.replySequence)
            }
            if case .connection(let id) = statement.victim { return refuse(.notOwner(id)) }
            if found == 0 { return refuse(.notOwner(UInt64(client.id))) }
        }
        if case .connection(let id) = statement.victim, found == 0 { return refuse(.unknownConnection(id)) }
        if let failure = results.lazy.compactMap(\.failure).first { return refuse(.killFailed(failure)) }
        if names(statement.victim, identity.user, client.peerHost) {
            // Its own session is among them, and hears of it first.
            if !statement.isQueryOnly { endsAfterCommand = true }
            return answerOK(affectedRows: UInt64(found + 1))
        }
        if case .connection = statement.victim { return answerOK() }
        answerOK(affectedRows: UInt64(found))
    }

    /// Whether a `KILL USER` names this user.
    fileprivate func names(_ victim: KillStatement.Victim, _ asker: String, _ askerHost: String) -> Bool {
        switch victim {
        case .user(let name, let host): identity.user == name && (host == nil || host == "%" || host == client.peerHost)
        case .ownUser: identity.user == asker
        case .own, .connection, .statement: false
        }
    }

    // MARK: Being named

    /// Ends what runs here, or the whole session. `then` hears why the server did not do it, nil when all is done.
    func kill(isQueryOnly: Bool, then: @escaping ServerThreadKiller.Completion) {
        switch phase {
        case .running, .streaming, .receivingFile:
            guard let current, command.wasSent else {
                if !isQueryOnly { client.end() }
                return then(nil)
            }
            let ordinal = statementsAnswered
            // From here on an end of it is what the client asked for.
            command.isInterrupted = false
            // It may end by itself while the KILL is on its way: the one after it is not meant.
            cluster.killThread(
                of: current, account: account, traits: traits, origin: connectionOrigin, isQueryOnly: isQueryOnly,
                isStillWanted: { [weak self] in
                    // Sent to another server meanwhile, it is not that thread's any more.
                    !isQueryOnly
                        || self.map {
                            $0.statementsAnswered == ordinal && $0.phase != .ended && $0.current === current
                        } ?? false
                }, then: then)
            // A server closes without a word too.
            if !isQueryOnly { client.end() }
        case .waiting:
            if isQueryOnly { interruptWaiting() } else { client.end() }
            then(nil)
        case .idle, .yielding, .asking, .ended:
            if !isQueryOnly { client.end() }
            then(nil)
        }
    }

    /// The client is gone, and its statement still runs: it is ended too, where the settings say so.
    func killOrphan() {
        guard cluster.link.settings.killOnDisconnect, command.isCounted, let current, current.isReady else { return }
        cluster.killThread(
            of: current, account: account, traits: traits, origin: connectionOrigin, isQueryOnly: false,
            isStillWanted: { true }, then: { _ in })
    }

    /// The statement was not sent yet: it is as if the server had been told.
    private func interruptWaiting() {
        guard command.purpose == .client else { return }
        current = nil
        refuse(.interrupted)
    }
}

extension LaneCluster {
    /// Kills what a statement names on this lane. `then` is called once, on the lane.
    func kill(_ statement: KillStatement, by killer: Killer, then: @escaping (KillResult) -> Void) {
        var result = KillResult()
        var victims: [ProxySession] = []
        for session in sessions(named: statement.victim, by: killer) where session.client.id != killer.id {
            if session.identity.user != killer.user && killer.mayKillOthers != true {
                result.needsPrivilege = true
            } else {
                victims.append(session)
            }
        }
        // Nothing is done by halves while it is to be asked what the account may do.
        guard !victims.isEmpty, !result.needsPrivilege || killer.mayKillOthers != nil else {
            result.found = victims.count
            return then(result)
        }
        result.found = victims.count
        var outstanding = victims.count
        for victim in victims {
            victim.kill(isQueryOnly: statement.isQueryOnly) { failure in
                if let failure { result.failure = failure.text }
                outstanding -= 1
                if outstanding == 0 { then(result) }
            }
        }
    }

    private func sessions(named victim: KillStatement.Victim, by killer: Killer) -> [ProxySession] {
        switch victim {
        case .connection(let id): UInt32(exactly: id).flatMap(session).map { [$0] } ?? []
        case .user, .ownUser: allSessions.filter { $0.names(victim, killer.user, "") }
        case .own, .statement: []
        }
    }

    /// Ends what runs on a server connection, by another connection of the same account.
    func killThread(
        of server: ServerConnection, account: BackendAccount, traits: ConnectionTraits, origin: ConnectionOrigin,
        isQueryOnly: Bool, isStillWanted: @escaping () -> Bool, then: @escaping ServerThreadKiller.Completion
    ) {
        guard server.threadID != 0 else { return then(nil) }
        guard killers.count < FrontendLimits.killsAtOnce else {
            return then(KillFailure(text: "\(FrontendLimits.killsAtOnce) others are being killed"))
        }
        server.retire()
        var finished: ObjectIdentifier?
        let killer = ServerThreadKiller(
            threadID: server.threadID, origin: origin, isQueryOnly: isQueryOnly, now: lane.nowMilliseconds,
            isStillWanted: isStillWanted
        ) { [weak self] failure in
            self?.killers.removeAll { ObjectIdentifier($0) == finished }
            then(failure)
        }
        finished = ObjectIdentifier(killer)
        killers.append(killer)
        let acquisition = pool.acquire(
            table.entry(server.entry.id) ?? server.entry, epoch: table.epoch, account: account, traits: traits,
            isReadOnly: false, hasSchema: true, beyondLimit: FrontendLimits.killConnections, for: killer)
        switch acquisition {
        case .connection(let connection): killer.use(connection)
        case .limitReached: killer.giveUp("\(server.entry.name) has as many connections as it may have")
        case .failed(let reason): killer.giveUp(reason)
        }
    }

    /// A server that does not answer a KILL must not hold those who wait for it.
    func giveUpKillers(_ now: UInt64) {
        guard let oldest = killers.first, now > oldest.startedAtMilliseconds + FrontendLimits.killMilliseconds else {
            return
        }
        for killer in killers where now > killer.startedAtMilliseconds + FrontendLimits.killMilliseconds {
            killer.giveUp("the server did not answer within \(FrontendLimits.killMilliseconds) ms")
        }
    }
}
