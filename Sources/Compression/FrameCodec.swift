// The compressed protocol of one connection: what its frames are numbered with and how far decoding came.
//
// A frame is: length of the content (3 bytes), number (1), length of what the content decodes to (3; 0: it is plain),
// content. What decodes is a stream of packets that knows nothing of frames.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression.html

/// The frames of one connection in both directions. A value without buffers or contexts: an idle connection costs this.
package struct FrameCodec {
    /// Which peer of the protocol we are.
    package enum Role: Sendable {
        /// The peer is a client.
        case server
        /// The peer is a server.
        case client
    }

    enum Phase { case header, stored, compressed }

    let algorithm: CompressionAlgorithm
    let role: Role
    let level: Int32
    let threshold: Int

    // Numbers.
    /// The number of the next frame of ours.
    var nextSent: UInt8 = 0
    /// The number of the next frame of the peer's.
    var nextReceived: UInt8 = 0

    // Decoding.
    var phase = Phase.header
    var header: UInt64 = 0
    var headerCount = 0
    var contentRemaining = 0
    var plainRemaining = 0
    var decoder: Inflater?
    /// The target was full when decoding stopped: there may be more without further input.
    package internal(set) var holdsOutput = false
    var renumbering = PacketRenumbering()

    // Encoding.
    var packets = PacketBoundaries()

    /// - Parameters:
    ///   - level: zstd's level, which is kept within bounds.
    ///   - threshold: frames with fewer plain bytes are not compressed.
    package init(
        _ algorithm: CompressionAlgorithm, role: Role, level: Int32 = CompressionLimits.zstdLevel,
        threshold: Int = CompressionLimits.thresholdBytes
    ) {
        self.algorithm = algorithm
        self.role = role
        self.level = max(1, min(level, CompressionLimits.zstdLevelMaximum))
        self.threshold = max(threshold, 1)
    }
}
