// Reads the protocol's integers and strings from bytes that somebody else owns; every read is checked.

/// A cursor over one payload. Values returned as `UnsafeRawBufferPointer` live as long as the bytes given to `init`.
/// A failed read leaves the position undefined: give the payload up.
@usableFromInline
package struct ByteReader {
    @usableFromInline let bytes: UnsafeRawBufferPointer
    @usableFromInline var offset = 0

    @inlinable
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Bytes read so far, from the start of the payload.
    @inlinable package var position: Int { offset }
    /// Bytes not read yet.
    @inlinable package var remaining: Int { bytes.count - offset }

    @inlinable
    func require(_ count: Int) throws(WireError) {
        guard count >= 0, count <= bytes.count - offset else { throw .truncated }
    }

    /// The next byte, without moving; nil at the end.
    @inlinable
    package func peek() -> UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    /// int<1>
    @inlinable
    package mutating func readUInt8() throws(WireError) -> UInt8 {
        try require(1)
        defer { offset += 1 }
        return bytes[offset]
    }

    /// int<2>, little-endian as all integers of the protocol.
    @inlinable
    package mutating func readUInt16() throws(WireError) -> UInt16 {
        try require(2)
        defer { offset += 2 }
        return UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// int<3>
    @inlinable
    package mutating func readUInt24() throws(WireError) -> UInt32 {
        try require(3)
        defer { offset += 3 }
        return UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
    }

    /// int<4>
    @inlinable
    package mutating func readUInt32() throws(WireError) -> UInt32 {
        try require(4)
        defer { offset += 4 }
        return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// int<8>
    @inlinable
    package mutating func readUInt64() throws(WireError) -> UInt64 {
        try require(8)
        defer { offset += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// int<lenenc>, or nil for the NULL marker 0xFB of text rows.
    @inlinable
    package mutating func readNullableLengthEncodedInteger() throws(WireError) -> UInt64? {
        let first = try readUInt8()
        switch first {
        case 0xFB: return nil
        case 0xFC: return UInt64(try readUInt16())
        case 0xFD: return UInt64(try readUInt24())
        case 0xFE: return try readUInt64()
        case 0xFF: throw .invalidLengthPrefix
        default: return UInt64(first)
        }
    }

    /// int<lenenc>; NULL is an error.
    @inlinable
    package mutating func readLengthEncodedInteger() throws(WireError) -> UInt64 {
        guard let value = try readNullableLengthEncodedInteger() else { throw .unexpectedNull }
        return value
    }

    /// string<lenenc>; NULL is an error.
    @inlinable
    package mutating func readLengthEncodedBytes() throws(WireError) -> UnsafeRawBufferPointer {
        guard let value = try readNullableLengthEncodedBytes() else { throw .unexpectedNull }
        return value
    }

    /// string<lenenc>, or nil for NULL: one field of a text row.
    @inlinable
    package mutating func readNullableLengthEncodedBytes() throws(WireError) -> UnsafeRawBufferPointer? {
        guard let length = try readNullableLengthEncodedInteger() else { return nil }
        guard length <= UInt64(remaining) else { throw .truncated }
        return try readBytes(Int(length))
    }

    /// string<NUL>, without its NUL.
    @inlinable
    package mutating func readNullTerminated() throws(WireError) -> UnsafeRawBufferPointer {
        var end = offset
        while end < bytes.count, bytes[end] != 0 { end += 1 }
        guard end < bytes.count else { throw .missingTerminator }
        defer { offset = end + 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
    }

    /// string<fix> of `count` bytes.
    @inlinable
    package mutating func readBytes(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
        try require(count)
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// string<EOF>: everything left, possibly nothing.
    @inlinable
    package mutating func readRest() -> UnsafeRawBufferPointer {
        defer { offset = bytes.count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset...])
    }

    /// Moves over `count` bytes.
    @inlinable
    package mutating func skip(_ count: Int) throws(WireError) {
        try require(count)
        offset += count
    }
}

extension String {
    /// The text of wire bytes; what is not UTF-8 is repaired with U+FFFD.
    package init(wire bytes: UnsafeRawBufferPointer) {
        self.init(decoding: bytes, as: UTF8.self)
    }
}
