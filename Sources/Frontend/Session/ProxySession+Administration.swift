// Commands that are not about statements, and statements that the proxy answers itself.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

extension StatementEffects {
    /// Statements that the proxy answers, or changes, because ids of connections, or variables, are its own.
    static let answeredHere: StatementEffects = [.kills, .showsProcesslist, .readsConnectionID, .namesProxyVariable]
}

extension ProxySession {
    /// A command other than those that most clients send. What servers withdrew goes to the primary all the same: its
    /// version decides, and its words are the client's.
    func administer(_ code: CommandCode, _ argument: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        switch code {
        case .statistics: run(code, .statistics, .command(.primary), .main, packet)
        case .debug: run(code, .okOrError, .command(.primary), .main, packet)
        case .refresh: run(code, .okOrError, .command(committing: .flush), .main, packet)
        case .createDB: run(code, .okOrError, .command(committing: .create), .main, packet)
        case .dropDB: run(code, .okOrError, .command(committing: .drop), .main, packet)
        case .setOption: setOption(argument, packet)
        case .processInfo:
            guard state.sqlMode.dialect == .mariaDB else { return refuse(.unknownCommand) }
            askPrivileges(then: .listProcesses(isFull: false), replySequence: packet[3] &+ 1)
        case .processKill: killProcess(argument)
        case .registerSlave, .binlogDump, .binlogDumpGTID: readBinlog(code, packet)
        case .changeUser:
            phase = .asking
            client.changeUser(argument, sequence: packet[3], collation: identity.collation)
        case .shutdown:
            refuse(
                .notServed(
                    "COM_SHUTDOWN is not served by Switchyard: it would stop whichever server is the primary; "
                        + "connect to that server"))
        default: refuse(.unknownCommand)
        }
    }

    /// COM_SET_OPTION: whether one text may hold several statements. Carried to every connection of the session.
    private func setOption(_ argument: UnsafeRawBufferPointer, _ packet: UnsafeRawBufferPointer) {
        guard argument.count >= 2 else { return refuse(.malformedCommand(state.sqlMode.dialect)) }
        let option = UInt16(argument[0]) | UInt16(argument[1]) << 8
        guard option <= 1 else { return refuse(.unknownCommand) }
        run(.setOption, .okOrError, .command(.sessionState), .anyAttached, packet) {
            $0.multiStatements = option == 0
        }
    }

    /// Whether one text of this client's may hold several statements.
    var mayHoldSeveral: Bool { state.image.multiStatements ?? client.capabilities.contains(.multiStatements) }

    private func killProcess(_ argument: UnsafeRawBufferPointer) {
        guard state.sqlMode.dialect == .mariaDB else { return refuse(.unknownCommand) }
        guard argument.count >= 4 else { return refuse(.malformedCommand(.mariaDB)) }
        let id = argument.loadUnaligned(as: UInt32.self).littleEndian
        perform(KillStatement(isQueryOnly: false, victim: .connection(UInt64(id))), mayKillOthers: nil)
    }

    // MARK: Statements

    /// Answers a statement about connections, or runs it with the proxy's id in it. False when it goes to a server as
    /// it is.
    func answerHere(
        _ text: UnsafeRawBufferPointer, _ traits: StatementTraits, _ packet: UnsafeRawBufferPointer
    ) -> Bool {
        if traits.effects.contains(.namesProxyVariable) {
            answerProxyVariables(text, traits)
            return true
        }
        if traits.effects.contains(.kills) { return killAsked(text, traits) }
        if traits.effects.contains(.showsProcesslist) {
            guard traits.statementCount == 1,
                let isFull = ProcesslistStatement.isFull(text, mode: state.sqlMode)
            else { return false }
            askPrivileges(then: .listProcesses(isFull: isFull), replySequence: packet[3] &+ 1)
            return true
        }
        guard let changed = packetWithOwnID(text, traits, packet) else { return false }
        changed.withUnsafeBytes { runQuery(traits, $0) }
        return true
    }

    /// The packet with the client's own connection id where its text asks for it; nil when nothing changes.
    func packetWithOwnID(
        _ text: UnsafeRawBufferPointer, _ traits: StatementTraits, _ packet: UnsafeRawBufferPointer
    ) -> [UInt8]? {
        // The owner of a user lock is told by the server's id: both sides of a comparison must be of one kind.
        guard traits.effects.contains(.readsConnectionID), !traits.effects.contains(.checksUserLock),
            let changed = ConnectionIDRewriting.rewrite(text, id: client.id, mode: state.sqlMode)
        else { return nil }
        return self.packet(packet, ending: text.count, with: changed)
    }

    /// The packet with another text at its end; nil when that is too long for one.
    func packet(_ packet: UnsafeRawBufferPointer, ending length: Int, with changed: [UInt8]) -> [UInt8]? {
        let head = packet[PacketHeader.size..<(packet.count - length)]
        guard head.count + changed.count < PacketHeader.maximumPayload else { return nil }
        var writer = ByteWriter(capacity: head.count + changed.count + PacketHeader.size)
        writer.beginPacket(sequence: packet[3])
        writer.writeBytes(head)
        writer.writeBytes(changed)
        writer.endPacket()
        return writer.bytes
    }

    /// Statements of which the proxy's answer cannot be prepared on a server.
    func refusalToPrepare(_ traits: StatementTraits) -> ProxyError? {
        guard !traits.effects.isDisjoint(with: [.kills, .namesProxyVariable]) else { return nil }
        // Drivers answer 1295 by sending the text instead.
        let what = traits.effects.contains(.kills) ? "KILL" : "a switchyard_ variable"
        return ProxyError(
            code: ErrorCode.unsupportedPreparedStatement.rawValue, sqlState: "HY000",
            message: "This command is not supported in the prepared statement protocol yet (\(what), by Switchyard)")
    }

    // MARK: Query attributes

    /// The text in the argument of a COM_QUERY; nil when its attributes cannot be read.
    func queryText(_ argument: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard identity.capabilities.contains(.queryAttributes) else { return argument }
        guard let offset = try? QueryAttributes.textOffset(argument) else { return nil }
        return UnsafeRawBufferPointer(rebasing: argument[offset...])
    }

    /// The text of a whole COM_QUERY that was accepted.
    func queryText(ofPacket packet: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let argument = UnsafeRawBufferPointer(rebasing: packet[(PacketHeader.size + 1)...])
        return queryText(argument) ?? argument
    }
}

extension StatementTraits {
    /// The traits of a command that commits what is open, as a definition does.
    fileprivate static func command(committing kind: StatementKind) -> StatementTraits {
        var traits = StatementTraits.command(.primary, kind: kind)
        traits.transaction = .implicitCommit
        return traits
    }
}
