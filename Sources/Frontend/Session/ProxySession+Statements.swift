// Prepared statements on server connections: prepared where they are executed, sent by the server's own ids.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession {
    // MARK: Before it is sent

    /// Whether the connection has the statement, or has room for one that the client prepares. If not, it is prepared
    /// there first, and the command waits.
    func isStatementReady(
        _ statement: ClientStatement, on server: ServerConnection, _ packets: UnsafeRawBufferPointer
    ) -> Bool {
        guard command.code != .statementPrepare else {
            if server.reserveStatement() { return true }
            refuseStatement(on: server)
            return false
        }
        guard server.serverStatementID(statement.id) == nil else { return !mustRefuseStream(statement, on: server) }
        if command.awaitsPrepare, let refusal = server.takeStatementRefusal(statement.id) {
            prepareRefused(refusal, on: server)
            return false
        }
        let isUnderWay = server.isPreparing(statement.id)
        guard isUnderWay || server.reserveStatement() else {
            refuseStatement(on: server)
            return false
        }
        retain(packets)
        phase = .waiting
        command.awaitsPrepare = true
        guard !isUnderWay else { return false }
        server.prepare(statement.id, statement.text, in: statement.context, now: StatementContext(state.image))
        return false
    }

    private func refuseStatement(on server: ServerConnection) {
        current = nil
        if let maximum = server.heldStatementsMaximum { return refuse(.tooManyStatements(held: maximum)) }
        refuse(.tooManyStatements(on: server.entry.name, server.statementLimit))
    }

    private func prepareRefused(_ refusal: StatementRefusal, on server: ServerConnection) {
        current = nil
        command.awaitsPrepare = false
        guard mayLag(server, refusal.code) else {
            return refuse(
                ProxyError(
                    code: refusal.code, sqlState: refusal.sqlState, message: refusal.message, isServers: true))
        }
        command.decision = RoutingDecision(target: .main, reason: .notProvablyARead, isRepeatable: true)
        phase = .running
        routeRetained()
    }

    // MARK: Sending

    /// Sends a command about a statement, with the server's id in it.
    func sendStatementCommand(_ packets: UnsafeRawBufferPointer, on server: ServerConnection) {
        guard let statement = command.statement else { return }
        if command.isLongData {
            setID(server.serverStatementID(statement.id), in: packets)
            server.send(packets, expecting: .none)
            return longDataSent(statement, server)
        }
        guard command.code == .statementExecute || command.code == .statementBulkExecute else {
            setID(server.serverStatementID(statement.id), in: packets)
            return server.send(packets, expecting: command.replyKind)
        }
        let placed = server.useStatement(statement.id, typesVersion: statement.typesVersion)
        setID(placed?.serverID, in: packets)
        if case .remembered = command.types, placed?.knowsTypes == false, !statement.types.isEmpty {
            withTypes(packets, statement.types).withUnsafeBytes { server.send($0, expecting: .query) }
        } else {
            server.send(packets, expecting: .query)
        }
        statement.text.withUnsafeBytes {
            noteNames($0)
            askWhatNobodyReports($0, on: server)
        }
    }

    /// Writes the server's id over the client's. The bytes are the lane's scratch buffer or what the session retained,
    /// in both cases nobody else's; a copy of each command would be the price of a cleaner type.
    private func setID(_ id: UInt32?, in packets: UnsafeRawBufferPointer) {
        guard let id, let base = packets.baseAddress,
            packets.count >= PacketHeader.size + StatementExecute.idOffset + 4
        else { return }
        UnsafeMutableRawPointer(mutating: base).storeBytes(
            of: id.littleEndian, toByteOffset: PacketHeader.size + StatementExecute.idOffset, as: UInt32.self)
    }

    /// The packet's beginning up to where its types belong, with them. The rest of the packet follows it as it is.
    private func headWithTypes(_ packet: UnsafeRawBufferPointer, _ types: [UInt8]) -> (head: [UInt8], used: Int) {
        guard case .remembered(let flag, let mask, let insertion) = command.types,
            let header = PacketHeader(packet), packet.count >= PacketHeader.size + insertion
        else { return ([], 0) }
        var head = Array(packet[..<(PacketHeader.size + insertion)])
        let length = header.payloadLength + types.count
        for index in 0..<3 { head[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
        head[PacketHeader.size + flag] |= mask
        head += types
        return (head, PacketHeader.size + insertion)
    }

    /// The packet of an execution that relies on types named before, with them; nil when it needs none.
    func packetWithTypes(_ packet: UnsafeRawBufferPointer) -> [UInt8]? {
        guard case .remembered = command.types, let statement = command.statement, !statement.types.isEmpty else {
            return nil
        }
        return withTypes(packet, statement.types)
    }

    private func withTypes(_ packet: UnsafeRawBufferPointer, _ types: [UInt8]) -> [UInt8] {
        let (head, used) = headWithTypes(packet, types)
        return head + packet[used...]
    }

    private func longDataSent(_ statement: ClientStatement, _ server: ServerConnection) {
        prepared.hold(statement, .longData, on: server)
        noteFinished(on: server)
        // A server that does not read must be felt by the client that sends.
        if !server.isCongested { finishCommand() }
    }

    // MARK: Streams

    /// Another frame begins where the first ends: no types can be put into such a command as it passes.
    private func mustRefuseStream(_ statement: ClientStatement, on server: ServerConnection) -> Bool {
        guard command.streams, case .remembered = command.types, !statement.types.isEmpty,
            command.firstFrameBytes + statement.types.count >= PacketHeader.maximumPayload,
            !server.knowsTypes(statement.id, typesVersion: statement.typesVersion)
        else { return false }
        current = nil
        refuse(.typesUnknown(node: server.entry.name))
        return true
    }

    /// The first bytes of a streamed command; gives how many of them were sent in another form.
    func sendStreamHead(_ bytes: UnsafeRawBufferPointer, to server: ServerConnection) -> Int {
        command.headIsDue = false
        guard let statement = command.statement else { return 0 }
        if command.isLongData {
            setID(server.serverStatementID(statement.id), in: bytes)
            prepared.hold(statement, .longData, on: server)
            return 0
        }
        let placed = server.useStatement(statement.id, typesVersion: statement.typesVersion)
        setID(placed?.serverID, in: bytes)
        guard case .remembered = command.types, placed?.knowsTypes == false, !statement.types.isEmpty else { return 0 }
        let (head, used) = headWithTypes(bytes, statement.types)
        head.withUnsafeBytes { server.sendMore($0) }
        return used
    }

    // MARK: What binds a statement to a connection

    /// The connection that has a statement's long data, cursor or unkept text; nil when nothing binds it.
    func placeWhereHeld() -> Placement? {
        guard let statement = command.statement else { return nil }
        if let error = statement.pendingError {
            statement.pendingError = nil
            if statement.text.isEmpty { prepared.closed(statement) }
            return .refuse(error)
        }
        guard let hold = statement.hold, let holder = statement.holder else { return nil }
        guard command.code == .statementExecute || command.code == .statementBulkExecute || command.isLongData else {
            return .server(holder)
        }
        if state.isInTransaction, let transactionServer, transactionServer !== holder {
            return .refuse(releaseLost(statement, hold, holder))
        }
        if !state.isInTransaction, holder !== main, mode != .replica, !mayRunOnReader(holder) {
            return .refuse(releaseLost(statement, hold, holder))
        }
        if holder === main, mode != .replica, !isCurrentPrimary(holder), !mayRunOnFormerPrimary {
            guard cluster.table.gate.isOpen else { return .wait(.noPrimary(gateReason)) }
            return .refuse(releaseLost(statement, hold, holder))
        }
        return .server(holder)
    }

    /// A read-only transaction left something bound to a reader: what writes, or must see what the session wrote
    /// meanwhile, does not belong there any more.
    private func mayRunOnReader(_ reader: ServerConnection) -> Bool {
        guard command.decision.target != .main, reader.entry.id.index < Balancer.nodesMaximum else { return false }
        return fitReaders() & (1 << UInt64(reader.entry.id.index)) != 0
    }

    /// What is bound to a connection where the statement must not run is given up there.
    private func releaseLost(
        _ statement: ClientStatement, _ hold: ClientStatement.Hold, _ holder: ServerConnection
    ) -> ProxyError {
        let error = ProxyError.heldStatementLost(hold, node: holder.entry.name)
        guard hold != .unkeptText else { return error }
        holder.closeStatement(statement.id)
        prepared.release(statement)
        noteCursors()
        return error
    }

    /// The session has this connection no more.
    func heldStatementsLost(with server: ServerConnection) {
        guard prepared.holds(server) else { return }
        prepared.connectionGone(server)
        noteCursors()
    }

    /// The pins that people see.
    func noteCursors() {
        let formerPins = state.pins
        defer { notePins(since: formerPins) }
        if prepared.hasCursor { state.pin(.cursor) } else { state.unpin(.cursor) }
        if prepared.hasUnkeptText { state.pin(.preparedStatements) } else { state.unpin(.preparedStatements) }
    }

    // MARK: Replies

    /// COM_STMT_PREPARE succeeded: the client gets the proxy's id.
    func notePrepared(_ packet: UnsafeMutableRawBufferPointer, _ server: ServerConnection) {
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        guard let head = try? PrepareOK.parse(payload), let statement = command.statement else { return }
        command.warnings = head.warnings
        server.statementPrepared(statement.id, serverID: head.statementID)
        prepared.prepared(statement, parameterCount: Int(head.parameterCount))
        setID(statement.id, in: UnsafeRawBufferPointer(packet))
        if statement.text.isEmpty {
            prepared.hold(statement, .unkeptText, on: server)
            noteCursors()
        }
    }

    /// An error that the client does not hear of: the statement is tried on the primary, or prepared anew.
    func isStatementSavedFrom(_ code: UInt16?, _ server: ServerConnection) -> Bool {
        if command.code == .statementPrepare { server.statementRefused() }
        // Long data and cursors are on this connection only. Rows that came with the error are on their way to the client.
        guard let code, command.isRetained, !command.wasAnswered, server.endsAtOnce, command.statement?.hold == nil
        else { return false }
        if mayLag(server, code) {
            command.goesToPrimary = true
            command.lagsBehind = true
            return true
        }
        guard code == 1615, command.code == .statementExecute, !command.wasPreparedAgain else { return false }
        command.preparesAgain = true
        return true
    }

    /// What a replica does not know (yet), or does not allow (yet): the primary is asked before the client hears of it.
    private static let laggingErrors: Set<UInt16> = [
        1044, 1045, 1049, 1051, 1054, 1072, 1109, 1142, 1143, 1146, 1176, 1227, 1305, 1356, 1370, 1449, 4059,
    ]

    func mayLag(_ server: ServerConnection, _ code: UInt16) -> Bool {
        mode != .replica && server !== main && !state.isInTransaction && cluster.table.gate.isOpen
            && Self.laggingErrors.contains(code)
    }

    /// 1615: the server could not prepare the statement anew by itself.
    func prepareAgain(on server: ServerConnection) {
        command.preparesAgain = false
        command.wasPreparedAgain = true
        command.beginsAgain()
        if let statement = command.statement { server.closeStatement(statement.id) }
        current = nil
        routeRetained()
    }

    /// A command about a statement was answered: what it leaves bound to the connection.
    func noteStatementAnswered(_ statement: ClientStatement, _ server: ServerConnection, _ status: StatusFlags) {
        switch command.code {
        case .statementExecute, .statementBulkExecute:
            let opened = !command.endedInError && status.contains(.cursorExists) && !status.contains(.lastRowSent)
            guard opened || statement.hold != nil else { return }
            prepared.release(statement)
            if opened { prepared.hold(statement, .cursor, on: server) }
        case .statementFetch:
            guard !command.endedInError, status.contains(.lastRowSent) else { return }
            prepared.release(statement)
        case .statementReset: prepared.release(statement)
        default: return
        }
        noteCursors()
    }
}

extension ProxyError {
    /// 9515: a very long execution that does not name its parameters' types, on a connection that never heard them.
    static func typesUnknown(node: String) -> ProxyError {
        ProxyError(
            code: 9515, sqlState: "HY000",
            message: "this execution is longer than a packet and does not name its parameters' types, and its new "
                + "connection to \(node) does not know them: bind the parameters again, or send them as long data")
    }
}
