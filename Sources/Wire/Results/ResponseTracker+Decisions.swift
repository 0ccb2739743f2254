// What the tracker makes of a packet's first bytes.

extension ResponseTracker {
    /// What happens with the packet at hand.
    enum Decision {
        /// Too few bytes to tell, or a packet to report that is not complete.
        case wait
        /// A body packet: it goes to the client as it comes.
        case pass
        /// A complete packet for the caller.
        case report(ResponseEvent)
    }

    /// `payload` is what is there of the packet: at least its first byte, at most its first frame.
    mutating func decide(_ length: Int, _ payload: UnsafeRawBufferPointer) throws(WireError) -> Decision {
        let first = payload[0]
        if first == ErrorPacket.header {
            return try decideError(length, payload)
        }
        switch phase {
        case .head:
            switch first {
            case OKPacket.header: return try collect(.ok, length, payload)
            case 0xFB: return try collect(.localInfile, length, payload)
            default: return try decideColumnCount(length, payload)
            }
        case .okOrError, .localInfile:
            switch first {
            case OKPacket.header: return try collect(.ok, length, payload)
            case EOFPacket.header: return try collect(.endOfRows, length, payload)
            default: throw .unexpectedPacket(firstByte: first)
            }
        case .statistics:
            return try collect(.ok, length, payload)
        case .prepareHead:
            guard first == OKPacket.header else { throw .unexpectedPacket(firstByte: first) }
            return try collect(.prepareOK, length, payload)
        case .prepareBody, .definitions:
            packetsRemaining -= 1
            if packetsRemaining == 0 { phase = phase == .prepareBody ? .complete : phaseAfterDefinitions }
            return .pass
        case .definitionsEnd:
            return try decideDefinitionsEnd(length, payload)
        case .rows:
            if isEnd(first, length) { return try collect(.endOfRows, length, payload) }
            rowCount += 1
            return .pass
        // An event begins with 0x00.
        case .fieldList, .events:
            return isEnd(first, length) ? try collect(.endOfRows, length, payload) : .pass
        case .complete:
            return .wait
        }
    }

    private var phaseAfterDefinitions: Phase {
        capabilities.contains(.deprecateEOF) ? .rows : .definitionsEnd
    }

    /// 0xFE also opens a row whose first field has 16 MiB or more; only its length tells the two apart.
    private func isEnd(_ first: UInt8, _ length: Int) -> Bool {
        guard first == EOFPacket.header else { return false }
        return length < (capabilities.contains(.deprecateEOF) ? PacketHeader.maximumPayload : 9)
    }

    /// MariaDB reports progress in packets that are ERR packets but for code 0xFFFF and the missing SQLSTATE
    /// (`SIGNAL` can make a true error with that code, which has one).
    private mutating func decideError(_ length: Int, _ payload: UnsafeRawBufferPointer) throws(WireError) -> Decision {
        if capabilities.contains(.mariadbProgress), length > 3 {
            guard payload.count > 3 else { return .wait }
            let code = ErrorPacket.code(of: payload)
            if code == ErrorPacket.progressReportCode, payload[3] != UInt8(ascii: "#") { return .pass }
        }
        return try collect(.error, length, payload)
    }

    /// int<lenenc> columns, and one byte more when the peers may leave the definitions out.
    private mutating func decideColumnCount(
        _ length: Int, _ payload: UnsafeRawBufferPointer
    ) throws(WireError) -> Decision {
        guard length <= 10 else { throw .unexpectedPacket(firstByte: payload[0]) }
        guard payload.count == length else { return .wait }
        var reader = ByteReader(payload)
        let count = try reader.readLengthEncodedInteger()
        guard count > 0, count <= Self.columnMaximum else { throw .tooManyColumns(count) }
        columnCount = count
        var definitionsFollow = true
        if !capabilities.isDisjoint(with: [.optionalResultsetMetadata, .mariadbCacheMetadata]), reader.remaining > 0 {
            definitionsFollow = try reader.readUInt8() != 0
        }
        packetsRemaining = definitionsFollow ? Int(count) : 0
        phase = definitionsFollow ? .definitions : phaseAfterDefinitions
        return .pass
    }

    /// The EOF behind the definitions. A server that opened a cursor says so here and sends no rows.
    private mutating func decideDefinitionsEnd(
        _ length: Int, _ payload: UnsafeRawBufferPointer
    ) throws(WireError) -> Decision {
        guard isEnd(payload[0], length) else { throw .unexpectedPacket(firstByte: payload[0]) }
        guard payload.count == length else { return .wait }
        let head = try OKHead.parse(payload, capabilities: capabilities)
        if head.status.contains(.cursorExists) {
            return try collect(.endOfRows, length, payload)
        }
        phase = .rows
        announcesSuccessor = head.status.isSuperset(of: [.psOutParams, .moreResultsExist])
        return head.status.contains(.sessionStateChanged) ? .report(.endOfDefinitions) : .pass
    }

    /// Reports a packet once it is complete, and moves on.
    private mutating func collect(
        _ event: ResponseEvent, _ length: Int, _ payload: UnsafeRawBufferPointer
    ) throws(WireError) -> Decision {
        guard length <= Self.collectedPacketMaximum else { throw .packetTooLarge(payloadLength: length) }
        guard payload.count == length else { return .wait }
        switch event {
        case .ok, .endOfRows:
            if phase == .statistics {
                phase = .complete
                break
            }
            status = try OKHead.parse(payload, capabilities: capabilities).status
            phase = isQuery && (status.contains(.moreResultsExist) || announcesSuccessor) ? .head : .complete
            announcesSuccessor = false
        case .error, .needMoreBytes, .endOfDefinitions:
            phase = .complete
        case .localInfile:
            phase = .localInfile
        case .prepareOK:
            try beginPrepareBody(try PrepareOK.parse(payload))
        }
        return .report(event)
    }

    /// Parameters, then columns; each list, unless empty, is closed by an EOF packet of its own.
    private mutating func beginPrepareBody(_ head: PrepareOK) throws(WireError) {
        columnCount = UInt64(head.columnCount)
        let closing = capabilities.contains(.deprecateEOF) ? 0 : 1
        packetsRemaining = 0
        // Left out, they still leave their EOF packets behind (MySQL 9.7).
        let isOmitted = capabilities.contains(.optionalResultsetMetadata) && head.metadataFollows == 0
        for count in [head.parameterCount, head.columnCount] where count > 0 {
            packetsRemaining += (isOmitted ? 0 : Int(count)) + closing
        }
        phase = packetsRemaining > 0 ? .prepareBody : .complete
    }
}
