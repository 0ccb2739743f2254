// From a result to the packets that a client of these capabilities reads.
internal import Synchronization
internal import Wire

/// Bytes of all answers that are held for clients, bounded.
final class HeldAnswers: Sendable {
    private let bytes = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int = ConsoleServiceLimits.heldAnswerBytes) { self.limit = limit }

    fileprivate func reserve(_ count: Int) -> Bool {
        if bytes.add(count, ordering: .relaxed).newValue <= limit { return true }
        release(count)
        return false
    }

    /// Counts without a limit.
    fileprivate func add(_ count: Int) { bytes.add(count, ordering: .relaxed) }

    fileprivate func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}

/// The packets of one answer. Its bytes count as held for as long as it lives.
final class ConsoleAnswer: Sendable {
    let bytes: [UInt8]
    private let holder: HeldAnswers

    /// The packets of `outcome`; an error instead if the clients leave too much unread.
    static func make(
        _ outcome: Result<ConsoleResult, ConsoleError>, capabilities: Capabilities, sequence: UInt8,
        holder: HeldAnswers
    ) -> ConsoleAnswer {
        let bytes = ConsolePackets.outcome(outcome, capabilities: capabilities, sequence: sequence)
        if holder.reserve(bytes.count) { return ConsoleAnswer(bytes: bytes, holder: holder) }
        let error = ConsoleError(
            code: 1041, sqlState: "HY000",
            message: "Out of memory: the console's clients have not read their answers; try again, or ask for less")
        let small = ConsolePackets.error(error, sequence: sequence)
        // A few bytes past the limit do no harm, and the count must match what `deinit` gives back.
        holder.add(small.count)
        return ConsoleAnswer(bytes: small, holder: holder)
    }

    private init(bytes: [UInt8], holder: HeldAnswers) {
        self.bytes = bytes
        self.holder = holder
    }

    deinit { holder.release(bytes.count) }
}

/// Packets that the console sends, headers included.
enum ConsolePackets {
    /// The console has no transactions: every statement is its own snapshot.
    static let status: StatusFlags = [.autocommit]

    static func outcome(
        _ outcome: Result<ConsoleResult, ConsoleError>, capabilities: Capabilities, sequence: UInt8
    ) -> [UInt8] {
        switch outcome {
        case .failure(let problem): return error(problem, sequence: sequence)
        case .success(let result) where result.columns.isEmpty:
            return ok(affectedRows: result.affectedRows, capabilities: capabilities, sequence: sequence)
        case .success(let result):
            var writer = ByteWriter()
            TextResultSet.encode(
                columns: result.columns.map(definition), rows: result.rows, capabilities: capabilities, status: status,
                firstSequence: sequence, into: &writer
            ) { value, payload in
                if let text = value.displayText { payload.writeLengthEncodedString(text) } else { payload.writeNull() }
            }
            return writer.bytes
        }
    }

    static func ok(affectedRows: Int = 0, capabilities: Capabilities, sequence: UInt8) -> [UInt8] {
        packet(sequence) {
            OKPacket(affectedRows: UInt64(max(0, affectedRows)), status: status)
                .encode(into: &$0, capabilities: capabilities)
        }
    }

    /// The end of a list: an EOF packet, or the OK packet that took its place.
    static func end(capabilities: Capabilities, sequence: UInt8) -> [UInt8] {
        packet(sequence) { writer in
            guard capabilities.contains(.deprecateEOF) else { return EOFPacket(status: status).encode(into: &writer) }
            OKPacket(header: EOFPacket.header, status: status).encode(into: &writer, capabilities: capabilities)
        }
    }

    static func error(_ error: ConsoleError, sequence: UInt8) -> [UInt8] {
        packet(sequence) {
            ErrorPacket(code: error.code, sqlState: error.sqlState, message: error.message).encode(into: &$0)
        }
    }

    /// A packet of plain text, as COM_STATISTICS is answered.
    static func text(_ text: String, sequence: UInt8) -> [UInt8] {
        packet(sequence) { $0.writeBytes(Array(text.utf8)) }
    }

    private static func packet(_ sequence: UInt8, _ fill: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        writer.beginPacket(sequence: sequence)
        fill(&writer)
        writer.endPacket()
        return writer.bytes
    }

    private static let binaryFlag: UInt16 = 0x80
    private static let numberFlag: UInt16 = 0x8000

    private static func definition(_ column: ConsoleColumn) -> ColumnDefinition {
        let binary = ColumnDefinition.binaryCollation
        return switch column.type {
        case .integer:
            ColumnDefinition(
                name: column.name, type: .longlong, collation: binary, length: 20, flags: binaryFlag | numberFlag)
        case .real:
            ColumnDefinition(
                name: column.name, type: .double, collation: binary, length: 22, flags: binaryFlag | numberFlag,
                decimals: 31)
        case .text: ColumnDefinition(name: column.name, type: .varString, length: 65_532)
        case .datetime:
            ColumnDefinition(
                name: column.name, type: .datetime, collation: binary, length: 26, flags: binaryFlag, decimals: 6)
        }
    }
}
