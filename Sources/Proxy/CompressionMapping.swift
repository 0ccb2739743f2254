// From the settings' words on compression to the codec's.
internal import Backend
internal import Compression
internal import Configuration

extension CompressionMethod {
    var algorithm: CompressionAlgorithm {
        switch self {
        case .zlib: .zlib
        case .zstd: .zstd
        }
    }
}

extension NodeCompression {
    var algorithm: CompressionAlgorithm? {
        switch self {
        case .off: nil
        case .zlib: .zlib
        case .zstd: .zstd
        }
    }
}

extension Settings {
    func poolSettings(_ cluster: ClusterSettings, _ tls: ServerTLS?) -> PoolSettings {
        var pool = poolSettings(tls)
        pool.compression = cluster.compression.algorithm
        pool.compressionThreshold = limits.compressionThresholdBytes
        return pool
    }
}
