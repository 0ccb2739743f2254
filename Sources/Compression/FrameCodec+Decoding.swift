// From frames to packets.

extension FrameCodec {
    /// What one call took and gave.
    package struct Decoded: Equatable, Sendable {
        package var consumed = 0
        package var produced = 0

        /// Nothing.
        package init() {}
    }

    /// Decodes until one of the buffers is used up. Towards clients it also stops behind each frame: the number of a
    /// reply's first frame is that of the command's last one plus 1, so that a command must not be decoded before the
    /// one in front of it is answered.
    package mutating func decode(
        _ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ tools: CompressionTools
    ) throws(CompressionError) -> Decoded {
        var done = Decoded()
        holdsOutput = false
        while done.produced < target.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[done.consumed...])
            let before = done.produced
            defer {
                if role == .client {
                    renumbering.apply(to: UnsafeMutableRawBufferPointer(rebasing: target[before..<done.produced]))
                }
            }
            switch phase {
            case .header:
                guard role == .client || done.produced == 0 else { return done }
                guard takeHeader(rest, &done) else { return done }
                try beginFrame(tools)
            case .stored:
                guard !rest.isEmpty else { return done }
                let count = min(rest.count, contentRemaining, target.count - done.produced)
                UnsafeMutableRawBufferPointer(rebasing: target[done.produced...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
                done.consumed += count
                done.produced += count
                contentRemaining -= count
                if contentRemaining == 0 { phase = .header }
            case .compressed:
                let space = UnsafeMutableRawBufferPointer(rebasing: target[done.produced...])
                guard try decodeContent(rest, space, &done, tools) else { return done }
            }
        }
        holdsOutput = phase == .compressed
        return done
    }

    /// Gives up the frame in progress, and its memory: nothing more is decoded.
    package mutating func stopDecoding() { decoder = nil }

    /// Collects the seven bytes of a header, which may come one by one.
    private mutating func takeHeader(_ rest: UnsafeRawBufferPointer, _ done: inout Decoded) -> Bool {
        for byte in rest.prefix(CompressionLimits.headerBytes - headerCount) {
            header |= UInt64(byte) << UInt64(8 * headerCount)
            headerCount += 1
            done.consumed += 1
        }
        return headerCount == CompressionLimits.headerBytes
    }

    private mutating func beginFrame(_ tools: CompressionTools) throws(CompressionError) {
        contentRemaining = Int(header & 0xFF_FFFF)
        let number = UInt8(truncatingIfNeeded: header >> 24)
        plainRemaining = Int(header >> 32)
        header = 0
        headerCount = 0
        guard contentRemaining > 0 else { throw .emptyFrame }
        try noteReceived(number)
        if plainRemaining == 0 {
            phase = .stored
        } else {
            decoder = try tools.takeDecoder(algorithm, for: role)
            phase = .compressed
        }
    }

    /// One step. False when the frame's content goes on in bytes that are not here.
    private mutating func decodeContent(
        _ rest: UnsafeRawBufferPointer, _ space: UnsafeMutableRawBufferPointer, _ done: inout Decoded,
        _ tools: CompressionTools
    ) throws(CompressionError) -> Bool {
        guard let decoder else { throw .undecodable(algorithm) }
        let content = UnsafeRawBufferPointer(rebasing: rest.prefix(contentRemaining))
        let step: Inflater.Step
        if plainRemaining > 0 {
            step = try decoder.decode(
                content, into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(plainRemaining)))
        } else {
            step = try decodeEnd(decoder, content)
        }
        done.consumed += step.consumed
        done.produced += step.produced
        contentRemaining -= step.consumed
        plainRemaining -= step.produced
        if step.ended {
            guard plainRemaining == 0 else { throw .shorterThanAnnounced }
            guard contentRemaining == 0 else { throw .trailingBytes }
            self.decoder = nil
            tools.giveBack(decoder)
            phase = .header
            return true
        }
        if step.consumed > 0 || step.produced > 0 { return true }
        guard contentRemaining > 0 else { throw .shorterThanAnnounced }
        return false
    }

    /// All that was announced is here: only the end mark and the checksum may follow.
    private func decodeEnd(
        _ decoder: Inflater, _ content: UnsafeRawBufferPointer
    ) throws(CompressionError) -> Inflater.Step {
        var surplus: UInt8 = 0
        let step = try withUnsafeMutableBytes(of: &surplus) { byte throws(CompressionError) in
            try decoder.decode(content, into: byte)
        }
        guard step.produced == 0 else { throw .longerThanAnnounced }
        return step
    }
}
