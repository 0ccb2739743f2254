// What the compressed connections of one lane share: encoders, spare decoders, buffers.
internal import CZlib
internal import CZstd

/// The contexts of zlib and zstd, which are large: frames do not depend on each other, so that all connections of a
/// lane use the same ones, one after the other. Made when first needed. Loop-confined.
package final class CompressionTools {
    /// Where compressed input is read to; valid until the next read on the lane.
    package let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: CompressionLimits.inputScratchBytes, alignment: 64)
    /// Where a frame is written to; valid until the next one on the lane.
    package let frame = UnsafeMutableRawBufferPointer.allocate(
        byteCount: CompressionLimits.headerBytes + CompressionLimits.framePlainBytes, alignment: 64)
    private var deflater: UnsafeMutablePointer<z_stream>?
    private var zstdContext: OpaquePointer?
    private var idleDecoders: [Inflater] = []
    /// What clients' unfinished frames hold.
    let clientMemory: DecoderMemory

    /// Nothing but the buffers yet.
    package init(clientDecoderBytes: Int = CompressionLimits.clientDecoderBytes) {
        clientMemory = DecoderMemory(limit: clientDecoderBytes)
    }

    deinit {
        scratch.deallocate()
        frame.deallocate()
        if let deflater {
            deflateEnd(deflater)
            deflater.deallocate()
        }
        ZSTD_freeCCtx(zstdContext)
    }

    /// A decoder at its beginning. Those of servers do not count: their number is limited.
    func takeDecoder(
        _ algorithm: CompressionAlgorithm, for role: FrameCodec.Role
    ) throws(CompressionError) -> Inflater {
        let decoder = try takeDecoder(algorithm)
        if role == .server { try decoder.count(in: clientMemory) }
        return decoder
    }

    private func takeDecoder(_ algorithm: CompressionAlgorithm) throws(CompressionError) -> Inflater {
        if let index = idleDecoders.lastIndex(where: { $0.algorithm == algorithm }) {
            return idleDecoders.remove(at: index)
        }
        guard let decoder = Inflater(algorithm) else { throw .outOfMemory }
        return decoder
    }

    /// A decoder that is not needed any more.
    func giveBack(_ decoder: Inflater) {
        decoder.stopCounting()
        guard idleDecoders.count < CompressionLimits.keptDecoders,
            decoder.heldBytes <= CompressionLimits.keptDecoderBytes
        else { return }
        decoder.reset()
        idleDecoders.append(decoder)
    }

    /// Compresses into `target`; nil when the result does not fit, and so is not worth it.
    func compress(
        _ source: UnsafeRawBufferPointer, with algorithm: CompressionAlgorithm, level: Int32,
        into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        switch algorithm {
        case .zlib: deflated(source, target)
        case .zstd: zstdCompressed(source, level, target)
        }
    }

    private func deflated(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let stream = deflater ?? makeDeflater() else { return nil }
        deflateReset(stream)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(target.count)
        guard deflate(stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return target.count - Int(stream.pointee.avail_out)
    }

    private func makeDeflater() -> UnsafeMutablePointer<z_stream>? {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard switchyard_deflate_init(stream, CompressionLimits.zlibLevel) == Z_OK else {
            stream.deallocate()
            return nil
        }
        deflater = stream
        return stream
    }

    private func zstdCompressed(
        _ source: UnsafeRawBufferPointer, _ level: Int32, _ target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        if zstdContext == nil { zstdContext = ZSTD_createCCtx() }
        guard let zstdContext else { return nil }
        let count = ZSTD_compressCCtx(
            zstdContext, target.baseAddress, target.count, source.baseAddress, source.count, level)
        return ZSTD_isError(count) == 0 ? count : nil
    }
}
