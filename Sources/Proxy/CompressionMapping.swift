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
