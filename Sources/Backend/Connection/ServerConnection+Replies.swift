// The replies of a server connection: walked packet by packet, relayed to its user or swallowed.
internal import Network
internal import Topology
internal import Wire

extension ServerConnection {
    /// Walks the replies in the buffer. Bytes to relay are gathered, so that a reply that came in one read leaves in one write.
    func repliesReceived(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        var offset = 0
        var relayFrom = 0
        while offset < bytes.count {
            guard let entry = ledger.first else {
                unsolicited(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                return bytes.count
            }
            if !trackerIsActive {
                replyFailed = false
                tracker.begin(entry.kind, capabilities: capabilities)
                trackerIsActive = true
            }
            let step: ResponseStep
            do throws(WireError) {
                step = try tracker.advance(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            } catch {
                fail(.nonsense("\(self.entry.name): \(error)"))
                return bytes.count
            }
            let packetStart = offset + step.passed
            let packetEnd = packetStart + step.packetLength
            switch entry.use {
            case .forward:
                // A reply may be complete without a packet that ends it: COM_STMT_PREPARE ends with its definitions.
                if step.event == .needMoreBytes && !tracker.isComplete {
                    relay(bytes, relayFrom, packetStart)
                    return packetStart
                }
                if step.event != .needMoreBytes {
                    forwardPacket(step.event, entry.kind, bytes, &relayFrom, packetStart, packetEnd)
                }
            case .swallowState, .swallowReport, .swallowAnswer, .swallowPrepare, .swallowReset:
                if entry.use == .swallowAnswer {
                    collectAnswer(UnsafeRawBufferPointer(rebasing: bytes[offset..<packetStart]))
                }
                if step.event == .needMoreBytes && !tracker.isComplete { return packetStart }
                swallowPacket(step.event, UnsafeRawBufferPointer(rebasing: bytes[packetStart..<packetEnd]), entry.use)
                relayFrom = packetEnd
            }
            offset = packetEnd
            guard phase != .closed else { return bytes.count }
            if tracker.isComplete {
                relay(bytes, relayFrom, offset)
                relayFrom = offset
                complete(entry)
                guard phase != .closed else { return bytes.count }
            }
        }
        relay(bytes, relayFrom, offset)
        return offset
    }

    private func relay(_ bytes: UnsafeMutableRawBufferPointer, _ start: Int, _ end: Int) {
        guard start < end else { return }
        user?.serverReplied(self, UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }

    private func forwardPacket(
        _ event: ResponseEvent, _ kind: ResponseKind, _ bytes: UnsafeMutableRawBufferPointer, _ relayFrom: inout Int,
        _ start: Int, _ end: Int
    ) {
        // The one packet of COM_STATISTICS is text, whatever its first byte.
        guard kind != .statistics else { return }
        if event == .error { replyFailed = true }
        let packet = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end])
        noteEnding(event, UnsafeRawBufferPointer(packet))
        guard let user, user.serverEnding(self, event, packet) == .replace else { return }
        relay(bytes, relayFrom, start)
        relayFrom = end
        user.serverReplaces(self, event, packet)
    }

    /// Reads status and session state out of a packet that ends a result.
    private func noteEnding(_ event: ResponseEvent, _ packet: UnsafeRawBufferPointer) {
        guard tracker.status.contains(.sessionStateChanged) else { return }
        guard event == .ok || (event == .endOfRows && capabilities.contains(.deprecateEOF)) else { return }
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        do throws(WireError) {
            let head = try OKHead.parse(payload, capabilities: capabilities)
            var reader = SessionStateReader(head.sessionState)
            while let change = try reader.next() { user?.serverChanged(self, change) }
        } catch {
            fail(.nonsense("\(entry.name): \(error)"))
        }
    }

    /// ER_MUST_CHANGE_PASSWORD: the password has expired, and only a change of it is served. MySQL refuses every `SET`, too.
    private static let mustChangePassword: UInt16 = 1820

    private func swallowPacket(_ event: ResponseEvent, _ packet: UnsafeRawBufferPointer, _ use: ReplyUse) {
        if use == .swallowReport || use == .swallowAnswer {
            if event == .error { reportFailed = true }
            return noteEnding(event, packet)
        }
        if use == .swallowPrepare { return prepareAnswered(event, packet) }
        guard event == .error else { return }
        if use == .swallowReset { return close() }
        let payload = UnsafeRawBufferPointer(rebasing: packet[PacketHeader.size...])
        if let error = try? ErrorPacket.parse(payload) {
            if error.code == Self.mustChangePassword && capabilities.contains(.canHandleExpiredPasswords) {
                isSandboxed = true
                return
            }
            fail(.stateRefused(code: error.code, sqlState: error.sqlState, message: error.message))
        } else {
            fail(.nonsense("\(entry.name): an error packet that cannot be read"))
        }
    }

    private func complete(_ entry: LedgerEntry) {
        trackerIsActive = false
        ledger.removeFirst()
        switch entry.use {
        case .forward:
            if isSandboxed && !replyFailed { leaveSandbox() }
            user?.serverCompleted(self, rows: tracker.rowCount, status: tracker.status)
        case .swallowReset: break
        case .swallowState, .swallowReport, .swallowAnswer, .swallowPrepare:
            swallowsOwed -= 1
            guard swallowsOwed == 0 else { return }
            if phase == .resetting {
                phase = .ready
                stream?.setDeadline(milliseconds: 0)
                pool.returned(self)
            } else if ledger.isEmpty {
                user?.serverSynchronized(self)
            }
        }
    }

    /// A packet that nobody asked for: the server says why it is about to close.
    private func unsolicited(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > PacketHeader.size,
            let error = try? ErrorPacket.parse(UnsafeRawBufferPointer(rebasing: bytes[PacketHeader.size...]))
        {
            lastUnsolicited = error.message
            fail(.lost("\(entry.name): \(error.message)"))
        } else {
            fail(.nonsense("\(entry.name): bytes that nobody asked for"))
        }
    }
}
