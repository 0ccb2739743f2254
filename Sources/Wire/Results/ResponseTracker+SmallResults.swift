// Small result sets that are here as a whole, as most are: walked in one go.
//
// The machine looks at each packet by itself, and keeps what it must know if the next one is not here yet. For a result
// of a few packets that costs more than they do.

extension ResponseTracker {
    /// Up to so many bytes are walked at once. Of more, the end is most likely not here.
    static let smallResultMaximum = 2_048

    /// Walks a result set from its column count to the packet that ends it, where all of that is here and nothing in it is
    /// out of the ordinary. If not, nothing is changed, and nil is given.
    mutating func walkSmallResult(_ bytes: UnsafeRawBufferPointer) -> ResponseStep? {
        guard bytes.count <= Self.smallResultMaximum, var frames = wholeFrames(bytes) else { return nil }
        guard frames.next() == 1, frames.first > 0, frames.first < 0xFB else { return nil }
        let columns = frames.first
        frames.pass(1)
        for _ in 0..<columns {
            guard let length = frames.next(), frames.first != ErrorPacket.header else { return nil }
            frames.pass(length)
        }
        let hasMiddle = !capabilities.contains(.deprecateEOF)
        if hasMiddle {
            guard frames.next() == OKHead.endOfFileSize, frames.first == EOFPacket.header,
                frames.status.isDisjoint(with: [.cursorExists, .psOutParams, .sessionStateChanged])
            else { return nil }
            frames.pass(OKHead.endOfFileSize)
        }
        var rows: UInt64 = 0
        while let length = frames.next(), frames.first < EOFPacket.header {
            rows += 1
            frames.pass(length)
        }
        // With counts of a byte each the flags stand where those of an EOF packet do.
        let length = hasMiddle ? OKHead.endOfFileSize : OKHead.endOfFileSize + 2
        guard frames.next() == length, frames.first == EOFPacket.header, hasMiddle || frames.hasCountsOfOneByte,
            !frames.status.contains(.moreResultsExist)
        else { return nil }
        resultEnded(columns: UInt64(columns), rows: rows, frames.status, number: frames.number &+ 1)
        return ResponseStep(passed: frames.offset, event: .endOfRows, packetLength: PacketHeader.size + length)
    }
}

/// Frames that are looked at one after the other, as long as they are here as a whole.
struct WholeFrames {
    private let bytes: UnsafeRawBufferPointer
    /// Where the next frame begins.
    private(set) var offset = 0
    /// The number of the frame in front of it.
    private(set) var number: UInt8

    init(_ bytes: UnsafeRawBufferPointer, behind number: UInt8) {
        self.bytes = bytes
        self.number = number
    }

    /// Bytes of payload of the next frame; nil when it is empty, not here as a whole, or has not the next number.
    @inline(__always) func next() -> Int? {
        guard offset + PacketHeader.size < bytes.count else { return nil }
        let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        let length = Int(word & 0xFF_FFFF)
        guard length > 0, UInt8(truncatingIfNeeded: word >> 24) == number &+ 1,
            length <= bytes.count - offset - PacketHeader.size
        else { return nil }
        return length
    }

    @inline(__always) mutating func pass(_ length: Int) {
        offset += PacketHeader.size + length
        number &+= 1
    }

    /// The first byte of the next frame's payload.
    @inline(__always) var first: UInt8 { bytes[offset + PacketHeader.size] }

    /// The status flags of the next frame, which has at least five bytes.
    @inline(__always) var status: StatusFlags {
        StatusFlags(
            rawValue: UInt16(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset + PacketHeader.size + 3, as: UInt16.self)))
    }

    /// Whether the next frame, an OK packet of seven bytes, has counts that are themselves.
    @inline(__always) var hasCountsOfOneByte: Bool {
        bytes[offset + PacketHeader.size + 1] < 0xFB && bytes[offset + PacketHeader.size + 2] < 0xFB
    }
}
