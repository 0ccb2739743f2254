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
                tracker.begin(entry.kind, capabilities: capabilities, behind: entry.lastNumber)
                trackerIsActive = true
            }
            let step: ResponseStep
            do throws(WireError) {
                step = try tracker.advance(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
            } catch {
                offset += tracker.passed
                // The client's next packet goes on from what the tracker passed, so the client gets all of that.
                if entry.use == .forward { relay(bytes, relayFrom, offset) }
                replyBroke(error, UnsafeRawBufferPointer(rebasing: bytes[offset...]))
                return bytes.count
            }
            let packetStart = offset + step.passed
            let packetEnd = packetStart + step.packetLength
            switch entry.use {
            case .forward:
                if watchesReplies && packetStart > offset {
                    user?.serverPassed(self, UnsafeRawBufferPointer(rebasing: bytes[offset..<packetStart]))
                }
                // A reply may be complete without a packet that ends it: COM_STMT_PREPARE ends with its definitions.
                if step.event == .needMoreBytes && !tracker.isComplete {
                    relay(bytes, relayFrom, packetStart)
                    return packetStart
                }
                if step.event != .needMoreBytes {
                    forwardPacket(step.event, entry.kind, bytes, &relayFrom, packetStart, packetEnd)
                }
            case .swallowState, .swallowReport, .swallowAttempt, .swallowAnswer, .swallowPassing, .swallowPrepare,
                .swallowText, .swallowReset:
                if entry.use == .swallowAnswer || entry.use == .swallowPassing {
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

    /// What follows cannot belong to the reply. A server that ends a connection says so at once, and numbers that anew.
    private func replyBroke(_ error: WireError, _ rest: UnsafeRawBufferPointer) {
        if case .wrongSequence = error, rest.count > PacketHeader.size, rest[PacketHeader.size] == ErrorPacket.header {
            return unsolicited(rest)
        }
        fail(.nonsense("\(entry.name): \(error)"))
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
        endsAtOnce = relayFrom == start
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
        // Nobody would ever send it, and it would be waited for.
        if event == .localInfile { return fail(.nonsense("\(entry.name): a request for a file that nobody offered")) }
        if use == .swallowReport || use == .swallowAnswer || use == .swallowPassing {
            if event == .error { reportFailed = true }
            return noteEnding(event, packet)
        }
        if use == .swallowPrepare { return prepareAnswered(event, packet) }
        if use == .swallowText {
            if event == .error { textStepRefused(packet) }
            return
        }
        if event == .error && use == .swallowAttempt { didAttemptFail = true }
        guard event == .error, use != .swallowAttempt else { return }
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
            endPatience()
            if isSandboxed && !replyFailed { leaveSandbox() }
            user?.serverCompleted(self, rows: tracker.rowCount, status: tracker.status)
        case .swallowReset: break
        case .swallowPassing:
            swallowsOwed -= 1
            passingAnswered()
        case .swallowState, .swallowReport, .swallowAttempt, .swallowAnswer, .swallowPrepare, .swallowText:
            if entry.use == .swallowText { textStepCompleted() }
            swallowsOwed -= 1
            guard swallowsOwed == 0 else { return }
            if phase == .resetting {
                backInPool()
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
