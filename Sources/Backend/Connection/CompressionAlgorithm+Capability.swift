// The capability flags by which compression is agreed on.
package import Compression
package import Wire

extension CompressionAlgorithm {
    /// The flag that offers it and asks for it.
    package var capability: Capabilities {
        switch self {
        case .zlib: .compress
        case .zstd: .zstdCompression
        }
    }
}
