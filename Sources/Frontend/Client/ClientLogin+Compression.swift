// What was agreed on about compression, once the login is through.
internal import Backend
internal import Compression
internal import Wire

extension ClientLogin {
    /// The frames of a client that asked for compression. Of one that asked for both ways, zlib is what servers take.
    func codec(_ agreed: Capabilities, threshold: Int) -> FrameCodec? {
        if agreed.contains(.compress) { return FrameCodec(.zlib, role: .server, threshold: threshold) }
        guard agreed.contains(.zstdCompression) else { return nil }
        let level = zstdLevel.map { Int32($0) } ?? CompressionLimits.zstdLevel
        return FrameCodec(.zstd, role: .server, level: level, threshold: threshold)
    }
}

extension ProxyError {
    /// A client's frames that are not what was agreed on; the numbers are those of the servers.
    static func undecodable(_ error: CompressionError) -> ProxyError {
        if case .outOfOrder = error {
            return ProxyError(code: 1156, sqlState: "08S01", message: "Got packets out of order: \(error)")
        }
        return ProxyError(
            code: 1157, sqlState: "08S01", message: "Couldn't uncompress communication packet: \(error)")
    }
}
