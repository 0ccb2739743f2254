// Commands too long to be read as a whole, and files: their bytes pass through as they come.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    /// The head of a long command is here. It goes to the main connection; its text is judged by its first word only.
    func streamBegan(_ bytes: UnsafeRawBufferPointer, _ header: PacketHeader) -> Int {
        let rawCode = bytes[PacketHeader.size]
        framer = CommandFramer()
        dropsStream = false
        guard let code = CommandCode(rawValue: rawCode), let kind = Self.streamedReply(code) else {
            client.end(with: .unknownCommand(rawCode), sequence: header.sequence &+ 1)
            return bytes.count
        }
        let prefix = UnsafeRawBufferPointer(rebasing: bytes[(PacketHeader.size + 1)..<min(bytes.count, 512)])
        show(prefix)
        var traits = StatementTraits.command(.primary)
        switch code {
        case .query, .statementPrepare:
            traits = Classifier.classify(prefix, mode: state.sqlMode)
            traits.access = .primary
            // Whatever else is in it, nobody looked.
            traits.effects = []
            traits.transaction = .none
            if !client.capabilities.isDisjoint(with: .multiStatements) || !Self.isPlainWrite(traits.kind) {
                state.pin(.unclassified)
            }
        default:
            guard bytes.count >= PacketHeader.size + 5, let executed = prepared[statementID(bytes)], main != nil else {
                client.end(with: .unknownStatement(0), sequence: header.sequence &+ 1)
                return bytes.count
            }
            if code == .statementExecute { traits = executed }
        }
        let isBound = state.isInTransaction
        command = RunningCommand(
            code: code, replyKind: kind, traits: traits,
            decision: RoutingDecision(
                target: isBound ? .transaction : .main, reason: isBound ? .insideTransaction : .notProvablyARead,
                isRepeatable: false),
            replySequence: header.sequence &+ 1)
        if code == .statementPrepare { command.executedTraits = traits }
        command.streams = true
        command.receivedAt = lane.nowNanoseconds
        // Nothing is taken from the client until there is a connection to pass it to.
        client.pauseReading()
        route(UnsafeRawBufferPointer(start: nil, count: 0))
        return 0
    }

    private static func streamedReply(_ code: CommandCode) -> ResponseKind? {
        switch code {
        case .query, .statementExecute: .query
        case .statementPrepare: .prepare
        case .statementSendLongData: ResponseKind.none
        default: nil
        }
    }

    private static func isPlainWrite(_ kind: StatementKind) -> Bool {
        switch kind {
        case .insert, .replace, .update, .delete: true
        default: false
        }
    }

    private func statementID(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        bytes.loadUnaligned(fromByteOffset: PacketHeader.size + 1, as: UInt32.self).littleEndian
    }

    /// The connection is ready: the command's bytes may flow.
    func startStreaming(on server: ServerConnection) {
        phase = .streaming
        command.wasSent = true
        command.sentAt = lane.nowNanoseconds
        server.entry.load.began(isWrite: command.countsAsWrite)
        server.send(UnsafeRawBufferPointer(start: nil, count: 0), expecting: command.replyKind)
        client.resumeReading()
    }

    /// Further bytes of a long command.
    func streamReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let server = current ?? (dropsStream ? last : nil) else { return bytes.count }
        let count = framer.pass(UnsafeRawBufferPointer(bytes), wholeFile: false)
        guard framer.payloadBytes <= cluster.link.settings.packetBytes else {
            command.replySequence = framer.lastSequence &+ 1
            refuseAndEnd(.packetTooLarge(cluster.link.settings.packetBytes))
            return bytes.count
        }
        if !dropsStream { pass(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: server) }
        if framer.isComplete {
            command.replySequence = framer.lastSequence &+ 1
            client.pauseReading()
            if dropsStream || command.replyKind == .none {
                if command.replyKind == .none { server.entry.load.finished(latencyNanoseconds: 0) }
                finishCommand()
            } else {
                phase = .running
            }
        }
        return count
    }

    /// Bytes of the file that a server asked for, up to the empty packet that ends it.
    func fileReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let server = current else { return bytes.count }
        let count = framer.pass(UnsafeRawBufferPointer(bytes), wholeFile: true)
        if framer.isComplete {
            phase = .running
            client.pauseReading()
            server.localInfileSent()
        }
        pass(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: server)
        return count
    }

    private func pass(_ bytes: UnsafeRawBufferPointer, to server: ServerConnection) {
        server.sendMore(bytes)
        if server.isCongested { client.pauseReading() }
    }
}
