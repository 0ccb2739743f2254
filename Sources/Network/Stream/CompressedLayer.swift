// The compressed protocol between a stream's socket and its owner.
internal import Compression
internal import Glibc

/// The compression of one stream. What was read and not decoded yet waits here; what is to be sent is encoded at once.
/// Most streams have none. Loop-confined.
final class CompressedLayer {
    private var codec: FrameCodec
    private let tools: CompressionTools
    private var input = ByteQueue(keptBytes: 0)
    /// The last read took all that the socket had.
    private var socketIsDrained = false
    /// What is wrong with the peer's frames; nothing more is decoded.
    private(set) var error: CompressionError?

    init(_ codec: FrameCodec, _ tools: CompressionTools) {
        self.codec = codec
        self.tools = tools
    }

    /// Whether nothing more comes without the socket's becoming ready.
    var isExhausted: Bool { socketIsDrained && input.isEmpty && !codec.holdsOutput }

    /// The last read ended early, with nothing decoded: the socket may have more.
    private(set) var mustGoOn = false

    /// The socket has bytes again: what the last read said of it does not hold any more.
    func socketBecameReady() { socketIsDrained = false }

    /// What waits to be decoded takes so much memory; decoders are counted by the lane's tools.
    var heldBytes: Int { input.heldBytes }

    /// Puts bytes aside that came before they were known to be compressed.
    func hold(_ bytes: UnsafeRawBufferPointer) { input.append(bytes) }

    /// Fills `space` with decoded bytes. The end of the peer's stream comes when all before it was decoded.
    func read(
        into space: UnsafeMutableRawBufferPointer, from receive: (UnsafeMutableRawBufferPointer) -> TransferResult
    ) -> TransferResult {
        mustGoOn = false
        // Frames that decode to little may take several reads; the stream comes back for more after that.
        for _ in 0..<NetworkLimits.readsPerWake {
            if error != nil { return .failed(EPROTO) }
            if !input.isEmpty || codec.holdsOutput {
                let step = decode(UnsafeRawBufferPointer(input.bytes), space)
                if step.consumed > 0 { input.removeFirst(step.consumed) }
                if step.produced > 0 { return .transferred(step.produced) }
                if error != nil { continue }
            }
            let result = receive(tools.scratch)
            guard case .transferred(let count) = result, count > 0 else { return result }
            socketIsDrained = count < tools.scratch.count
            let received = UnsafeRawBufferPointer(rebasing: tools.scratch[..<count])
            guard input.isEmpty else {
                input.append(received)
                continue
            }
            let step = decode(received, space)
            input.append(UnsafeRawBufferPointer(rebasing: received[step.consumed...]))
            if step.produced > 0 { return .transferred(step.produced) }
        }
        mustGoOn = true
        return .wouldBlock
    }

    private func decode(
        _ bytes: UnsafeRawBufferPointer, _ space: UnsafeMutableRawBufferPointer
    ) -> FrameCodec.Decoded {
        do throws(CompressionError) {
            return try codec.decode(bytes, into: space, tools)
        } catch {
            self.error = error
            codec.stopDecoding()
            return FrameCodec.Decoded()
        }
    }

    /// Encodes `bytes` and hands over each frame, which is valid during the call.
    func encode(_ bytes: UnsafeRawBufferPointer, _ send: (UnsafeRawBufferPointer) -> Void) {
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let step = codec.encode(rest, into: tools.frame, tools)
            offset += step.consumed
            send(UnsafeRawBufferPointer(rebasing: tools.frame[..<step.written]))
        }
    }
}
