// From packets to frames.

extension FrameCodec {
    /// What one call took and gave.
    package struct Encoded: Equatable, Sendable {
        package var consumed: Int
        package var written: Int
    }

    /// Writes one frame of the beginning of `bytes`, which are not empty; `target` has room for the longest. What does not
    /// get shorter is sent as it is.
    package mutating func encode(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ tools: CompressionTools
    ) -> Encoded {
        var source = UnsafeRawBufferPointer(rebasing: bytes.prefix(CompressionLimits.framePlainBytes))
        var start = PacketBoundaries.Start.continuation
        if role == .client {
            let part = packets.next(source)
            start = part.0
            source = UnsafeRawBufferPointer(rebasing: source[..<part.count])
        }
        let number = numberToSend(begins: start)
        let content = UnsafeMutableRawBufferPointer(rebasing: target[CompressionLimits.headerBytes...])
        var length = source.count
        var plainLength = 0
        if source.count >= threshold,
            let compressed = tools.compress(
                source, with: algorithm, level: level,
                into: UnsafeMutableRawBufferPointer(rebasing: content.prefix(source.count - 1)))
        {
            length = compressed
            plainLength = source.count
        } else {
            content.copyMemory(from: source)
        }
        let header = UInt64(length) | UInt64(number) << 24 | UInt64(plainLength) << 32
        for index in 0..<CompressionLimits.headerBytes {
            target[index] = UInt8(truncatingIfNeeded: header >> UInt64(8 * index))
        }
        return Encoded(consumed: source.count, written: CompressionLimits.headerBytes + length)
    }
}
