// Walks the text of a GTID position; shared by both notations.

/// A cursor over the text's bytes. White space between elements (servers break long lists into lines) is skipped.
struct PositionScanner {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func skipSpace() {
        while offset < bytes.count, bytes[offset] == 0x20 || (0x09...0x0D).contains(bytes[offset]) { offset += 1 }
    }

    /// Whether only white space is left.
    mutating func isAtEnd() -> Bool {
        skipSpace()
        return offset == bytes.count
    }

    /// The next byte that is no white space, without moving.
    mutating func peek() -> UInt8? {
        skipSpace()
        return offset < bytes.count ? bytes[offset] : nil
    }

    /// Moves over `character` if it is next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// A decimal number of at most `maximum`.
    mutating func readNumber(_ maximum: UInt64) throws(WireError) -> UInt64 {
        skipSpace()
        let start = offset
        var value: UInt64 = 0
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(bytes[offset] - 0x30))
            guard !overflow, !carry else { throw .malformedPosition }
            value = sum
            offset += 1
        }
        guard offset > start, value <= maximum else { throw .malformedPosition }
        return value
    }

    /// The longest run of bytes that satisfy `isMember`.
    mutating func readWord(_ isMember: (UInt8) -> Bool) -> UnsafeRawBufferPointer {
        skipSpace()
        let start = offset
        while offset < bytes.count, isMember(bytes[offset]) { offset += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
    }
}
