// The two ways in which the protocol compresses.

/// How frames are compressed; both peers use the same one in both directions.
package enum CompressionAlgorithm: String, Sendable, CaseIterable, Hashable {
    /// CLIENT_COMPRESS
    case zlib
    /// CLIENT_ZSTD_COMPRESSION_ALGORITHM
    case zstd
}
