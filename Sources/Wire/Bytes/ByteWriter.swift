// Writes the protocol's integers, strings and packet frames into a growing byte array.

/// Collects bytes to send. Payload writers append to it; `writePacket` and `beginPacket`/`endPacket` add the frames.
package struct ByteWriter: Sendable {
    /// Everything written so far.
    package var bytes: [UInt8] = []
    private var openPacket: Int?

    package init() {}

    /// A writer whose array starts with room for `capacity` bytes.
    package init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Forgets the content and keeps the storage.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        openPacket = nil
    }

    /// int<1>
    package mutating func writeUInt8(_ value: UInt8) {
        bytes.append(value)
    }

    /// int<2>
    package mutating func writeUInt16(_ value: UInt16) {
        writeLittleEndian(UInt64(value), byteCount: 2)
    }

    /// int<3>; the value's high byte must be 0.
    package mutating func writeUInt24(_ value: UInt32) {
        writeLittleEndian(UInt64(value), byteCount: 3)
    }

    /// int<4>
    package mutating func writeUInt32(_ value: UInt32) {
        writeLittleEndian(UInt64(value), byteCount: 4)
    }

    /// int<8>
    package mutating func writeUInt64(_ value: UInt64) {
        writeLittleEndian(value, byteCount: 8)
    }

    /// int<lenenc>
    package mutating func writeLengthEncodedInteger(_ value: UInt64) {
        switch value {
        case 0..<0xFB:
            bytes.append(UInt8(value))
        case 0xFB...0xFFFF:
            bytes.append(0xFC)
            writeLittleEndian(value, byteCount: 2)
        case 0x1_0000...0xFF_FFFF:
            bytes.append(0xFD)
            writeLittleEndian(value, byteCount: 3)
        default:
            bytes.append(0xFE)
            writeLittleEndian(value, byteCount: 8)
        }
    }

    /// The NULL of a text row (0xFB).
    package mutating func writeNull() {
        bytes.append(0xFB)
    }

    /// string<lenenc>
    package mutating func writeLengthEncodedBytes(_ value: some Collection<UInt8>) {
        writeLengthEncodedInteger(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// string<lenenc> of a text's UTF-8.
    package mutating func writeLengthEncodedString(_ value: String) {
        writeLengthEncodedBytes(value.utf8)
    }

    /// string<NUL>; a NUL inside the value ends it there, as the reader would see it.
    package mutating func writeNullTerminated(_ value: some Sequence<UInt8>) {
        for byte in value {
            guard byte != 0 else { break }
            bytes.append(byte)
        }
        bytes.append(0)
    }

    /// string<fix> or string<EOF>
    package mutating func writeBytes(_ value: some Collection<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// `count` zero bytes.
    package mutating func writeZeros(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    private mutating func writeLittleEndian(_ value: UInt64, byteCount: Int) {
        for index in 0..<byteCount {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }
}

extension ByteWriter {
    /// Writes `payload` as one packet: a frame, or several when it has 16 MiB - 1 bytes or more, closed by a shorter
    /// (possibly empty) frame. `sequence` moves past every frame used.
    package mutating func writePacket(sequence: inout UInt8, payload: UnsafeRawBufferPointer) {
        var start = 0
        var length: Int
        repeat {
            length = min(payload.count - start, PacketHeader.maximumPayload)
            writeUInt24(UInt32(length))
            bytes.append(sequence)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: payload[start..<start + length]))
            sequence &+= 1
            start += length
        } while length == PacketHeader.maximumPayload
    }

    /// The same for an array.
    package mutating func writePacket(sequence: inout UInt8, payload: [UInt8]) {
        payload.withUnsafeBytes { writePacket(sequence: &sequence, payload: $0) }
    }

    /// Opens a frame; what is written until `endPacket` is its payload. One at a time.
    package mutating func beginPacket(sequence: UInt8) {
        precondition(openPacket == nil, "a packet is already open")
        openPacket = bytes.count
        bytes.append(contentsOf: [0, 0, 0, sequence])
    }

    /// Closes the frame: its length is patched in. The payload must be shorter than 16 MiB - 1.
    package mutating func endPacket() {
        guard let start = openPacket else { preconditionFailure("no packet is open") }
        openPacket = nil
        let length = bytes.count - start - PacketHeader.size
        precondition(length < PacketHeader.maximumPayload, "use writePacket for payloads of several frames")
        bytes[start] = UInt8(truncatingIfNeeded: length)
        bytes[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
        bytes[start + 2] = UInt8(truncatingIfNeeded: length >> 16)
    }
}
