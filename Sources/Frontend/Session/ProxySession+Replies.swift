// From a server's reply to the client, and what it tells about the session.
internal import Backend
internal import Network
internal import Routing
internal import SQL
internal import Topology
internal import Wire

extension ProxySession: ServerConnectionUser {
    func serverReady(_ server: ServerConnection) {
        guard server === current else { return }
        sendRetained()
    }

    func serverSynchronized(_ server: ServerConnection) {
        guard server === current else { return }
        sendRetained()
    }

    func serverReplied(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {
        guard command.purpose == .client else { return }
        command.wasAnswered = true
        client.write(bytes)
        guard client.isCongested else { return }
        server.pauseReading()
        client.setDeadline(milliseconds: lane.nowMilliseconds + FrontendLimits.stalledMilliseconds)
    }

    func serverChanged(_ server: ServerConnection, _ change: SessionStateChange) {
        switch change {
        case .systemVariable(let name, let value):
            if name.elementsEqual("last_gtid".utf8) {
                command.reportedPosition = value.count > 0
            } else {
                command.reportedVariable = true
            }
            state.variableReported(name, value)
        case .schema(let name): state.schemaReported(name)
        case .gtids(let text):
            command.reportedPosition = true
            state.positionReported(text, .mySQL)
        case .stateChange, .transactionCharacteristics, .transactionState, .unknown: break
        }
    }

    func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse {
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        command.endedInError = event == .error
        switch event {
        case .ok: noteOK(payload, server)
        case .endOfRows:
            if server.negotiated.contains(.deprecateEOF) {
                noteOK(payload, server)
            } else if payload.count >= 3 {
                command.warnings = UInt16(payload[1]) | UInt16(payload[2]) << 8
            }
        case .localInfile:
            framer = CommandFramer()
            phase = .receivingFile
            client.resumeReading()
        case .prepareOK: notePrepared(payload)
        case .error, .needMoreBytes: break
        }
        if command.purpose == .schemaCheck { return .replace }
        return needsRewriting(event, payload, server) ? .replace : .relay
    }

    private func noteOK(_ payload: UnsafeRawBufferPointer, _ server: ServerConnection) {
        guard let head = try? OKHead.parse(payload, capabilities: server.negotiated) else { return }
        if head.lastInsertID != 0 { command.lastInsertID = head.lastInsertID }
        command.warnings = head.warnings
    }

    private func notePrepared(_ payload: UnsafeRawBufferPointer) {
        guard let head = try? PrepareOK.parse(payload), let executed = command.executedTraits else { return }
        prepared.prepared(head.statementID, executed)
        state.pin(.preparedStatements)
    }

    /// A client without session tracking reads the end of an OK packet differently.
    private func needsRewriting(
        _ event: ResponseEvent, _ payload: UnsafeRawBufferPointer, _ server: ServerConnection
    ) -> Bool {
        guard !client.capabilities.contains(.sessionTrack) else { return false }
        // Seven bytes hold one-byte counts, flags and warnings: nothing follows them.
        return payload.count > 7
            && (event == .ok || (event == .endOfRows && server.negotiated.contains(.deprecateEOF)))
    }

    func serverReplaces(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) {
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        if command.purpose == .schemaCheck { return schemaAnswered(event, payload) }
        guard let ok = try? OKPacket.parse(payload, capabilities: server.negotiated) else { return }
        var writer = ByteWriter()
        writer.beginPacket(sequence: packet[3])
        ok.encode(into: &writer, capabilities: client.capabilities)
        writer.endPacket()
        command.wasAnswered = true
        client.write(writer.bytes)
    }

    func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags) {
        server.entry.load.finished(latencyNanoseconds: nowExactly() &- command.sentAt)
        noteStatement(server, status)
        if command.purpose == .schemaCheck { return }
        if phase == .streaming {
            // The reply came before the command's end: the server will not read the rest.
            dropsStream = true
            return
        }
        finishCommand()
    }

    /// The lane's clock is read once per wake: exact enough for whatever is worth balancing.
    private func nowExactly() -> UInt64 { lane.nowNanoseconds }

    private func noteStatement(_ server: ServerConnection, _ status: StatusFlags) {
        last = server
        let ranOnMain = server === main
        if !command.schema.isEmpty && !command.endedInError { state.schemaChanged(command.schema) }
        state.statementEnded(
            command.traits,
            StatementEnd(
                status: command.endedInError ? nil : status, ranOnMain: ranOnMain, lastInsertID: command.lastInsertID,
                warnings: command.warnings, reportedVariable: command.reportedVariable),
            hadPosition: command.reportedPosition)
        transactionServer = state.isInTransaction ? server : nil
        server.adopt(state.image)
    }

    private func schemaAnswered(_ event: ResponseEvent, _ payload: UnsafeRawBufferPointer) {
        guard event == .ok else {
            let error = try? ErrorPacket.parse(payload)
            return client.refuseLogin(
                ProxyError(
                    code: error?.code ?? 1049, sqlState: error?.sqlState ?? "42000",
                    message: error?.message ?? "Unknown database"))
        }
        if let schema = identity.schema {
            state.schemaChanged(command.schema)
            cluster.schemaAccepted(schema, account)
        }
        current = nil
        command.purpose = .client
        leaveWaiting()
        enter()
    }

    func serverDrained(_ server: ServerConnection) {
        guard server === current else { return }
        if phase == .streaming || phase == .receivingFile { client.resumeReading() }
    }
}
