// Where a streamed command ends: counts frames without assembling them.
internal import Wire

/// Follows the frames of one command, or of a file, as their bytes pass through.
struct CommandFramer {
    private var remainingInFrame = 0
    private var frameContinues = true
    private var continuesPacket = false
    /// Bytes of payload seen so far.
    private(set) var payloadBytes = 0
    /// The sequence number of the last frame begun.
    private(set) var lastSequence: UInt8 = 0
    /// Whether the last frame begun was empty: it ends a file.
    private(set) var lastFrameIsEmpty = false

    /// Whether the command's last byte has passed.
    var isComplete: Bool { remainingInFrame == 0 && !frameContinues }

    /// Passes as many bytes as belong to the command. A frame's header that is not whole stays with the caller.
    /// With `wholeFile`, frames go on until an empty one.
    mutating func pass(_ bytes: UnsafeRawBufferPointer, wholeFile: Bool) -> Int {
        var offset = 0
        while offset < bytes.count && !isComplete {
            if remainingInFrame > 0 {
                let taken = min(remainingInFrame, bytes.count - offset)
                remainingInFrame -= taken
                offset += taken
                continue
            }
            guard let header = PacketHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...])) else { break }
            offset += PacketHeader.size
            remainingInFrame = header.payloadLength
            payloadBytes += header.payloadLength
            lastSequence = header.sequence
            // The empty frame behind a full one ends that packet, not the file.
            lastFrameIsEmpty = header.payloadLength == 0 && !continuesPacket
            continuesPacket = header.continues
            frameContinues = wholeFile ? !lastFrameIsEmpty : header.continues
        }
        return offset
    }
}
