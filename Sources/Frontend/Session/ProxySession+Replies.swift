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
        if phase == .yielding {
            // A reader may still owe the answer to what a refused command had sent ahead.
            guard server === main else { return }
            return yieldAnswered(server)
        }
        guard server === current else { return }
        if doubt?.isAsked == true { return doubtAnswered(server) }
        if command.asksReader { return readerAnswered(server) }
        if command.causal.isAsked { return inquiryAnswered(server) }
        guard command.awaitsReport else { return sendRetained() }
        command.awaitsReport = false
        command.reportIsIncomplete = server.didReportFail
        noteStatement(server, command.finalStatus)
        finishCommand()
    }

    func serverReplied(_ server: ServerConnection, _ bytes: UnsafeRawBufferPointer) {
        guard command.purpose == .client else {
            if command.purpose != .replay { ownReplyReceived(bytes) }
            return
        }
        var bytes = bytes
        if !server.isReplyComplete || partial != nil {
            bytes = unseen(bytes, from: server)
            guard bytes.count > 0 else { return }
        }
        command.wasAnswered = true
        measured.bytes &+= UInt64(bytes.count)
        client.write(bytes)
        guard client.isCongested else { return }
        server.pauseReading()
        client.setDeadline(milliseconds: lane.nowMilliseconds + FrontendLimits.stalledMilliseconds)
    }

    func serverChanged(_ server: ServerConnection, _ change: SessionStateChange) {
        switch change {
        case .systemVariable(let name, let value):
            if name.elementsEqual("last_gtid".utf8) { return positionTold(value, .mariaDB, server) }
            if !name.elementsEqual("statement_id".utf8) { command.namedChange = true }
            if name.elementsEqual("collation_connection".utf8) { command.reportedCollation = true }
            if !state.variableReported(name, value) { server.taint() }
        case .schema(let name):
            command.namedChange = true
            state.schemaReported(name)
        case .gtids(let text): positionTold(text, .mySQL, server)
        case .stateChange(let changed): if changed { command.reportedStateChange = true }
        case .transactionState(let text): noteTransactionState(text)
        case .transactionCharacteristics, .unknown: break
        }
    }

    func serverEnding(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) -> EndPacketUse {
        if showsStatus(event), isBesideTransaction(server) { showOwnTransaction(packet) }
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        command.endedPlainly = isPlainEnd(event, payload, server)
        if command.endedPlainly {
            if server.watchesReplies { noteEndInJournal(event, payload, server) }
            command.hadRows = true
            return .relay
        }
        command.endedInError = event == .error
        if event == .ok || event == .endOfRows { command.statusBeforeError = server.replyStatus }
        command.endReportsPosition = event == .ok || server.negotiated.contains(.deprecateEOF)
        if event == .endOfRows, !command.endReportsPosition, command.mayHaveSeveralResults {
            command.endedUntold = true
        }
        if server.watchesReplies { noteEndInJournal(event, payload, server) }
        if event == .ok { noteOK(payload, server) }
        noteSilentWrite(on: server, event)
        noteUnknownWrite(on: server, event)
        if mayBeOnFormerPrimaryOnly(server, event) {
            command.outcomeIsUnknown = true
            return .replace
        }
        switch event {
        case .ok: break
        case .endOfRows:
            command.hadRows = true
            if server.negotiated.contains(.deprecateEOF) {
                noteOK(payload, server)
            } else if payload.count >= 3 {
                command.warnings = UInt16(payload[1]) | UInt16(payload[2]) << 8
                hideStateChange(packet)
            }
        case .endOfDefinitions: hideStateChange(packet)
        case .localInfile where command.purpose != .client || phase != .running:
            server.giveUp("it asked for a file that nobody offered")
        case .localInfile:
            framer = CommandFramer()
            dropsStream = false
            phase = .receivingFile
            client.resumeReading()
        case .prepareOK: notePrepared(packet, server)
        case .error:
            if isRefusedByNode(server, payload) {
                command.wasRefused = true
                return .replace
            }
            if command.statement != nil, isStatementSavedFrom(ErrorPacket.code(of: payload), server) { return .replace }
            if isDisguisedWrite(server, payload) || isSchemaNotHereYet(server, payload) {
                command.goesToPrimary = true
                return .replace
            }
            if partial != nil, isErrorOfPart(server, payload, sequence: packet[3]) { return .replace }
            if isWriteRefusedByReader(server, payload) || isTimeout(payload) { return .replace }
        case .needMoreBytes: break
        }
        switch command.purpose {
        case .schemaCheck, .replay: return .replace
        case .privileges: return .relay
        case .client: break
        }
        return needsRewriting(event, payload, server) ? .replace : .relay
    }

    /// An EOF packet has no room for the changes it announces: those that only the proxy tracks.
    private func hideStateChange(_ packet: UnsafeMutableRawBufferPointer) {
        if packet.count == PacketHeader.size + 5 { packet[PacketHeader.size + 4] &= ~0x40 }
    }

    /// What looked like a read calls something that writes: a view, or a function of a known name. The reader refused it.
    private func isDisguisedWrite(_ server: ServerConnection, _ payload: UnsafeRawBufferPointer) -> Bool {
        // Rows that came with the error are on their way to the client: a second answer must not follow them.
        guard mode != .replica, server !== main, !state.isInTransaction, command.isRetained, !command.wasAnswered,
            server.endsAtOnce, command.statement?.hold == nil, let code = ErrorPacket.code(of: payload)
        else { return false }
        return code == 1290 || code == 1792
    }

    /// A schema that a replica does not have, or not for this account: the primary knows whether it is new.
    private func isSchemaNotHereYet(_ server: ServerConnection, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard command.code == .initDB || command.traits.kind == .use, mode != .replica, server !== main,
            !state.isInTransaction, command.isRetained, !command.wasAnswered,
            let code = ErrorPacket.code(of: payload)
        else { return false }
        return code == 1049 || code == 1044
    }

    /// A write in a read-only transaction: a replica says that it is read-only itself (1290), where one server would say
    /// that the transaction is (1792).
    private func isWriteRefusedByReader(_ server: ServerConnection, _ payload: UnsafeRawBufferPointer) -> Bool {
        mode != .replica && server === transactionServer && server !== main && ErrorPacket.code(of: payload) == 1290
    }

    private func noteOK(_ payload: UnsafeRawBufferPointer, _ server: ServerConnection) {
        guard let head = try? OKHead.parse(payload, capabilities: server.negotiated) else { return }
        command.changedRows = head.affectedRows > 0
        if command.purpose == .client { measured.affectedRows &+= head.affectedRows }
        if head.lastInsertID != 0 { command.lastInsertID = head.lastInsertID }
        command.warnings = head.warnings
    }

    /// A client without session tracking reads the end of an OK packet differently; one with it gets what it asked for.
    private func needsRewriting(
        _ event: ResponseEvent, _ payload: UnsafeRawBufferPointer, _ server: ServerConnection
    ) -> Bool {
        guard event == .ok || (event == .endOfRows && server.negotiated.contains(.deprecateEOF)) else { return false }
        // Seven bytes hold one-byte counts, flags and warnings: nothing follows them.
        guard client.capabilities.contains(.sessionTrack) else { return payload.count > 7 }
        return server.replyStatus.contains(.sessionStateChanged)
            && !ownTracking.isSuperset(of: .all)
    }

    /// What the client tracks by its own settings, those of the statement at hand included.
    private var ownTracking: OwnTracking { state.ownTracking.union(command.setsTracking) }

    /// Takes out what a server would not report to this client.
    private func filterTracking(_ ok: inout OKPacket) {
        // Flag without records: a server says so, too (seen on MySQL 9.7).
        guard client.capabilities.contains(.sessionTrack), !ok.sessionState.isEmpty else { return }
        let own = ownTracking
        let dialect = state.sqlMode.dialect
        ok.sessionState = ok.sessionState.withUnsafeBytes {
            (try? SessionTrackingFilter.filtered($0, own, dialect)) ?? []
        }
        if ok.sessionState.isEmpty { ok.status.remove(.sessionStateChanged) }
    }

    func serverReplaces(
        _ server: ServerConnection, _ event: ResponseEvent, _ packet: UnsafeMutableRawBufferPointer
    ) {
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        if command.goesToPrimary || command.preparesAgain || command.wasRefused || command.purpose == .replay { return }
        if command.purpose == .schemaCheck { return schemaAnswered(event, payload) }
        // The client has a part of the result, and gets nothing of this one.
        if let partial, partial.isRepeating || partial.cutOffSequence != nil { return }
        if event == .error, tellErrorBehindPart(server, UnsafeRawBufferPointer(packet)) { return }
        command.wasAnswered = true
        if command.outcomeIsUnknown { return tellUnknownOutcome(server, sequence: packet[3]) }
        if event == .error, isTimeout(payload) {
            return client.answer(with: timeoutError, sequence: packet[3])
        }
        if event == .error {
            return client.answer(with: .readOnlyTransaction(state.sqlMode.dialect), sequence: packet[3])
        }
        guard var ok = try? OKPacket.parse(payload, capabilities: server.negotiated) else { return }
        filterTracking(&ok)
        var writer = ByteWriter()
        writer.beginPacket(sequence: packet[3])
        ok.encode(into: &writer, capabilities: client.capabilities)
        writer.endPacket()
        client.write(writer.bytes)
    }

    func serverCompleted(_ server: ServerConnection, rows: UInt64, status: StatusFlags) {
        noteFinished(on: server)
        if command.endedPlainly { return plainReadEnded(server, rows: rows, status) }
        if command.wasRefused { return refusedByNode(server) }
        if command.goesToPrimary || command.preparesAgain { diagnosticsSpoiled(on: server) }
        if command.goesToPrimary { return sendToPrimary() }
        if command.preparesAgain { return prepareAgain(on: server) }
        if partial?.cutOffSequence != nil { return server.giveUp("it ended the statement, as it ends itself") }
        noteMeasuredAnswer(rows: rows)
        if let statement = command.statement { noteStatementAnswered(statement, server, status) }
        if command.awaitsReport {
            command.finalStatus = status
            command.isAnsweredFully = true
            return
        }
        noteStatement(server, status)
        if command.purpose == .replay { return replayAnswered(server) }
        if command.purpose == .schemaCheck { return }
        if command.purpose == .privileges { return privilegesAnswered() }
        if partial?.isRepeating == true { return repetitionEnded(server) }
        if phase == .streaming || phase == .receivingFile {
            // The reply came before the command's end: the server will not read the rest.
            dropsStream = true
            return
        }
        let releases =
            command.traits.transaction == .commitAndRelease || command.traits.transaction == .rollbackAndRelease
        // RELEASE ends the connection, as it does on a server.
        if releases && !command.endedInError { endsAfterCommand = true }
        finishCommand()
    }

    private func sendToPrimary() {
        command.goesToPrimary = false
        command.beginsAgain()
        command.decision = RoutingDecision(target: .main, reason: .notProvablyARead, isRepeatable: false)
        guard !command.lagsBehind, command.code != .initDB, command.traits.kind != .use else {
            current = nil
            return routeRetained()
        }
        // It wrote more than its text said: what it leaves in the session is as unknown as that of a function.
        command.traits.access = .primary
        command.traits.effects.insert(.callsUnknownFunction)
        current = nil
        routeRetained()
    }

    private func noteStatement(_ server: ServerConnection, _ status: StatusFlags) {
        // What asked for warnings or rows of a cursor beside the session's transactions changed nothing.
        guard !isBesideTransaction(server) else { return }
        let keepsDiagnostics = noteDiagnostics(server)
        noteReturning()
        noteRunning(on: server)
        if !command.endedInError { state.tracks(command.setsTracking) }
        let ranOnMain = server === main
        let formerPins = state.pins
        noteAskedVariables(server)
        noteCharacterSets()
        if !command.schema.isEmpty && !command.endedInError { state.schemaChanged(command.schema) }
        if let allowed = command.multiStatements, !command.endedInError { state.multiStatementsAllowed(allowed) }
        state.statementEnded(
            command.traits,
            StatementEnd(
                status: endStatus(status), ranOnMain: ranOnMain,
                lastInsertID: command.lastInsertID,
                warnings: command.warnings, leftUnreported: command.reportIsIncomplete,
                failed: command.endedInError, keepsDiagnostics: keepsDiagnostics, names: command.namedChanges,
                userVariables: command.userVariables,
                // Reading `information_schema` reports the schema, which stays the same (MariaDB 10.11).
                reportedStateChange: ranOnMain && command.reportedStateChange && !command.namedChange,
                role: command.role),
            positionIsKnown: isPositionKnown)
        noteReaderVariables(server)
        noteTexts(server)
        notePins(since: formerPins)
        noteSight(server)
        transactionServer = state.isInTransaction ? server : nil
        noteAnswerInJournal(server)
        noteWhatIsLeft(on: server)
        // What asked for warnings may have run in front of the session's state: then the server does not have that yet.
        if !mustNotSynchronize(server) { adoptState(of: server) }
    }

    /// Later statements may ask about the one that ended on `server`.
    func noteRunning(on server: ServerConnection) {
        // COM_STMT_PREPARE leaves ROW_COUNT() as it was.
        if command.code != .statementPrepare {
            if last !== server { last = server }
            previousIsGone = false
        }
        if command.hadRows {
            if lastWithRows !== server { lastWithRows = server }
            foundRowsAreGone = false
        }
    }

    /// The statement that ended on `server` left there what it left in the session.
    func adoptState(of server: ServerConnection) {
        if !server.isIn(state.image.revision, hasSchema: !state.image.schema.isEmpty) { server.adopt(state.image) }
    }

    /// `INSERT … RETURNING` makes numbers that the end of its rows does not tell (seen on MariaDB 10.11).
    private func noteReturning() {
        guard command.hadRows, command.traits.kind == .insert || command.traits.kind == .replace else { return }
        command.traits.effects.insert(.writesLastInsertID)
    }

    /// The answer to COM_STMT_PREPARE carries no status flags.
    private func endStatus(_ status: StatusFlags) -> StatusFlags? {
        if command.code == .statementPrepare { return nil }
        return command.endedInError ? command.statusBeforeError : status
    }

    /// Whether all that the command wrote has a known position.
    var isPositionKnown: Bool {
        let primaryHasPositions = primaryHasPositions
        return command.positionIsKnown(primaryHasPositions: primaryHasPositions)
    }

    /// Whether the primary numbers what it commits. Then a statement that reported no position wrote nothing.
    var primaryHasPositions: Bool {
        // A client that turned the reports off, or may have, is not told from one that wrote nothing.
        cluster.table.primaryHasPositions && state.pins.isDisjoint(with: [.untrackedState, .unclassified])
    }

    private func schemaAnswered(_ event: ResponseEvent, _ payload: UnsafeRawBufferPointer) {
        guard event == .ok else {
            let error = try? ErrorPacket.parse(payload)
            return client.refuseLogin(
                ProxyError(
                    code: error?.code ?? 1049, sqlState: error?.sqlState ?? "42000",
                    message: error?.message ?? "Unknown database", isServers: true))
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
        if phase == .streaming || phase == .receivingFile || command.replyKind == .events { client.resumeReading() }
        if phase == .running && command.replyKind == .none { finishCommand() }
    }
}
