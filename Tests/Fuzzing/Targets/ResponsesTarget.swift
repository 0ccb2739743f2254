// A server's replies: the tracker goes the same way whether they come in one piece or in many, and never beyond them.
import Wire

enum ResponsesTarget {
    private static let kinds: [ResponseKind] = [.okOrError, .query, .prepare, .fetch, .fieldList, .statistics]
    private static let capabilitySets: [Capabilities] = [
        [.protocol41], [.protocol41, .deprecateEOF, .sessionTrack],
        [.protocol41, .deprecateEOF, .sessionTrack, .mariadbProgress, .mariadbCacheMetadata, .mariadbExtendedMetadata],
        [.protocol41, .deprecateEOF, .sessionTrack, .optionalResultsetMetadata], [.protocol41, .mariadbProgress],
    ]

    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let kind = choices.one(of: kinds)
        let capabilities = choices.one(of: capabilitySets)
        let pieceLength = Int(choices.byte() % 16) + 1
        // Packets by a short length each: headers are made here, so that the fuzzer gets behind them.
        var stream: [UInt8] = []
        var sequence: UInt8 = 1
        forEachShortPacket(choices.rest) { payload in
            stream += [UInt8(payload.count), 0, 0, sequence]
            stream += payload
            sequence &+= 1
        }
        let whole = walk(stream, pieceLength: max(stream.count, 1), kind, capabilities)
        let pieces = walk(stream, pieceLength: pieceLength, kind, capabilities)
        precondition(whole == pieces, "split, the reply means something else")
    }

    private struct Outcome: Equatable {
        var events: [ResponseEvent] = []
        var packets: [[UInt8]] = []
        /// What the tracker knows at each event: rows, columns, flags, and the number of the last frame.
        var known: [[UInt64]] = []
        var failed = false
        var isComplete = false
        var passed = 0
    }

    private static func walk(
        _ stream: [UInt8], pieceLength: Int, _ kind: ResponseKind, _ capabilities: Capabilities
    ) -> Outcome {
        var tracker = ResponseTracker()
        tracker.begin(kind, capabilities: capabilities)
        var outcome = Outcome()
        var held: [UInt8] = []
        var next = 0
        while next < stream.count {
            let end = min(next + pieceLength, stream.count)
            held += stream[next..<end]
            next = end
            guard drain(&tracker, &held, &outcome) else {
                outcome.failed = true
                // How much was passed before the failure depends on the split, and nobody is told.
                outcome.passed = 0
                return outcome
            }
        }
        outcome.isComplete = tracker.isComplete
        return outcome
    }

    private static func drain(_ tracker: inout ResponseTracker, _ held: inout [UInt8], _ outcome: inout Outcome) -> Bool
    {
        while true {
            guard let step = held.withUnsafeBytes({ try? tracker.advance($0) }) else { return false }
            precondition(step.passed >= 0 && step.packetLength >= 0, "backwards")
            precondition(step.passed + step.packetLength <= held.count, "beyond the bytes")
            outcome.passed += step.passed
            guard step.event != .needMoreBytes else {
                held.removeFirst(step.passed)
                return true
            }
            outcome.events.append(step.event)
            outcome.packets.append(Array(held.dropFirst(step.passed).prefix(step.packetLength)))
            outcome.known.append([
                tracker.rowCount, tracker.columnCount, UInt64(tracker.status.rawValue), UInt64(tracker.lastSequence),
            ])
            held.removeFirst(step.passed + step.packetLength)
            if step.event == .localInfile { tracker.localInfileSent(behind: tracker.lastSequence) }
        }
    }

    static let seeds: [[UInt8]] = {
        var column = ByteWriter()
        ColumnDefinition(name: "a").encode(into: &column)
        let eof: [UInt8] = [0xFE, 0, 0, 2, 0]
        let more: [UInt8] = [0xFE, 0, 0, 0x0A, 0]
        let cursor: [UInt8] = [0xFE, 0, 0, 0x42, 0]
        let ok: [UInt8] = [0, 1, 2, 2, 0, 0, 0]
        let endOK: [UInt8] = [0xFE, 0, 0, 2, 0, 0, 0]
        let failure: [UInt8] = [0xFF, 0x28, 4] + Array("#42000no".utf8)
        let prepared: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]
        let result = [[1], column.bytes, eof, [1, 0x31], [0xFB]]
        let replies: [(UInt8, UInt8, [[UInt8]])] = [
            (0, 0, [ok]), (0, 0, [failure]), (1, 0, result + [eof]), (1, 0, result + [more, ok]),
            (1, 0, [[1], column.bytes, cursor]), (1, 0, [[0xFB, 0x66], ok]),
            (1, 1, [[1], column.bytes, [1, 0x31], endOK]), (1, 2, [[1, 0], [1, 0x31], endOK]),
            (1, 2, [[0xFF, 0xFF, 0xFF, 1, 1, 2], ok]), (1, 3, [[1, 1], column.bytes, [1, 0x31], endOK]),
            (2, 0, [prepared, column.bytes, eof, column.bytes, eof]), (2, 1, [prepared, column.bytes, column.bytes]),
            (3, 0, [[0, 0, 1], eof]), (4, 0, [column.bytes, eof]), (5, 0, [Array("Uptime: 1".utf8)]),
        ]
        return replies.map { kind, capabilities, packets in [kind, capabilities, 0] + packets.flatMap(shortPacket) }
    }()
}
