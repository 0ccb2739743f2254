// The four bytes in front of every frame: int<3> payload length, int<1> sequence.

/// A frame's head. https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
@usableFromInline package struct PacketHeader: Equatable, Sendable {
    /// Bytes of a header.
    @inlinable package static var size: Int { 4 }
    /// Payload bytes of a full frame; a frame of exactly this length continues in the next one.
    @inlinable package static var maximumPayload: Int { 0xFF_FFFF }

    /// Payload bytes after the header, 0 ... `maximumPayload`.
    @usableFromInline package var payloadLength: Int
    /// Number of the frame within its exchange, modulo 256.
    @usableFromInline package var sequence: UInt8

    @inlinable package init(payloadLength: Int, sequence: UInt8) {
        self.payloadLength = payloadLength
        self.sequence = sequence
    }

    /// The header at the start of `bytes`; nil when fewer than four are there.
    @inlinable package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size else { return nil }
        let word = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        payloadLength = Int(word & 0xFF_FFFF)
        sequence = UInt8(truncatingIfNeeded: word >> 24)
    }

    /// Header and payload.
    @inlinable package var frameLength: Int { Self.size + payloadLength }
    /// Whether the same packet goes on in the next frame.
    @inlinable package var continues: Bool { payloadLength == Self.maximumPayload }
}
