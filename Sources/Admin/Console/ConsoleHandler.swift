// A client of the console: one command at a time, its SQL run elsewhere, its answer written as it is taken.
//
//      idle ──▶ running (on the console's queue) ──▶ answering ──▶ idle
//        └───────────────┴──────────────────────────────┴──▶ ended
internal import Frontend
internal import Network
internal import Wire

/// Answers the commands of one console client. Everything happens on the client's lane.
final class ConsoleHandler {
    private enum Phase { case idle, running, answering, ended }

    private let client: ClientConnection
    private let executor: ConsoleExecutor
    private let schema: String?
    private let session: ConsoleSession
    private var phase = Phase.idle
    private var job: ConsoleJob?
    private var answer: ConsoleAnswer?
    /// How much of `answer` was written.
    private var written = 0
    private var isScheduled = false
    private var lastActiveMilliseconds: UInt64

    init(client: ClientConnection, identity: ClientIdentity, executor: ConsoleExecutor) {
        self.client = client
        self.executor = executor
        schema = identity.schema
        session = ConsoleSession(
            user: "\(identity.user)@\(client.peerHost)", connectionID: UInt64(client.id),
            privilege: .account(identity.user))
        lastActiveMilliseconds = client.lane.nowMilliseconds
    }

    // MARK: Commands

    private func dispatch(_ rawCode: UInt8, _ argument: UnsafeRawBufferPointer, _ sequence: UInt8) {
        let capabilities = client.capabilities
        switch CommandCode(rawValue: rawCode) {
        case .query: run(String(decoding: argument, as: UTF8.self), sequence)
        case .quit: client.end()
        case .ping, .resetConnection: reply(ConsolePackets.ok(capabilities: capabilities, sequence: sequence))
        case .initDB: chooseDatabase(String(decoding: argument, as: UTF8.self), sequence)
        // The one option is whether several statements may come in one text, which the console refuses anyway.
        case .setOption: reply(ConsolePackets.end(capabilities: capabilities, sequence: sequence))
        // Sent for the completion of names: DESCRIBE tells the same.
        case .fieldList: reply(ConsolePackets.end(capabilities: capabilities, sequence: sequence))
        case .statistics:
            let text = executor.status.statistics(clients: executor.clientCount)
            reply(ConsolePackets.text(text, sequence: sequence))
        case .statementPrepare:
            // Drivers answer 1295 by sending the text instead.
            refuse(
                1295, "HY000", "This command is not supported in the prepared statement protocol yet (console)",
                sequence)
        case .statementClose, .statementSendLongData: finishCommand()
        case .statementExecute, .statementReset, .statementFetch, .statementBulkExecute:
            refuse(1243, "HY000", "Unknown prepared statement handler given to EXECUTE: the console has none", sequence)
        default: refuse(1047, "08S01", "Unknown command (\(rawCode)): the console does not serve it", sequence)
        }
    }

    private func chooseDatabase(_ name: String, _ sequence: UInt8) {
        guard ConsoleCatalog.isKnown(name) else {
            return reply(ConsolePackets.error(.unknownDatabase(name), sequence: sequence))
        }
        reply(ConsolePackets.ok(capabilities: client.capabilities, sequence: sequence))
    }

    private func reply(_ packets: [UInt8]) {
        client.write(packets)
        finishCommand()
    }

    private func refuse(_ code: UInt16, _ sqlState: String, _ message: String, _ sequence: UInt8) {
        reply(ConsolePackets.error(ConsoleError(code: code, sqlState: sqlState, message: message), sequence: sequence))
    }

    private func finishCommand() {
        guard phase != .ended else { return }
        phase = .idle
        job = nil
        answer = nil
        lastActiveMilliseconds = client.lane.nowMilliseconds
        armIdleDeadline()
        // The pair brings back the commands that came meanwhile, also when reading was never paused.
        client.pauseReading()
        client.resumeReading()
    }

    private func armIdleDeadline() {
        client.setDeadline(milliseconds: lastActiveMilliseconds + ConsoleServiceLimits.idleMilliseconds)
    }

    // MARK: Statements

    /// `@unchecked Sendable` because the console's queue only carries it from the lane back to the lane: nobody else
    /// touches the handler, and if the queue lets go of it last, all that is left is to free the memory.
    private final class Reach: @unchecked Sendable {
        let handler: ConsoleHandler
        init(_ handler: ConsoleHandler) { self.handler = handler }
    }

    private func run(_ text: String, _ sequence: UInt8) {
        let job = ConsoleJob(text: text, session: session, capabilities: client.capabilities, sequence: sequence)
        let reach = Reach(self)
        let lane = client.lane
        let isTaken = executor.submit(job) { answer in
            lane.post { reach.handler.answered(answer) }
        }
        guard isTaken else {
            return refuse(
                9508, "HY000",
                "\(ConsoleServiceLimits.waitingStatements) statements wait for the console already: try again", sequence
            )
        }
        self.job = job
        phase = .running
        client.setDeadline(milliseconds: 0)
    }

    private func answered(_ answer: ConsoleAnswer) {
        guard phase == .running else { return }
        job = nil
        self.answer = answer
        written = 0
        phase = .answering
        writeOn()
    }

    /// Writes as much of the answer as the client takes, a bounded part of it in this turn.
    private func writeOn() {
        guard phase == .answering, let answer else { return }
        let turnEnds = min(answer.bytes.count, written + ConsoleServiceLimits.bytesPerTurn)
        while written < turnEnds && !client.isCongested {
            let end = min(turnEnds, written + ConsoleServiceLimits.sliceBytes)
            answer.bytes.withUnsafeBytes { client.write(UnsafeRawBufferPointer(rebasing: $0[written..<end])) }
            written = end
        }
        if written == answer.bytes.count { return finishCommand() }
        client.setDeadline(milliseconds: client.lane.nowMilliseconds + ConsoleServiceLimits.stalledMilliseconds)
        guard !client.isCongested, !isScheduled else { return }
        isScheduled = true
        client.lane.soon(self)
    }
}

extension ConsoleHandler: DeferredWork {
    func runSoon() {
        isScheduled = false
        writeOn()
    }
}

// MARK: The client's events

extension ConsoleHandler: CommandHandler {
    func loginVerified() {
        if let schema, !ConsoleCatalog.isKnown(schema) {
            let error = ConsoleError.unknownDatabase(schema)
            return client.refuseLogin(
                ProxyError(code: error.code, sqlState: error.sqlState, message: error.message))
        }
        client.acceptLogin(status: ConsolePackets.status)
        armIdleDeadline()
    }

    /// Reading goes on while a statement runs, so that a client that closes is noticed and its statement is dropped;
    /// it pauses when more than a command waits.
    func commandsReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        let view = UnsafeRawBufferPointer(bytes)
        var taken = 0
        while phase == .idle {
            let length = commandReceived(UnsafeRawBufferPointer(rebasing: view[taken...]))
            guard length > 0 else { break }
            taken += length
        }
        if phase == .ended { return bytes.count }
        if phase != .idle && bytes.count - taken > ConsoleServiceLimits.packetBytes { client.pauseReading() }
        return taken
    }

    /// Takes one whole command and returns its length; 0 when more bytes are needed.
    private func commandReceived(_ view: UnsafeRawBufferPointer) -> Int {
        guard let header = PacketHeader(view) else { return 0 }
        let sequence = header.sequence &+ 1
        guard header.payloadLength <= ConsoleServiceLimits.packetBytes else {
            let limit = ConsoleServiceLimits.packetBytes
            client.end(
                with: ProxyError(
                    code: 1153, sqlState: "08S01",
                    message: "Got a packet bigger than 'max_allowed_packet' bytes: the console takes \(limit)"),
                sequence: sequence)
            return 0
        }
        guard header.payloadLength > 0 else {
            client.end(
                with: ProxyError(code: 1835, sqlState: "HY000", message: "Malformed communication packet"),
                sequence: sequence)
            return 0
        }
        guard view.count >= header.frameLength else { return 0 }
        let payload = UnsafeRawBufferPointer(rebasing: view[PacketHeader.size..<header.frameLength])
        dispatch(payload[0], UnsafeRawBufferPointer(rebasing: payload[1...]), sequence)
        return header.frameLength
    }

    func clientDrained() { writeOn() }

    func deadlinePassed() {
        switch phase {
        case .idle:
            let idle = ConsoleServiceLimits.idleMilliseconds
            client.end(
                with: ProxyError(
                    code: 1159, sqlState: "08S01",
                    message: "Got timeout reading communication packets: idle for \(idle / 1_000) s"),
                sequence: 0)
        case .answering: client.end()
        case .running, .ended: break
        }
    }

    func clientGone() {
        phase = .ended
        job?.cancel()
        job = nil
        answer = nil
    }
}

extension ConsoleCatalog {
    /// Whether a client may choose this database.
    static func isKnown(_ name: String) -> Bool {
        name.lowercased() == schema
    }
}
