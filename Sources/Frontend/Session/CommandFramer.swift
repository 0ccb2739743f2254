// Where a streamed command ends: counts frames without assembling them.
internal import Wire

/// Follows the frames of one command, or of a file, as their bytes pass through.
struct CommandFramer {
    private var remainingInFrame = 0
    private var hasBegun = false
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
        pass(UnsafeMutableRawBufferPointer(mutating: bytes), wholeFile: wholeFile, renumbers: false)
    }

    /// With `renumbers`, each frame but the first gets the number behind the last one's. In compressed frames nobody
    /// checks these numbers, and libmariadb leaves them 0 (seen on 3.3): a server that is not compressed does check.
    mutating func pass(_ bytes: UnsafeMutableRawBufferPointer, wholeFile: Bool, renumbers: Bool) -> Int {
        var offset = 0
        while offset < bytes.count && !isComplete {
            if remainingInFrame > 0 {
                let taken = min(remainingInFrame, bytes.count - offset)
                remainingInFrame -= taken
                offset += taken
                continue
            }
            guard let header = PacketHeader(UnsafeRawBufferPointer(rebasing: bytes[offset...])) else { break }
            let number = renumbers && hasBegun ? lastSequence &+ 1 : header.sequence
            if number != header.sequence { bytes[offset + 3] = number }
            hasBegun = true
            offset += PacketHeader.size
            remainingInFrame = header.payloadLength
            payloadBytes += header.payloadLength
            lastSequence = number
            // The empty frame behind a full one ends that packet, not the file.
            lastFrameIsEmpty = header.payloadLength == 0 && !continuesPacket
            continuesPacket = header.continues
            frameContinues = wholeFile ? !lastFrameIsEmpty : header.continues
        }
        return offset
    }
}
