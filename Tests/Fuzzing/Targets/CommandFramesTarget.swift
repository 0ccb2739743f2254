// The frames of a long command or of a file: the same end is found however the bytes are split.
import Wire

@testable import Frontend

enum CommandFramesTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let isFile = choices.byte() & 1 == 1
        let pieceLength = Int(choices.byte() % 8) + 1
        var stream: [UInt8] = []
        var sequence: UInt8 = 0
        forEachShortPacket(choices.rest) { payload in
            stream += [UInt8(payload.count), 0, 0, sequence]
            stream += payload
            sequence &+= 1
        }
        let whole = walk(stream, pieceLength: max(stream.count, 1), isFile)
        precondition(whole == walk(stream, pieceLength: pieceLength, isFile), "split, the command ends elsewhere")
        // Bytes as they are, lengths that lie included.
        _ = walk(Array(choices.rest), pieceLength: pieceLength, isFile)
    }

    private struct Outcome: Equatable {
        var passed = 0
        var isComplete = false
        var payloadBytes = 0
        var lastSequence: UInt8 = 0
    }

    private static func walk(_ stream: [UInt8], pieceLength: Int, _ isFile: Bool) -> Outcome {
        var framer = CommandFramer()
        var held: [UInt8] = []
        var outcome = Outcome()
        for start in stride(from: 0, to: stream.count, by: pieceLength) where !framer.isComplete {
            held += stream[start..<min(start + pieceLength, stream.count)]
            let passed = held.withUnsafeBytes { framer.pass($0, wholeFile: isFile) }
            precondition(passed >= 0 && passed <= held.count, "beyond the bytes")
            precondition(framer.isComplete || held.count - passed < PacketHeader.size, "bytes left without a reason")
            held.removeFirst(passed)
            outcome.passed += passed
        }
        outcome.isComplete = framer.isComplete
        outcome.payloadBytes = framer.payloadBytes
        outcome.lastSequence = framer.lastSequence
        return outcome
    }

    static let seeds: [[UInt8]] = [
        [0, 0] + shortPacket([3] + Array("SELECT 1".utf8)), [1, 3] + shortPacket([65, 66]) + shortPacket([]),
        [1, 1] + shortPacket([]), [0, 2, 0xFF, 0xFF, 0xFF, 0, 1, 2, 3],
    ]
}
