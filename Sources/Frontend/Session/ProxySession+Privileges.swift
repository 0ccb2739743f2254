// What an account may do with the connections of others: asked of a server, which alone knows roles and changes.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

/// What waits for the answer.
enum PrivilegedAction {
    case kill(KillStatement)
    case listProcesses(isFull: Bool)
}

/// What the global grants of an account allow.
struct ConnectionPrivileges: Equatable {
    /// PROCESS.
    var seesAll = false
    /// SUPER or CONNECTION_ADMIN.
    var killsAll = false

    /// Reads the reply to `SHOW GRANTS`, which lists what the active roles grant too.
    init(grants reply: UnsafeRawBufferPointer) {
        var offset = 0
        while let header = PacketHeader(UnsafeRawBufferPointer(rebasing: reply[offset...])) {
            let start = offset + PacketHeader.size
            offset += header.frameLength
            guard offset <= reply.count else { return }
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: reply[start..<offset]))
            guard let text = try? reader.readNullableLengthEncodedBytes() else { continue }
            note(String(decoding: text, as: UTF8.self))
        }
    }

    /// `GRANT SELECT, SUPER ON *.* TO …`.
    private mutating func note(_ line: String) {
        guard line.hasPrefix("GRANT "), let end = Self.place(of: " ON *.* TO ", in: line) else { return }
        for word in line[line.index(line.startIndex, offsetBy: 6)..<end].split(separator: ",") {
            let name = word.drop { $0 == " " }
            switch name {
            case "ALL PRIVILEGES":
                seesAll = true
                killsAll = true
            case "PROCESS": seesAll = true
            case "SUPER", "CONNECTION ADMIN", "CONNECTION_ADMIN": killsAll = true
            default: break
            }
        }
    }

    private static func place(of part: String, in line: String) -> String.Index? {
        line.indices.first { line[$0...].hasPrefix(part) }
    }
}

extension ProxySession {
    /// Asks a server what the account may do, in the place of the client's command.
    func askPrivileges(then action: PrivilegedAction, replySequence: UInt8) {
        privilegedAction = action
        var writer = ByteWriter()
        writer.beginPacket(sequence: 0)
        writer.writeUInt8(CommandCode.query.rawValue)
        QueryAttributes.writeNone(into: &writer, for: identity.capabilities)
        writer.writeBytes(Array("SHOW GRANTS".utf8))
        writer.endPacket()
        let isBound = state.isInTransaction
        let next = RunningCommand(
            code: .query, replyKind: .query, traits: .command(.read, kind: .show),
            decision: RoutingDecision(
                target: isBound ? .transaction : .anyAttached, reason: isBound ? .insideTransaction : .pureRead,
                isRepeatable: !isBound),
            purpose: .privileges, replySequence: replySequence)
        writer.bytes.withUnsafeBytes { begin(next, $0) }
    }

    /// Bytes of a reply that no client sees.
    func ownReplyReceived(_ bytes: UnsafeRawBufferPointer) {
        guard command.purpose == .privileges, ownReply.count + bytes.count <= FrontendLimits.ownReplyBytes else {
            return
        }
        ownReply.append(contentsOf: bytes)
    }

    /// The server answered: the account may do what its grants say, and nothing when it said no.
    func privilegesAnswered() {
        guard let action = privilegedAction else { return finishCommand() }
        privilegedAction = nil
        let privileges = ownReply.withUnsafeBytes { ConnectionPrivileges(grants: $0) }
        ownReply = []
        current = nil
        command.purpose = .client
        command.wasSent = false
        switch action {
        case .kill(let statement): perform(statement, mayKillOthers: privileges.killsAll)
        case .listProcesses(let isFull): listProcesses(isFull: isFull, seesAll: privileges.seesAll)
        }
    }
}
