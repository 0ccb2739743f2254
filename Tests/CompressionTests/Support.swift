// Packets, frames, and what feeds them in pieces.
@testable import Compression

/// A packet of the protocol.
func packet(_ payload: [UInt8], _ sequence: UInt8 = 0) -> [UInt8] {
    let count = payload.count
    return [UInt8(count & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count >> 16), sequence] + payload
}

/// A frame by its parts, whatever they say.
func frame(_ content: [UInt8], number: UInt8 = 0, plain: Int = 0, length: Int? = nil) -> [UInt8] {
    let length = length ?? content.count
    return [UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length >> 16 & 0xFF), number]
        + [UInt8(plain & 0xFF), UInt8(plain >> 8 & 0xFF), UInt8(plain >> 16 & 0xFF)] + content
}

/// Text that compresses.
func text(_ count: Int) -> [UInt8] {
    (0..<count).map { place in
        let letter = place / 7 + place % 5
        return UInt8(97 + letter % 26)
    }
}

/// Bytes that do not.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

extension FrameCodec {
    mutating func encoded(_ bytes: [UInt8], _ tools: CompressionTools) -> [UInt8] {
        var frames: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            let step = bytes.withUnsafeBytes { source in
                encode(UnsafeRawBufferPointer(rebasing: source[offset...]), into: tools.frame, tools)
            }
            frames += tools.frame[..<step.written]
            offset += step.consumed
        }
        return frames
    }

    /// Decodes all of `frames`, given in pieces of `inputPiece` bytes, into a target of `targetSize` bytes.
    mutating func decoded(
        _ frames: [UInt8], _ tools: CompressionTools, inputPiece: Int = .max, targetSize: Int = 4_096
    ) throws -> [UInt8] {
        var plain: [UInt8] = []
        var offset = 0
        var end = 0
        var target = [UInt8](repeating: 0, count: targetSize)
        while true {
            if offset == end && !holdsOutput {
                guard end < frames.count else { return plain }
            }
            if offset == end { end = min(frames.count, inputPiece == .max ? frames.count : end + inputPiece) }
            let step = try frames.withUnsafeBytes { source in
                try target.withUnsafeMutableBytes { space in
                    try decode(UnsafeRawBufferPointer(rebasing: source[offset..<end]), into: space, tools)
                }
            }
            plain += target[..<step.produced]
            offset += step.consumed
        }
    }
}
