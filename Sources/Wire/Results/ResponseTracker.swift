// Follows a server's reply packet by packet, by heads only, so that the relay knows what to pass on and when it ends.

/// What kind of reply a command has.
@usableFromInline package enum ResponseKind: UInt8, Sendable {
    /// No reply: COM_STMT_CLOSE, COM_STMT_SEND_LONG_DATA, COM_QUIT.
    case none
    /// One OK, EOF or ERR packet: COM_PING, COM_INIT_DB, COM_RESET_CONNECTION, COM_STMT_RESET, COM_SET_OPTION … Not
    /// COM_CHANGE_USER, whose reply is a login.
    case okOrError
    /// COM_QUERY, COM_STMT_EXECUTE and COM_STMT_BULK_EXECUTE: results until one has no successor.
    case query
    /// COM_STMT_PREPARE
    case prepare
    /// COM_STMT_FETCH: rows without definitions.
    case fetch
    /// COM_FIELD_LIST: definitions without count.
    case fieldList
    /// COM_STATISTICS: one text packet, reported as `.ok` although it is no OK packet.
    case statistics
    /// COM_BINLOG_DUMP and COM_BINLOG_DUMP_GTID: events without end, or until an EOF packet.
    case events

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// Why `advance` returned.
@usableFromInline package enum ResponseEvent: UInt8, Sendable {
    /// Nothing more can be said about these bytes (or the reply is complete: ask `isComplete`).
    case needMoreBytes
    /// An OK packet (header 0x00) that ends a result without rows.
    case ok
    /// An ERR packet; the reply ends with it.
    case error
    /// An EOF packet, or an OK packet with header 0xFE, that ends rows, an opened cursor or a field list.
    case endOfRows
    /// The EOF packet between definitions and rows, when it speaks of changed session state; others are passed.
    case endOfDefinitions
    /// A request for a local file: the client sends its content, then the server goes on.
    case localInfile
    /// The head of a prepared statement's description; definitions may follow.
    case prepareOK

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// What the caller does with the bytes it gave: relay `passed` of them as they are, then look at the packet of
/// `packetLength` bytes (header included; 0 with `.needMoreBytes`).
package struct ResponseStep: Equatable, Sendable {
    package var passed: Int
    package var event: ResponseEvent
    package var packetLength: Int

    package init(passed: Int, event: ResponseEvent, packetLength: Int) {
        self.passed = passed
        self.event = event
        self.packetLength = packetLength
    }
}

/// The response machine of one server connection.
///
/// Contract: the bytes given to `advance` start where the last step ended, that is behind `passed + packetLength` of
/// the step before. Body packets (counts, definitions, rows, middle EOFs) are passed as they come, also in part.
/// Packets that decide are held until they are complete; until then their bytes stay with the caller.
///
/// ```
///           ┌──────────── OK, more results ─────────────┐
/// begin ─▶ head ─ count ─▶ definitions ─▶ (EOF) ─▶ rows ─ end ─▶ complete
///           ├─ OK, ERR ─▶ complete                         └ more results ─▶ head
///           └─ 0xFB ─▶ localInfile ─▶ OK, ERR ─▶ complete, or head
/// ```
package struct ResponseTracker: Sendable {
    /// Largest payload of a packet that is collected whole.
    package static let collectedPacketMaximum = 1 << 20
    /// Largest number of columns a result set may announce.
    package static let columnMaximum: UInt64 = 65_535

    enum Phase: UInt8 {
        case complete, head, okOrError, localInfile, statistics, prepareHead, prepareBody, definitions
        case definitionsEnd, rows, fieldList, events
    }

    var phase = Phase.complete
    /// Bytes of the current body frame that are still to come.
    var frameRemaining = 0
    /// The current body frame is a full one: the next frame belongs to the same packet; its first byte means nothing.
    var frameContinues = false
    /// Body packets of this phase that are still to come.
    var packetsRemaining = 0
    var isQuery = false
    /// Another result follows this one, whatever its end says: MySQL (9.7) says so of OUT parameters only in the EOF packet
    /// in front of their row.
    var announcesSuccessor = false
    var capabilities: Capabilities = []

    /// Whether any byte of the reply has been seen.
    package private(set) var hasStarted = false
    /// Rows of all result sets of this reply so far, by their first bytes.
    package internal(set) var rowCount: UInt64 = 0
    /// Status of the last OK or EOF packet that was reported; kept from reply to reply.
    package internal(set) var status: StatusFlags = []
    /// Columns of the latest result set or prepared statement.
    package internal(set) var columnCount: UInt64 = 0

    /// The sequence number of the last frame, of the command's last one before there was any.
    package private(set) var lastSequence: UInt8 = 0
    /// Whether the next frame may have any number: nobody knows how many of the client's come before it.
    private var takesAnyNumber = false
    /// Whether frames are numbered one by one. A log's are not: the replica's acknowledgements have numbers, too.
    private var isNumbered = true
    /// Whether numbers are set right instead of checked. In compressed frames servers number a further result from the
    /// number of the last frame on, and nobody checks them (seen on MariaDB 10.11); a client that is not compressed does.
    private var renumbers = false
    /// How many of the bytes last given to `advance` were passed, also when it threw.
    package private(set) var passed = 0

    package init() {}

    /// Whether the bytes passed so far end with a whole packet: only then can an error packet take the place of the rest.
    package var isBetweenPackets: Bool { frameRemaining == 0 && !frameContinues }

    /// Whether no byte of a reply is owed any more.
    package var isComplete: Bool {
        phase == .complete && frameRemaining == 0 && !frameContinues
    }

    /// Whether the client's file content is due: after `.localInfile`, until `localInfileSent`.
    package var awaitsLocalInfile: Bool { phase == .localInfile }

    /// Starts on the reply to a command; `capabilities` are those of the server connection.
    ///
    /// - Parameter sequence: the number of the command's last frame, which the reply goes on from; nil when it is not
    ///   known. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
    package mutating func begin(_ kind: ResponseKind, capabilities: Capabilities, behind sequence: UInt8? = 0) {
        self.capabilities = capabilities
        isQuery = kind == .query
        frameRemaining = 0
        frameContinues = false
        packetsRemaining = 0
        announcesSuccessor = false
        hasStarted = false
        lastSequence = sequence ?? 0
        takesAnyNumber = sequence == nil
        isNumbered = kind != .events
        renumbers = !capabilities.isDisjoint(with: [.compress, .zstdCompression])
        rowCount = 0
        columnCount = 0
        phase =
            switch kind {
            case .none: .complete
            case .okOrError: .okOrError
            case .query: .head
            case .prepare: .prepareHead
            case .fetch: .rows
            case .fieldList: .fieldList
            case .statistics: .statistics
            case .events: .events
            }
    }

    /// The client's file content has ended; the server answers with OK or ERR.
    ///
    /// - Parameter sequence: the number of the file's last packet.
    package mutating func localInfileSent(behind sequence: UInt8) {
        guard phase == .localInfile else { return }
        phase = .okOrError
        lastSequence = sequence
        takesAnyNumber = false
    }

    /// Walks as many packets as `bytes` hold. Throws when they cannot be a reply; the connection is then lost.
    ///
    /// Numbers of packets that came in compressed frames are set right in place.
    package mutating func advance(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> ResponseStep {
        var offset = 0
        defer { passed = offset }
        if !bytes.isEmpty, !isComplete { hasStarted = true }
        if phase == .head, isBetweenPackets, let step = walkSmallResult(bytes) {
            offset = step.passed
            return step
        }
        while true {
            if frameRemaining > 0 || frameContinues {
                guard try passFrames(bytes, &offset) else { return .pass(offset) }
            }
            guard phase != .complete else { return .pass(offset) }
            if phase == .rows {
                try passPlainRows(bytes, &offset)
                if frameRemaining > 0 || frameContinues { continue }
            }
            // A packet is decided by its header and first byte; an empty one by its header.
            guard var header = PacketHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...])) else {
                return .pass(offset)
            }
            try checkNumber(of: &header, in: bytes, at: offset)
            guard header.payloadLength > 0 else { throw .emptyPacket }
            let start = offset + PacketHeader.size
            guard start < bytes.count else { return .pass(offset) }
            let end = min(start + header.payloadLength, bytes.count)
            let available = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            switch try decide(header.payloadLength, available) {
            case .wait:
                return .pass(offset)
            case .pass:
                passFrame(header, in: bytes, at: &offset)
            case .report(let event):
                lastSequence = header.sequence
                takesAnyNumber = event == .localInfile
                return ResponseStep(passed: offset, event: event, packetLength: header.frameLength)
            }
        }
    }
}

extension ResponseTracker {
    /// What begins with a further result, or with the first, if its frames have the numbers that they should.
    func wholeFrames(_ bytes: UnsafeRawBufferPointer) -> WholeFrames? {
        isNumbered && !takesAnyNumber ? WholeFrames(bytes, behind: lastSequence) : nil
    }

    /// A result set was walked to its end, the last of the reply.
    mutating func resultEnded(columns: UInt64, rows: UInt64, _ status: StatusFlags, number: UInt8) {
        columnCount = columns
        rowCount += rows
        self.status = status
        lastSequence = number
        phase = .complete
    }
}

extension ResponseStep {
    static func pass(_ count: Int) -> ResponseStep {
        ResponseStep(passed: count, event: .needMoreBytes, packetLength: 0)
    }
}

extension ResponseTracker {
    /// Passes the rest of the current body packet; false when `bytes` end first.
    private mutating func passFrames(
        _ bytes: UnsafeRawBufferPointer, _ offset: inout Int
    ) throws(WireError) -> Bool {
        while true {
            let step = min(frameRemaining, bytes.count - offset)
            offset += step
            frameRemaining -= step
            if frameRemaining > 0 { return false }
            guard frameContinues else { return true }
            guard var header = PacketHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...])) else { return false }
            try checkNumber(of: &header, in: bytes, at: offset)
            enterFrame(header, at: &offset)
        }
    }

    /// Passes a frame that is here as a whole, which nearly all are, or its beginning.
    @inline(__always)
    private mutating func passFrame(_ header: PacketHeader, in bytes: UnsafeRawBufferPointer, at offset: inout Int) {
        enterFrame(header, at: &offset)
        guard frameRemaining <= bytes.count - offset, !frameContinues else { return }
        offset += frameRemaining
        frameRemaining = 0
    }

    @inline(__always)
    private mutating func enterFrame(_ header: PacketHeader, at offset: inout Int) {
        offset += PacketHeader.size
        frameRemaining = header.payloadLength
        frameContinues = header.continues
        lastSequence = header.sequence
        takesAnyNumber = false
    }

    private func checkNumber(
        of header: inout PacketHeader, in bytes: UnsafeRawBufferPointer, at offset: Int
    ) throws(WireError) {
        let expected = lastSequence &+ 1
        guard header.sequence != expected, isNumbered, !takesAnyNumber else { return }
        guard renumbers, let base = bytes.baseAddress else {
            throw .wrongSequence(expected: expected, received: header.sequence)
        }
        header.sequence = expected
        UnsafeMutableRawPointer(mutating: base).storeBytes(
            of: expected, toByteOffset: offset + PacketHeader.size - 1, as: UInt8.self)
    }

    /// The hot loop: rows of one frame whose first byte cannot be anything else. Leaves everything special to `decide`.
    private mutating func passPlainRows(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) throws(WireError) {
        var position = offset
        var rows: UInt64 = 0
        var sequence = lastSequence
        let last = bytes.count - PacketHeader.size - 1
        while position <= last {
            let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let length = Int(word & 0xFF_FFFF)
            let isPlain = length > 0 && length < PacketHeader.maximumPayload && bytes[position + 4] < 0xFE
            guard isPlain, UInt8(truncatingIfNeeded: word >> 24) == sequence &+ 1 else { break }
            rows += 1
            sequence &+= 1
            position += PacketHeader.size + length
        }
        rowCount += rows
        lastSequence = sequence
        if position > bytes.count {
            frameRemaining = position - bytes.count
            position = bytes.count
        }
        offset = position
    }
}
