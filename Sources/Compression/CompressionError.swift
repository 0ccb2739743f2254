// What can be wrong with a compressed frame.

/// Why a peer's frames cannot be decoded. The connection is lost: nobody knows where the next packet begins.
package enum CompressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A frame's number is not the one that is due.
    case outOfOrder(expected: UInt8, received: UInt8)
    /// A frame without content.
    case emptyFrame
    /// The content is not what the algorithm writes.
    case undecodable(CompressionAlgorithm)
    /// The content is longer than its header says.
    case longerThanAnnounced
    /// The content is shorter than its header says.
    case shorterThanAnnounced
    /// The frame goes on behind its content.
    case trailingBytes
    /// The unfinished frames of all clients of the lane need more memory than they may have.
    case tooManyUnfinished
    /// No memory for a decoder.
    case outOfMemory

    /// Words for a log or an error message.
    package var description: String {
        switch self {
        case .outOfOrder(let expected, let received): "compressed frame \(received) where \(expected) was due"
        case .emptyFrame: "an empty compressed frame"
        case .undecodable(let algorithm): "a frame that is not compressed with \(algorithm.rawValue)"
        case .longerThanAnnounced: "a compressed frame that holds more than it says"
        case .shorterThanAnnounced: "a compressed frame that holds less than it says"
        case .trailingBytes: "a compressed frame with bytes behind its content"
        case .tooManyUnfinished:
            "unfinished compressed frames of clients need more than \(CompressionLimits.clientDecoderBytes) bytes; "
                + "try again"
        case .outOfMemory: "no memory to decompress"
        }
    }
}
