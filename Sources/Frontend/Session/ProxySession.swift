// The session that joins a client to servers: one command at a time, from its bytes to the last byte of its reply.
//
// Invariants
//  1. Everything happens on the client's lane.
//  2. At most one command is at hand. While it is, nothing is read from the client, unless it streams.
//  3. `main` is the one connection that may write; its epoch is the table's whenever a write is sent on it.
//  4. A command is sent again only if the client saw no byte of a reply, or gets no more before as many are found to be
//     the same (`partial`); and either it was never sent, or it has no side effects and is outside of a transaction.
//  5. Every way out of a command passes `finishCommand` or ends the client.
//
//      idle ──▶ waiting (for a node, a connection, state) ──▶ running ──▶ idle
//        │                                                      ├──▶ receivingFile ──▶ running
//        ├──▶ streaming (a long command) ───────────────────────┘
//        ├──▶ yielding (a connection that others wait for) ──▶ idle
//        └──▶ asking (the other lanes) ──▶ idle
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

/// One client's session with a cluster.
final class ProxySession {
    enum Phase { case idle, waiting, running, streaming, receivingFile, yielding, asking, ended }

    // What nearly every statement touches lies side by side: each cache line is fetched anew for each of them.
    let client: ClientConnection
    let cluster: LaneCluster
    var phase = Phase.waiting
    var mode: RoutingMode
    /// A connection that was not at hand took state with it: the client ends after the command at hand.
    var endsAfterCommand = false
    /// The beginning of a command is here and its rest is not.
    var awaitsRest = false
    /// The cluster looks at how long the command at hand takes.
    var isTimed = false
    /// The statement at hand asks for warnings where there are none of this session.
    var clearsDiagnostics = false
    /// The connection that ran the last statement with rows is gone.
    var foundRowsAreGone = false
    /// The connection that ran the last statement was given back: its row counts are not to be had any more.
    var previousIsGone = false
    /// The connection that has the warnings and errors of this session went to another.
    var diagnosticsAreGone = false
    /// Where the command at hand runs.
    var current: ServerConnection?
    /// The connection that may write. In mode `replica`, the one to the session's replica.
    var main: ServerConnection?
    /// Where a transaction is open.
    var transactionServer: ServerConnection?
    /// Where the last statement ran.
    var last: ServerConnection?
    /// Where the last statement with rows ran: FOUND_ROWS() counts those, whatever came between.
    var lastWithRows: ServerConnection?
    /// Where the warnings and errors are that the session may ask for; nil when there are none.
    var diagnosticsServer: ServerConnection?
    /// A reader that set user variables, those of `readerVariables`: nobody else has them yet.
    var variablesReader: ServerConnection?
    /// A KILL that was given up may still come for this connection's thread.
    var threadToLeave: ServerConnection?
    /// What the open transaction did; nil when none is open, or it is not known from its beginning.
    var journal: TransactionJournal?
    /// That of the transaction which the command at hand may begin.
    var nextJournal: TransactionJournal?
    /// The transaction is being repeated elsewhere.
    var replay: TransactionReplay?
    /// The client has a part of the result at hand; nil while it has nothing, and where that cannot be gone on with.
    var partial: PartialResult?
    /// The command at hand may have been committed, which is being found out.
    var doubt: CommitInDoubt?
    /// A statement that took too long is being killed on its server; the session waits for that.
    var timeoutKill = TimeoutKill.none
    /// Lane milliseconds since when the command at hand is held for want of a primary; 0 when it is not.
    var heldSince: UInt64 = 0
    /// How often the open transaction was repeated since the client's last command.
    var idleReplays = 0
    var lastActiveMilliseconds: UInt64
    var statementsAnswered = 0
    var command: RunningCommand
    /// What is counted of the statement at hand.
    var measured = MeasuredStatement()
    var request = ReusedBytes()
    var shownStatement = ReusedBytes()
    var state: SessionState
    /// What its reads must have seen beyond the position in `state`.
    var causal: CausalState
    var digestScope = DigestScope()
    /// The session's variables with the proxy itself, `mode` aside.
    var limits: SessionLimits
    /// Bit i: `readers` has one to entry i. Asked for each read, and changed with those.
    private(set) var attachedReaders: UInt64 = 0
    /// Connections for reads, at most one to each node.
    var readers: [ServerConnection] = [] {
        didSet {
            attachedReaders = 0
            for reader in readers where reader.entry.id.index < Balancer.nodesMaximum {
                attachedReaders |= 1 << UInt64(reader.entry.id.index)
            }
        }
    }
    var texts = TextStatements()
    /// When a node refused a statement for being read-only, and the table of that time.
    var refusedAt: (version: UInt64, milliseconds: UInt64)?
    /// A reader of the binary log: where it reads, and whether that was the primary.
    var binlogReading: BinlogReading?
    /// What a comment in the text at hand asks for.
    var hints: StatementHints?
    /// The transaction was lost while the session idled: said with the next command.
    var lossToTell: ProxyError?
    let identity: ClientIdentity

    // What few of them need.
    /// What the listener gives a session; COM_RESET_CONNECTION goes back to it.
    let defaults: SessionPolicy
    let account: BackendAccount
    private(set) var traits: ConnectionTraits
    /// What the listener says of `causal`.
    let causalDefaults: CausalSettings
    /// What a server is asked in front of the command at hand, if that is planned.
    var inquiry: PositionInquiry?
    var prepared = PreparedStatements()
    /// How long others wait for the connection that has warnings and errors.
    var keptDiagnostics = KeptDiagnostics()
    /// The names of the user variables that only `variablesReader` has.
    var readerVariables: [[UInt8]] = []
    /// Bytes of `request` that count among those who wait.
    var reservedBytes = 0
    var framer = CommandFramer()
    /// The rest of a streamed command whose reply came early is dropped.
    var dropsStream = false
    /// When the login was through, in lane milliseconds.
    let cameAtMilliseconds: UInt64
    /// What is done once the session knows what its account may do.
    var privilegedAction: PrivilegedAction?
    /// A reply that the proxy itself asked for.
    var ownReply: [UInt8] = []
    /// What of `journal` the lane counted.
    var journalBytes = 0
    /// What the connection took with it that was to be committed.
    var lostCommit: CommitLedger.Doubt?
    /// What the server said of the open transaction's writes.
    var writesTold = WritesTold.nothing

    init(
        client: ClientConnection, cluster: LaneCluster, identity: ClientIdentity, defaults: SessionPolicy,
        sqlMode: SQLMode, causal: CausalSettings = CausalSettings()
    ) {
        self.client = client
        self.cluster = cluster
        self.identity = identity
        self.defaults = defaults
        mode = defaults.mode
        limits = defaults.limits
        account = BackendAccount(user: identity.serverUser, secret: identity.secret)
        traits = ConnectionTraits(
            capabilities: CapabilityOffer.asked(for: identity.capabilities).rawValue,
            collation: LoginCollation.byte(identity.collation))
        state = SessionState(mode: sqlMode)
        self.causal = CausalState(causal)
        causalDefaults = causal
        command = RunningCommand(
            code: .ping, replyKind: .none, traits: .command(.read),
            decision: RoutingDecision(target: .reader, reason: .pureRead, isRepeatable: true))
        lastActiveMilliseconds = client.lane.nowMilliseconds
        cameAtMilliseconds = lastActiveMilliseconds
        noteLoginCollation()
        cluster.add(self)
    }

    var lane: Lane { cluster.lane }

    /// Whom an error of this session is about.
    var errorOrigin: ErrorOrigin {
        ErrorOrigin(
            cluster: cluster.link.name, user: identity.user, node: current?.entry.name,
            digest: measured.key == 0 ? nil : measured.digest)
    }

    /// What the router needs to know.
    var routingContext: RoutingContext {
        RoutingContext(
            mode: mode, pins: state.pins, isInTransaction: state.isInTransaction, isSerializable: state.isSerializable)
    }

    // MARK: The life of a command

    /// The command at hand is answered: the next one may come.
    func finishCommand() {
        if timeoutKill.isPending { return awaitTimeoutKill() }
        measuredStatementEnded()
        if partial != nil { forgetPartialResult() }
        // It may have been paused for a slow client: the next command needs it awake.
        current?.resumeReading()
        current = nil
        if let threadToLeave { leaveThread(threadToLeave) }
        command.waitingSince = 0
        noteHoldEnd()
        command.causal.forgetInquiry()
        phase = .idle
        statementsAnswered += 1
        lastActiveMilliseconds = lane.nowMilliseconds
        cluster.link.counters.statementAnswered()
        request.removeAll(keeping: FrontendLimits.keptRequestBytes)
        if endsAfterCommand || cluster.endsIdle(self) { return client.end() }
        if cluster.link.wants.isAny {
            cluster.yieldIfWanted(self)
            guard phase == .idle else { return }
        }
        takeCommands()
    }

    /// The next command may come. A client that does not read its answers gets none through: its queue would have no
    /// bound.
    func takeCommands() {
        if !client.isCongested { return client.resumeReading() }
        client.setDeadline(milliseconds: lane.nowMilliseconds + FrontendLimits.stalledMilliseconds)
    }

    /// Answers the command at hand with an error of Switchyard's own.
    func refuse(_ error: ProxyError) {
        measured.failed = true
        if replay != nil { return replayFailed(.time, error.message) }
        if doubt != nil { return outcomeStaysUnknown(error.message) }
        if partial?.isRepeating == true { return breakOff(error) }
        if command.streams && phase != .streaming && phase != .receivingFile { return refuseUnstreamed(error) }
        if command.isLongData { return refuseSilently(error) }
        cluster.link.counters.proxyErrorGiven()
        if command.purpose == .schemaCheck { return client.refuseLogin(error) }
        client.answer(with: error, sequence: command.replySequence)
        leaveWaiting()
        finishCommand()
    }

    /// Answers with an error and ends the client: its session cannot go on.
    func refuseAndEnd(_ error: ProxyError) {
        if replay != nil { return replayFailed(.time, error.message) }
        if doubt != nil { return outcomeStaysUnknown(error.message) }
        if partial?.isRepeating == true { return breakOff(error, mayGoOn: false) }
        cluster.link.counters.proxyErrorGiven()
        if command.purpose == .schemaCheck { return client.refuseLogin(error) }
        client.end(with: error, sequence: command.replySequence)
    }

    /// Answers the command at hand with an OK of Switchyard's own.
    func answerOK(affectedRows: UInt64 = 0) {
        var writer = ByteWriter()
        writer.beginPacket(sequence: command.replySequence)
        OKPacket(
            header: 0, affectedRows: affectedRows, lastInsertID: 0, status: visibleStatus, warnings: 0, info: [],
            sessionState: []
        ).encode(into: &writer, capabilities: client.capabilities)
        writer.endPacket()
        client.write(writer.bytes)
        finishCommand()
    }

    /// The status flags that describe the session, whichever server it asked last.
    var visibleStatus: StatusFlags {
        let lasting: StatusFlags = [.autocommit, .noBackslashEscapes, .ansiQuotes]
        let base = state.statusFlags.intersection(lasting)
        return state.isInTransaction ? base.union(.inTransaction) : base
    }

    /// The command was sent, at least its beginning.
    func noteSent(to server: ServerConnection) {
        if command.purpose == .privileges { ownReply.removeAll(keepingCapacity: true) }
        command.wasSent = true
        command.isCounted = true
        if command.purpose == .client { partial?.repetitionBegins() }
        command.sentAt = lane.nowNanoseconds
        if server === main { command.takenBefore = cluster.takenNumbers(server.epoch) }
        noteMeasuredSent(to: server)
        server.load.began(isWrite: command.countsAsWrite)
    }

    /// The command was answered, as far as its node is concerned.
    func noteFinished(on server: ServerConnection) {
        guard command.isCounted else { return }
        command.isCounted = false
        server.load.finished(
            latencyNanoseconds: lane.nowNanoseconds &- command.sentAt, isRead: command.decision.isRepeatable,
            nowNanoseconds: lane.nowNanoseconds)
    }

    func leaveWaiting() {
        guard command.isWaiting else { return }
        command.isWaiting = false
        cluster.stopWaiting(self)
        armIdleDeadline()
    }

    func armIdleDeadline() {
        if phase == .waiting, case .wait? = plannedInquiry { return armInquiryDeadline() }
        let idle = cluster.link.settings.idleTimeoutMilliseconds
        client.setDeadline(milliseconds: idle == 0 ? 0 : max(lane.nowMilliseconds, lastActiveMilliseconds) + idle)
    }

    // MARK: Endings asked for by others

    /// Ends the session when nothing runs in it, now or after the command and the transaction at hand.
    func drain() {
        if (phase == .idle && !state.isInTransaction) || binlogReading != nil { client.end() }
    }

    /// Ends the session whatever it does.
    func endNow() { client.end() }

    /// A new routing table is in force.
    func tablePublished() {
        leaveFrozenServer()
        leaveFormerPrimary()
        leaveFormerReign()
        leaveReadOnlyPrimary()
        if leavesBinlogNode { return client.end() }
        guard phase == .idle else { return }
        // A connection that only reads is given back when its node no longer serves reads.
        for reader in readers where !servesReads(reader) && reader !== transactionServer && !prepared.holds(reader) {
            if reader === variablesReader { continue }
            // Nobody else has what the session may still ask for.
            if (reader === last || reader === diagnosticsServer) && state.pins.contains(.diagnostics) { continue }
            drop(reader)
        }
        leaveFormerPrimaryWhileIdle()
    }

    /// An idle session leaves a former primary, and takes what it can along: what LAST_INSERT_ID() and user variables say
    /// is asked first.
    private func leaveFormerPrimaryWhileIdle() {
        guard let main, mode != .replica, !state.isInTransaction, !isCurrentPrimary(main), !prepared.holds(main),
            cluster.table.gate.isOpen, state.pins.isDisjoint(with: pinsThatNobodyTells)
        else { return }
        if main.isReady && main.isInSync && variablesReader == nil { yield(main) } else { drop(main) }
    }

    /// A node that stopped answering probes may keep its connections open for ever. A read that can be run elsewhere
    /// does not wait for it; anything else waits until another node has taken over, or for `hold_timeout`.
    func leaveFrozenServer() {
        guard phase != .idle, phase != .ended, let server = phase == .yielding ? main : current,
            let entry = cluster.table.entry(server.entry.id), entry.state == .down
        else { return }
        let readsElsewhere =
            (phase == .running || phase == .waiting) && command.decision.isRepeatable && !command.wasAnswered
        let wasReplaced =
            cluster.table.gate.isOpen && server === main && mode != .replica && !isCurrentPrimary(server)
        let downFor = cluster.nowUnixMilliseconds - entry.sinceUnixMilliseconds
        guard readsElsewhere || wasReplaced || downFor > Int64(cluster.link.settings.holdTimeoutMilliseconds) else {
            return
        }
        server.giveUp(entry.reason)
    }

    private func servesReads(_ server: ServerConnection) -> Bool {
        cluster.table.acceptsReads(server.entry.id)
    }

    /// Lets go of a connection that is in order: it is reset and pooled.
    func drop(_ server: ServerConnection) {
        forget(server)
        server.release()
    }

    /// Removes every mention of a connection.
    func forget(_ server: ServerConnection) {
        let hadDiagnostics = diagnosticsServer === server && state.pins.contains(.diagnostics)
        if main === server {
            main = nil
            writesTold = .nothing
            // Warnings that a reader has are not lost with the main connection.
            let areElsewhere =
                state.pins.contains(.diagnostics) && diagnosticsServer != nil && diagnosticsServer !== server
            state.mainLost(transactionGoesOn: transactionServer != nil && transactionServer !== server)
            if areElsewhere { state.pin(.diagnostics) }
        }
        heldStatementsLost(with: server)
        readers.removeAll { $0 === server }
        if last === server {
            last = nil
            previousIsGone = true
        }
        if diagnosticsServer === server {
            diagnosticsServer = nil
            diagnosticsAreGone = hadDiagnostics
        }
        if lastWithRows === server {
            lastWithRows = nil
            foundRowsAreGone = true
        }
        if threadToLeave === server { threadToLeave = nil }
        if variablesReader === server { forgetReaderVariables() }
        if transactionServer === server { transactionServer = nil }
        if current === server { current = nil }
    }
}

// MARK: The client's events

extension ProxySession: CommandHandler {
    /// What servers are told of the client: its own attributes, who it is, and that it comes through a proxy.
    var connectionOrigin: ConnectionOrigin {
        let own = [
            ConnectAttribute(key: "proxy_name", value: "switchyard"),
            ConnectAttribute(key: "proxy_client_address", value: client.peer),
        ]
        let named = identity.attributes.contains { $0.key == "program_name" }
        let program = named ? [] : [ConnectAttribute(key: "program_name", value: "switchyard")]
        return ConnectionOrigin(
            address: client.address, attributes: ConnectionOrigin.bounded(own + program + identity.attributes))
    }

    func loginVerified() {
        let known = identity.schema.map { cluster.knowsSchema($0, account) } ?? true
        guard let schema = identity.schema, !known else {
            if let schema = identity.schema { state.schemaChanged(Array(schema.utf8)) }
            return enter()
        }
        // The server is asked before the client is let in, so that a wrong schema fails the login as it does directly.
        let name = Array(schema.utf8)
        var packet = ByteWriter()
        packet.beginPacket(sequence: 0)
        packet.writeUInt8(CommandCode.initDB.rawValue)
        packet.writeBytes(name)
        packet.endPacket()
        var next = RunningCommand(
            code: .initDB, replyKind: .okOrError, traits: .command(.sessionState, kind: .use),
            decision: RoutingDecision(target: .anyAttached, reason: .changesSessionState, isRepeatable: true),
            purpose: .schemaCheck)
        next.schema = name
        packet.bytes.withUnsafeBytes { begin(next, $0) }
    }

    /// A new session, but for what the client has seen and how it speaks.
    func userChanged(from former: any CommandHandler) {
        guard let former = former as? ProxySession else { return }
        state.inherit(from: former.state)
        causal.inherit(from: former.causal)
    }

    /// COM_RESET_CONNECTION takes a session on MySQL (9.7) to the server's default character set: to that which a login
    /// with an unknown collation gets. MariaDB (10.11) keeps that of the login.
    func forgetLoginCollation() {
        guard state.sqlMode.dialect == .mySQL else { return noteLoginCollation() }
        traits = ConnectionTraits(capabilities: traits.capabilities, collation: 0)
    }

    func enter() {
        phase = .idle
        if cluster.link.settings.killOnDisconnect { client.endWhenPeerFinishes() }
        client.acceptLogin(status: visibleStatus, schema: state.image.schema)
        armIdleDeadline()
        if cluster.endsIdle(self) { client.end() }
    }

    func commandsReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch phase {
        case .idle: return commandReceived(bytes)
        case .streaming: return streamReceived(bytes)
        case .receivingFile: return fileReceived(bytes)
        case .running where command.replyKind == .events: return acknowledgementsReceived(bytes)
        case .waiting, .running, .yielding, .asking: return 0
        case .ended: return bytes.count
        }
    }

    func clientDrained() {
        // Who waits, or has begun a command, keeps the deadline of that.
        if !command.isWaiting && !awaitsRest {
            client.setDeadline(milliseconds: 0)
            armIdleDeadline()
        }
        current?.resumeReading()
        if phase == .idle { client.resumeReading() }
    }

    func deadlinePassed() {
        if command.isWaiting { return waitedTooLong() }
        if phase == .waiting, case .wait? = plannedInquiry { return inquiryTimedOut() }
        if doubt != nil { return outcomeStaysUnknown("no primary told in time (hold_timeout)") }
        if client.isCongested { return client.end() }
        if awaitsRest {
            return client.end(
                with: .timedOut("a command was begun and not ended (\(FrontendLimits.incompleteMilliseconds) ms)"),
                sequence: 1)
        }
        let idle = cluster.link.settings.idleTimeoutMilliseconds
        guard phase == .idle, idle > 0, lane.nowMilliseconds >= lastActiveMilliseconds + idle else {
            return armIdleDeadline()
        }
        client.end(
            with: .timedOut("idle for \(idle) ms (limits.idle_timeout)"), sequence: 0)
    }

    func clientGone() {
        guard phase != .ended else { return }
        measuredStatementAbandoned()
        leaveWaiting()
        if let current { noteLoss(of: current) }
        phase = .ended
        cluster.remove(self)
        abandonReplay()
        abandonDoubt()
        forgetPartialResult()
        forgetJournal()
        noteHoldEnd()
        killOrphan()
        if command.isCounted, let current { current.entry.load.abandoned() }
        current = nil
        let servers = readers + (main.map { [$0] } ?? [])
        main = nil
        readers = []
        last = nil
        lastWithRows = nil
        diagnosticsServer = nil
        variablesReader = nil
        transactionServer = nil
        threadToLeave = nil
        for server in servers { server.release() }
    }
}
