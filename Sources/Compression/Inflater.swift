// A decoder of one frame's content, in pieces of any size.
internal import CZlib
internal import CZstd

/// The state of a zlib or zstd decoder. A connection has one only while a frame is in progress.
final class Inflater {
    /// What one step did.
    struct Step: Equatable {
        /// Input taken.
        var consumed: Int
        /// Output written.
        var produced: Int
        /// Whether the content is complete.
        var ended: Bool
    }

    private enum State {
        // On the heap: zlib keeps the address of its stream.
        case zlib(UnsafeMutablePointer<z_stream>)
        case zstd(OpaquePointer)
    }

    let algorithm: CompressionAlgorithm
    private let state: State
    /// Where its memory counts while it is in use; nil where it does not.
    private var memory: DecoderMemory?
    private var countedBytes = 0

    /// Nil when there is no memory.
    init?(_ algorithm: CompressionAlgorithm) {
        self.algorithm = algorithm
        switch algorithm {
        case .zlib:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            guard switchyard_inflate_init(stream) == Z_OK else {
                stream.deallocate()
                return nil
            }
            state = .zlib(stream)
        case .zstd:
            guard let context = ZSTD_createDCtx() else { return nil }
            ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, CompressionLimits.zstdWindowLogMaximum)
            state = .zstd(context)
        }
    }

    deinit {
        stopCounting()
        switch state {
        case .zlib(let stream):
            inflateEnd(stream)
            stream.deallocate()
        case .zstd(let context): ZSTD_freeDCtx(context)
        }
    }

    /// Its memory counts from here on.
    func count(in memory: DecoderMemory) throws(CompressionError) {
        self.memory = memory
        try count()
    }

    private func count() throws(CompressionError) {
        guard let memory else { return }
        let grown = heldBytes - countedBytes
        countedBytes += grown
        guard memory.change(by: grown) else { throw .tooManyUnfinished }
    }

    /// Its memory counts no more.
    func stopCounting() {
        _ = memory?.change(by: -countedBytes)
        countedBytes = 0
        memory = nil
    }

    /// Makes it ready for another frame.
    func reset() {
        switch state {
        case .zlib(let stream): inflateReset(stream)
        case .zstd(let context): ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        }
    }

    /// The memory it holds on to.
    var heldBytes: Int {
        switch state {
        case .zlib: 48 * 1024
        case .zstd(let context): ZSTD_sizeof_DCtx(context)
        }
    }

    /// Decodes as much as both buffers allow. `output` is not empty.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Step {
        switch state {
        case .zlib(let stream): return try Self.inflated(stream, input, output)
        case .zstd(let context):
            let step = try Self.decompressed(context, input, output)
            // Its window is made when the frame's head was read.
            try count()
            return step
        }
    }

    private static func inflated(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Step {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(output.count)
        let code = inflate(stream, Z_NO_FLUSH)
        // Z_BUF_ERROR: no progress was possible, which is no error.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw .undecodable(.zlib) }
        return Step(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out), ended: code == Z_STREAM_END)
    }

    private static func decompressed(
        _ context: OpaquePointer, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Step {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let code = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(code) == 0 else { throw .undecodable(.zstd) }
        return Step(consumed: source.pos, produced: target.pos, ended: code == 0)
    }
}
