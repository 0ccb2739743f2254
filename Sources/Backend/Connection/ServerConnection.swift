// One connection to a server: login, the ledger of replies owed, and the relay of replies to the session that uses it.
//
// Invariants
//  1. Everything happens on the connection's lane.
//  2. Replies come in the order of the commands: `ledger` holds one entry for each that is owed, `tracker` walks the first.
//  3. `known` is the session state the server will be in when everything sent was run.
//  4. A connection has at most one user. Before it gets another, it was reset and the reset confirmed, or all that the first
//     left on it is in `known`.
//  5. After `fail` nothing is sent or relayed.
//
//      connecting ──▶ loggingIn ──▶ ready ──▶ resetting ──▶ ready (in the pool)
//          └────────────┴────────────┴──────────┴──▶ closed
package import Network
internal import Security
package import Topology
package import Wire

/// What becomes of a packet that ends a result, as the connection's user decides.
package enum EndPacketUse: Sendable {
    /// It is relayed as it is, together with what came before it.
    case relay
    /// What came before it is relayed, then the user writes something else in its place.
    case replace
}

/// The session for whom a connection works. All calls come on the lane.
package protocol ServerConnectionUser: AnyObject {
    /// For whom it is opened, should it have to be opened.
    var connectionOrigin: ConnectionOrigin { get }
    /// Logged in: statements can be sent.
    func serverReady(_ server: ServerConnection)
    /// All state sent in advance was taken over.
    func serverSynchronized(_ server: ServerConnection)
    /// The server reported a change of session state in the reply to a statement of the client's.
    func serverChanged(_ server: ServerConnection, _ change: SessionStateChange)
    /// A packet that ends a result, or asks for a file, came: is it relayed as it is?
    func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse
    /// Everything before this packet was relayed: the user writes what he wants in its place.
    func serverReplaces(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer)
    /// Bytes of the reply, to be relayed as they are. Valid during the call.
    func serverReplied(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer)
    /// A part of the reply that is relayed and neither ends a result nor belongs to the packet that does, where
    /// `watchesReplies` asks for it. Valid during the call.
    func serverPassed(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer)
    /// The reply is complete, and everything of it was relayed.
    func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags)
    /// The connection is closed and of no use.
    func serverFailed(_ server: ServerConnection, _ failure: ServerFailure)
    /// The server takes bytes again after `isCongested`.
    func serverDrained(_ server: ServerConnection)
}

extension ServerConnectionUser {
    package var connectionOrigin: ConnectionOrigin { ConnectionOrigin() }
    package func serverPassed(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {}
}

/// A logged-in connection to one node.
package final class ServerConnection {
    enum Phase { case connecting, loggingIn, ready, resetting, closed }

    // What nearly every statement touches lies side by side: each cache line is fetched anew for each of them.
    var phase = Phase.connecting
    var trackerIsActive = false
    /// Whether revisions of `known` and of the user's image may be compared.
    private var knownIsOfUser = false
    /// Whether the user is given the bodies of replies, apart from their ends.
    package var watchesReplies = false
    /// Whether nothing of the present reply came in front of the packet that the user is asked about, unless it was relayed
    /// before.
    package var endsAtOnce = true
    /// Whether the present reply has an error in it.
    var replyFailed = false
    /// The password has expired: the server took over no state, and takes nothing but a new password.
    var isSandboxed = false
    /// A session has used it since it was reset, or was found to keep nothing.
    var isTouched = false
    /// Bytes of a streamed command may wait for the server for as long as it likes.
    private var isPatient = false
    private var isLeased = false
    /// Whether a login ever succeeded: the end of another says nothing about who may try again.
    private(set) var wasReady = false
    var stream: ByteStream?
    var user: (any ServerConnectionUser)?
    /// Its live counters. Taken out of `entry`, which is copied as a whole when another floor asks for a part of it.
    package let load: NodeLoad
    /// The cluster's epoch when this lease was given: a write checks that it is still the same.
    package private(set) var epoch: UInt64
    var capabilities: Capabilities = []
    var swallowsOwed = 0
    var ledger = ResponseLedger()
    var tracker = ResponseTracker()
    private var known = SessionImage()
    /// The node as it was when the connection was asked for.
    package let entry: RoutingEntry

    // What few of them need.
    /// Whom it is logged in as, and how.
    let key: PoolKey
    /// Lane milliseconds at which it was opened.
    package let openedAtMilliseconds: UInt64
    /// Strong, so that the pool outlives a reset that ends after everybody else let go of it. The pool lets go of the
    /// connection when it is closed.
    let pool: ServerPool
    private var login: ServerLogin
    var reportFailed = false
    /// What came in answer to the last question of the proxy's own.
    var answer: [UInt8] = []
    /// Whether a statement of the proxy's own was refused that the server may refuse.
    package var didAttemptFail = false
    /// Whether the user left it because of what its node became.
    package private(set) var wasLeft = false
    /// Statements prepared here for the present user, what is being prepared, and why the last one was refused.
    var statements = StatementCache()
    var preparing: [UInt32] = []
    var statementRefusal: StatementRefusal?
    /// Statements prepared here by name for the present user.
    var texts = NamedTexts()
    /// Statements counted in the node's budget that are not in `statements` yet.
    var reservedStatements = 0
    var lastUnsolicited = ""
    /// Where the client is for whom it was opened.
    var client: SocketAddress?
    /// What a session left here cannot be told: it is reset before it goes to another.
    var isTainted = false
    /// A KILL names its thread: it is closed when its user lets go of it.
    package private(set) var isRetired = false
    /// How often its node had changed when it was opened.
    private(set) var generation: UInt32 = 0

    init(
        pool: ServerPool, key: PoolKey, entry: RoutingEntry, epoch: UInt64, attributes: [ConnectAttribute], now: UInt64
    ) {
        self.pool = pool
        self.key = key
        self.entry = entry
        load = entry.load
        self.epoch = epoch
        openedAtMilliseconds = now
        var isUnix = false
        if case .unix = entry.address { isUnix = true }
        // A socket in the file system needs no TLS: nobody can listen there.
        let encryption: ServerEncryption =
            pool.tls.flatMap { isUnix ? nil : $0 }.map { $0.isRequired ? .required : .preferred } ?? .disabled
        login = ServerLogin(
            account: key.account, traits: key.traits, attributes: attributes, channel: .plain(isUnix: isUnix),
            encryption: encryption, compression: pool.compression)
    }

    // MARK: What others may know

    /// Whether statements can be sent.
    package var isReady: Bool { phase == .ready }
    /// Whether no reply is owed.
    package var isInSync: Bool { ledger.isEmpty }
    /// Whether the server is in a schema: there is no way back to none.
    package var hasSchema: Bool { !known.schema.isEmpty }
    /// Whether it is, or may be, in other roles than its login gave: nothing leads back to those (`SET ROLE DEFAULT` is
    /// not what `activate_all_roles_on_login` does, and MariaDB has no such statement).
    package var hasRole: Bool { known.role != nil }
    /// Whether state sent in advance is not confirmed yet. A statement that must not run without it waits.
    package var isSynchronizing: Bool { swallowsOwed > 0 }
    /// Whether so many replies are owed that no command may add to them: those that were given up before their turn, at a
    /// server that answers none.
    package var owesMany: Bool { ledger.count > BackendLimits.ledgerEntries - BackendLimits.ledgerEntriesPerCommand }
    /// Whether whoever fills it must pause.
    package var isCongested: Bool { stream?.isCongested ?? false }
    /// Memory of its buffers.
    package var bufferBytes: Int { (stream?.bufferBytes ?? 0) + answer.capacity }
    /// Memory of what is known of the statements prepared on it.
    package var statementBytes: Int { statements.heldBytes }
    /// The sequence number of a packet that could take the place of the rest of a broken reply; nil in the middle of one.
    package var nextReplySequence: UInt8? { tracker.isBetweenPackets ? tracker.lastSequence &+ 1 : nil }
    /// Whether the bytes at hand, as they are relayed, are the last of their reply.
    package var isReplyComplete: Bool { tracker.isComplete }
    /// The capabilities in force between proxy and server.
    package var negotiated: Capabilities { capabilities }
    /// The status flags of the last result of the present reply.
    package var replyStatus: StatusFlags { tracker.status }

    /// The server's own id of this connection, as KILL there names it; 0 before the greeting.
    package var threadID: UInt32 { login.threadID }

    /// Never gives this connection to another session: a KILL of its thread is on its way and may come late.
    package func retire() { isRetired = true }

    /// Who has it; nil for nobody.
    package var holder: (any ServerConnectionUser)? { user }

    /// The user it is logged in as.
    package var accountName: String { key.account.user }
    /// Its state in one word, for people.
    package func stateName(isLeased: Bool) -> String {
        switch phase {
        case .connecting, .loggingIn: "connecting"
        case .ready: isLeased ? "leased" : "idle"
        case .resetting: "resetting"
        case .closed: "closed"
        }
    }

    // MARK: Opening

    /// Uses a connecting stream. The connection hears its events from now on.
    func open(_ stream: ByteStream, timeoutMilliseconds: UInt64) {
        self.stream = stream
        stream.setOwner(self)
        stream.setDeadline(milliseconds: stream.lane.nowMilliseconds + timeoutMilliseconds)
    }

    func lease(to user: any ServerConnectionUser, epoch: UInt64) {
        self.user = user
        self.epoch = epoch
        if !isLeased { entry.load.leaseBegan() }
        isLeased = true
        knownIsOfUser = false
    }

    func opened(under generation: UInt32) { self.generation = generation }

    /// The node's name has no usable address.
    func resolutionFailed(_ reason: String) { fail(.unreachable(reason)) }

    // MARK: Sending

    /// Whether the server is in this revision of its user's state, or will be when everything sent was run.
    package func knows(_ revision: UInt64) -> Bool { knownIsOfUser && known.revision == revision }

    /// The same, also of the schema, which a server may keep against its user's will.
    package func isIn(_ revision: UInt64, hasSchema: Bool) -> Bool {
        knows(revision) && known.schema.isEmpty != hasSchema
    }

    /// Sends, in front of what comes next, what brings the server to the session's state. Nothing is flushed: the bytes
    /// go with the statement. Returns whether anything was needed.
    package func synchronize(with wanted: SessionImage, isMain: Bool) -> Bool {
        guard !knows(wanted.revision) else { return false }
        knownIsOfUser = true
        var needed = false
        if let text = SessionSynchronizer.roleStatement(from: known, to: wanted) {
            enqueue(.query, text, .swallowState)
            needed = true
        }
        if let text = SessionSynchronizer.assignments(
            from: known, to: wanted, isMain: isMain, loginCollation: key.traits.collation, on: entry.flavor)
        {
            enqueue(.query, text, .swallowState)
            needed = true
        }
        if wanted.schema != known.schema && !wanted.schema.isEmpty {
            enqueue(.initDB, wanted.schema, .swallowState)
            needed = true
        }
        if setOption(for: wanted) { needed = true }
        let (schema, role) = (known.schema, known.role)
        known = wanted
        // There is no way back to no schema: the server stays in the one it is in.
        if wanted.schema.isEmpty { known.keepSchema(schema) }
        // Nor to the roles of the login.
        if wanted.role == nil { known.keepRole(role) }
        return needed
    }

    /// Whether the server must be told by COM_SET_OPTION whether one text may hold several statements.
    private func setOption(for wanted: SessionImage) -> Bool {
        guard wanted.multiStatements != known.multiStatements else { return false }
        let login = Capabilities(rawValue: key.traits.capabilities).contains(.multiStatements)
        let allowed = wanted.multiStatements ?? login
        guard allowed != known.multiStatements ?? login else { return false }
        enqueue(.setOption, [allowed ? 0 : 1, 0], .swallowState)
        return true
    }

    /// What the server is known to be in.
    var knownState: SessionImage { known }

    /// The server told what LAST_INSERT_ID() says here.
    func noteLastInsertID(_ value: [UInt8]) {
        if value.elementsEqual("0".utf8) { return known.removeVariable("last_insert_id") }
        let isNoted = Array("last_insert_id".utf8).withUnsafeBytes { name in
            value.withUnsafeBytes { known.setVariable(name, $0) }
        }
        if !isNoted { isTainted = true }
    }

    /// The client's own statement changed the session, and the server with it: both are equal again.
    package func adopt(_ image: SessionImage) { known = image }

    /// Sends a statement of the proxy's own whose only use is that the server reports session variables in its reply.
    /// The user hears of them, and `serverSynchronized` when they are all here.
    package func report(_ statement: [UInt8]) {
        reportFailed = false
        enqueue(.query, statement, .swallowReport)
        stream?.flush()
    }

    /// Sends, in front of what comes next, a statement that leaves no warnings behind. MariaDB forgets those of the statement
    /// before only when one names a table, be it one in the text (10.11).
    package func clearDiagnostics(_ isMariaDB: Bool) {
        let statement = isMariaDB ? "DO (SELECT 0 FROM (SELECT 0) nothing)" : "DO 0"
        enqueue(.query, Array(statement.utf8), .swallowState)
    }

    /// Whether the last `report` was refused.
    package var didReportFail: Bool { reportFailed }

    /// Sends what `synchronize` left waiting, without a statement behind it.
    package func flush() { stream?.flush() }

    /// Sends a command whose reply, if any, is relayed. Without `packets`, all of the command comes by `sendMore`.
    package func send(_ packets: UnsafeRawBufferPointer, expecting kind: ResponseKind) {
        isTouched = true
        if kind != .none {
            let number = packets.count < PacketHeader.size ? nil : packets[3]
            ledger.append(LedgerEntry(kind: kind, use: .forward, lastNumber: number))
        }
        stream?.write(packets)
    }

    /// Sends a further part of a command, or of a file the server asked for.
    package func sendMore(_ bytes: UnsafeRawBufferPointer) {
        if !isPatient {
            isPatient = true
            stream?.setUserTimeout(milliseconds: 0)
        }
        stream?.write(bytes)
    }

    /// What was streamed was taken: from now on, unacknowledged bytes are those of a server that is gone.
    func endPatience() {
        guard isPatient else { return }
        isPatient = false
        stream?.setUserTimeout(milliseconds: BackendLimits.userTimeoutMilliseconds)
    }

    /// The command that was sent in parts has ended, with the packet of this number.
    package func commandEnded(with number: UInt8) {
        if !trackerIsActive { ledger.lastCommandEnded(with: number) }
    }

    /// The file the server asked for was sent as a whole, with a last packet of this number; its verdict is next.
    package func localInfileSent(endingWith number: UInt8) { tracker.localInfileSent(behind: number) }

    /// Reads nothing from the server until `resumeReading`.
    package func pauseReading() { stream?.pauseReading() }
    /// Reads on.
    package func resumeReading() { stream?.resumeReading() }

    /// Sends, in front of what comes next, a statement of the proxy's own that the server may refuse.
    package func sendAhead(_ statement: [UInt8]) { enqueue(.query, statement, .swallowAttempt) }

    func enqueue(_ command: CommandCode, _ argument: [UInt8], _ use: ReplyUse) {
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        writer.writeUInt8(command.rawValue)
        if command == .query { QueryAttributes.writeNone(into: &writer, for: capabilities) }
        writer.writeBytes(argument)
        writer.endPacket()
        let kind: ResponseKind =
            switch command {
            case .query: .query
            case .statementPrepare: .prepare
            default: .okOrError
            }
        ledger.append(LedgerEntry(kind: kind, use: use))
        swallowsOwed += 1
        if command == .query || command == .statementPrepare { pool.counters.statementInjected() }
        writer.bytes.withUnsafeBytes { stream?.enqueue($0) }
    }

    // MARK: Ending

    /// Takes the connection from its user: it goes to the pool as it is when nothing of the session is on it, is reset
    /// otherwise, or is closed when a reply is owed.
    ///
    /// - Parameter wasAsked: the user has just had the answer to `askForPassing`.
    package func release(wasAsked: Bool = false) {
        user = nil
        watchesReplies = false
        endLease()
        guard phase == .ready, ledger.isEmpty, !isRetired, !isSandboxed, !pool.isOutdated(self) else { return close() }
        phase = .resetting
        if let stream {
            stream.setDeadline(milliseconds: stream.lane.nowMilliseconds + BackendLimits.resetMilliseconds)
            stream.resumeReading()
        }
        guard mayPass || isUnused else { return reset() }
        closeStatements()
        if isUntouched || (wasAsked && notePassingAnswer()) {
            stream?.flush()
            return pass()
        }
        guard !wasAsked else { return reset() }
        reportFailed = false
        answer = []
        enqueue(.query, PassingQuestion.text, .swallowPassing)
        stream?.flush()
    }

    /// The server answered: nothing of the session is here, or it is reset.
    func passingAnswered() {
        if notePassingAnswer() { pass() } else { reset() }
    }

    private func pass() {
        isTouched = false
        pool.counters.connectionPassed()
        backInPool()
    }

    /// The next user may have it.
    func backInPool() {
        phase = .ready
        stream?.setDeadline(milliseconds: 0)
        pool.returned(self)
    }

    private func reset() {
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        writer.writeUInt8(CommandCode.resetConnection.rawValue)
        writer.endPacket()
        ledger.append(LedgerEntry(kind: .okOrError, use: .swallowReset))
        writer.bytes.withUnsafeBytes { stream?.enqueue($0) }
        known = SessionImage(
            afterResetIn: known.schema, multiStatements: known.multiStatements, hadRole: known.role != nil)
        isTainted = false
        isTouched = false
        pool.counters.connectionReset()
        // The reset closes them on the server.
        forgetStatements()
        setUpTracking()
        stream?.flush()
    }

    /// Closes at once; the user hears nothing.
    package func close() {
        if phase == .ready && ledger.isEmpty {
            // COM_QUIT, so that the server does not count an aborted client.
            let quit: [UInt8] = [1, 0, 0, 0, CommandCode.quit.rawValue]
            quit.withUnsafeBytes { stream?.write($0) }
        }
        end()
    }

    /// Closes at once; the user hears that the connection is lost, with this reason.
    package func giveUp(_ reason: String) { fail(.lost("\(entry.name): \(reason)")) }

    /// The same, and it says nothing about how well the node does.
    package func leave(_ reason: String) {
        wasLeft = true
        giveUp(reason)
    }

    func fail(_ failure: ServerFailure) {
        guard phase != .closed else { return }
        let user = user
        end()
        pool.noteTrouble(self, failure)
        user?.serverFailed(self, failure)
    }

    private func endLease() {
        if isLeased { entry.load.leaseEnded() }
        isLeased = false
    }

    private func end() {
        guard phase != .closed else { return }
        endLease()
        forgetStatements()
        phase = .closed
        user = nil
        stream?.close()
        stream = nil
        pool.closed(self)
    }

    /// The client changed its password: the server serves everything, and is told the session's state anew.
    func leaveSandbox() {
        isSandboxed = false
        known = SessionImage()
        knownIsOfUser = false
        setUpTracking()
        stream?.flush()
    }

    private func setUpTracking() {
        let statement = OpeningStatement.text(
            for: entry.flavor, isReadOnly: key.isReadOnly, tellsTransactions: capabilities.contains(.deprecateEOF),
            resetFrom: phase == .resetting ? key.traits : nil)
        enqueue(.query, statement, .swallowState)
        guard phase == .resetting,
            let attempt = OpeningStatement.attempt(for: entry.flavor, resetFrom: key.traits)
        else { return }
        enqueue(.query, attempt, .swallowAttempt)
    }
}

// MARK: The stream's events

extension ServerConnection: ByteStreamOwner {
    package func streamConnected(_ stream: ByteStream) { phase = .loggingIn }

    package func streamSecured(_ stream: ByteStream) {
        guard phase == .loggingIn, let session = stream.encryption else { return }
        pool.tls?.source.handshakes.completed(session)
        perform(login.secured(ServerChannel(session)))
    }

    package func streamReceived(_ stream: ByteStream, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        switch phase {
        case .loggingIn: return loginReceived(bytes)
        case .ready, .resetting: return repliesReceived(bytes)
        case .connecting, .closed: return bytes.count
        }
    }

    package func streamDrained(_ stream: ByteStream) { user?.serverDrained(self) }

    package func streamClosed(_ stream: ByteStream, _ end: StreamEnd) {
        let text = lastUnsolicited.isEmpty ? end.text : lastUnsolicited
        switch phase {
        case .connecting: fail(.unreachable("\(entry.address): \(end.text)"))
        case .loggingIn:
            if case .encryptionFailed(let reason) = end {
                pool.tls?.source.handshakes.handshakeFailed()
                return fail(.unreachable("\(entry.address): TLS: \(reason)"))
            }
            fail(.unreachable("\(entry.address) closed the connection during the login"))
        case .ready, .resetting: fail(.lost("\(entry.name): \(text)"))
        case .closed: break
        }
    }

    package func streamDeadlinePassed(_ stream: ByteStream) {
        switch phase {
        case .connecting: fail(.unreachable("\(entry.address): no connection within the connect timeout"))
        case .loggingIn: fail(.unreachable("\(entry.address): the login was not answered within the connect timeout"))
        case .resetting: close()
        case .ready, .closed: break
        }
    }

    private func loginReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        var taken = 0
        // What comes behind the request for TLS belongs to TLS.
        while phase == .loggingIn, stream?.isOpen == true, bytes.count - taken >= PacketHeader.size {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
            guard let header = PacketHeader(rest) else { break }
            guard header.payloadLength <= BackendLimits.loginPacketBytes else {
                fail(.nonsense("\(entry.address) does not speak the MySQL protocol"))
                return bytes.count
            }
            let total = header.frameLength
            guard rest.count >= total else { break }
            taken += total
            let payload = UnsafeRawBufferPointer(rebasing: rest[PacketHeader.size..<total])
            perform(login.packetReceived(payload, sequence: header.sequence))
        }
        return taken
    }

    private func startTLS() {
        guard let tls = pool.tls, case .tcp(let host, _) = entry.address else { return }
        stream?.startTLS(.client(tls.source.current, host: host, cacheKey: "\(entry.address)"))
    }

    private func perform(_ step: ServerLogin.Step) {
        switch step {
        case .send(let packet): packet.withUnsafeBytes { stream?.write($0) }
        case .startTLS(let request):
            request.withUnsafeBytes { stream?.write($0) }
            startTLS()
        case .wait: break
        case .work(let work):
            guard let lane = stream?.lane else { return }
            // `nonisolated(unsafe)` because the completion runs on this connection's own lane, where it is confined.
            nonisolated(unsafe) let connection = self
            work.perform(on: lane) { result in
                guard connection.phase == .loggingIn else { return }
                connection.perform(connection.login.workEnded(result))
            }
        case .fail(let failure): fail(failure)
        case .done(let negotiated):
            capabilities = negotiated
            phase = .ready
            wasReady = true
            load.loginAnswered()
            load.connectionAccepted()
            pool.settings.budget.connectionAccepted(load, user: key.account.user)
            stream?.setDeadline(milliseconds: 0)
            if let codec = pool.codec(negotiated) { stream?.startCompression(codec) }
            setUpTracking()
            user?.serverReady(self)
            // Whoever had nothing to send yet still wants the tracker set up.
            if phase == .ready { stream?.flush() }
        }
    }
}
