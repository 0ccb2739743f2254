// The bounds of the compressed protocol, each with its reason.

/// Bounds of frames, contexts and levels. Bytes unless the name says otherwise.
package enum CompressionLimits {
    /// The header of a frame.
    package static let headerBytes = 7
    /// What the three-byte lengths of a frame can say.
    package static let frameBytes = 0xFF_FFFF
    /// Plain bytes put into one frame of ours: about one read's worth, so that a lane is not held up by one frame.
    package static let framePlainBytes = 128 * 1024
    /// Shorter frames are sent as they are, unless the settings say otherwise (MIN_COMPRESS_LENGTH of the servers).
    package static let thresholdBytes = 50
    /// zlib's level towards everybody. Levels above cost several times the time for a few percent of the size.
    package static let zlibLevel: Int32 = 3
    /// zstd's level where nobody asks for one, as MySQL has it.
    package static let zstdLevel: Int32 = 3
    /// The highest zstd level done for a client, whatever it asks for: higher ones stall the lane's other sessions.
    package static let zstdLevelMaximum: Int32 = 9
    /// log2 of the largest zstd window that is decoded: that of a whole frame.
    package static let zstdWindowLogMaximum: Int32 = 24
    /// Memory of the decoders of clients' unfinished frames, of one lane: sixteen of the largest windows. A client that
    /// sends half a frame and waits holds one.
    package static let clientDecoderBytes = 256 * 1024 * 1024
    /// A decoder whose memory grew beyond this is freed after its frame instead of kept for the lane's next one.
    package static let keptDecoderBytes = 1024 * 1024
    /// Decoders that one lane keeps.
    package static let keptDecoders = 2
    /// Where compressed input is read to, one for each lane that needs it.
    package static let inputScratchBytes = 64 * 1024
}
