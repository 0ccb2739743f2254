// Frames of the compressed protocol: decoded the same in one piece and in many, never beyond what they announce; and
// what we encode ourselves comes back.
@testable import Compression

enum CompressedFramesTarget {
    /// Inputs come one after the other.
    nonisolated(unsafe) private static let tools = CompressionTools()

    static func run(_ bytes: UnsafeRawBufferPointer) {
        var choices = FuzzChoices(bytes)
        let flags = choices.byte()
        let algorithm: CompressionAlgorithm = flags & 1 == 0 ? .zlib : .zstd
        let pieceLength = Int(choices.byte()) + 1
        let input = Array(choices.rest)
        // A server's frames are decoded as far as they go; a client's one at a time.
        let whole = walk(input, algorithm, pieceLength: max(input.count, 1))
        precondition(
            whole.agrees(with: walk(input, algorithm, pieceLength: pieceLength)),
            "split, the frames mean something else")
        roundTrip(input, algorithm)
    }

    private struct Outcome: Equatable {
        var plain: [UInt8] = []
        var failed = false
        /// A frame's content goes on in bytes that did not come, or was cut here.
        var isUnfinished = false

        /// In the middle of a frame, what the library has not shown yet depends on the pieces: some of the output, or
        /// that the content is wrong.
        func agrees(with other: Outcome) -> Bool {
            if failed || other.failed { return (failed || isUnfinished) && (other.failed || other.isUnfinished) }
            guard isUnfinished || other.isUnfinished else { return plain == other.plain }
            return plain.starts(with: other.plain) || other.plain.starts(with: plain)
        }
    }

    /// The most that is decoded of one input: bombs are cut here.
    private static let plainMaximum = 1 << 20

    private static func walk(_ input: [UInt8], _ algorithm: CompressionAlgorithm, pieceLength: Int) -> Outcome {
        var codec = FrameCodec(algorithm, role: .client)
        var outcome = Outcome()
        var held: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: pieceLength) {
            held += input[start..<min(start + pieceLength, input.count)]
            guard drain(&codec, &held, &outcome) else {
                // How much came out before depends on the split.
                return Outcome(plain: [], failed: true)
            }
            if outcome.plain.count >= plainMaximum { break }
        }
        outcome.isUnfinished = codec.decoder != nil || outcome.plain.count >= plainMaximum
        if outcome.plain.count > plainMaximum { outcome.plain.removeLast(outcome.plain.count - plainMaximum) }
        return outcome
    }

    private static func drain(_ codec: inout FrameCodec, _ held: inout [UInt8], _ outcome: inout Outcome) -> Bool {
        while outcome.plain.count < plainMaximum {
            var target = [UInt8](repeating: 0, count: 4_096)
            let step = held.withUnsafeBytes { input in
                target.withUnsafeMutableBytes { try? codec.decode(input, into: $0, tools) }
            }
            guard let step else { return false }
            precondition(step.consumed <= held.count && step.produced <= target.count, "beyond the bytes")
            held.removeFirst(step.consumed)
            outcome.plain += target[..<step.produced]
            if step.consumed == 0 && step.produced == 0 { return true }
        }
        return true
    }

    /// What one side encodes, the other decodes.
    private static func roundTrip(_ packets: [UInt8], _ algorithm: CompressionAlgorithm) {
        var encoder = FrameCodec(algorithm, role: .server)
        var frames: [UInt8] = []
        packets.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                let step = encoder.encode(rest, into: tools.frame, tools)
                precondition(step.consumed > 0, "nothing is encoded")
                frames += tools.frame[..<step.written]
                offset += step.consumed
            }
        }
        let outcome = walk(frames, algorithm, pieceLength: max(frames.count, 1))
        precondition(
            !outcome.failed && outcome.plain.count == min(packets.count, plainMaximum), "it does not come back")
    }

    static let seeds: [[UInt8]] = {
        var seeds: [[UInt8]] = [[0, 2, 5, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3], [1, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 9]]
        for (flag, algorithm) in [(UInt8(0), CompressionAlgorithm.zlib), (1, .zstd)] {
            var codec = FrameCodec(algorithm, role: .client)
            let packet: [UInt8] = [200, 0, 0, 0] + [UInt8](repeating: 0x61, count: 200)
            let written = packet.withUnsafeBytes { codec.encode($0, into: tools.frame, tools).written }
            seeds.append([flag, 3] + tools.frame[..<written])
        }
        return seeds
    }()
}
