// The digest of a statement: its text without what changes from one execution to the next, and a hash of it.

/// Normalised statement text, for statistics and rules.
///
/// Literals, signed numbers and placeholders become `?`; lists of them in parentheses become `(...)` behind `IN`,
/// `VALUES` and `ROW`, however many rows follow; comments go; words between which the text has white space or nothing
/// are separated by one space where needed; reserved words and called built-in functions are in capitals; quotes
/// around plain names go. A semicolon at the end goes.
package enum Digest {
    /// Bytes of a statement that are looked at; the digest is that of the part before.
    package static let sourceMaximum = 64 * 1024

    /// The digest text, at most `maximumLength` bytes. It may end in the middle of a word, never in the middle of a
    /// UTF-8 character if the text is UTF-8.
    ///
    /// - Parameter isBeginning: whether `text` is only the beginning of a statement.
    package static func text(
        of text: UnsafeRawBufferPointer, mode: SQLMode, maximumLength: Int = 2048, isBeginning: Bool = false
    ) -> [UInt8] {
        var sink = TextSink(maximum: max(0, maximumLength))
        var writer = DigestWriter(text, mode: mode, isBeginning: isBeginning)
        writer.write(into: &sink)
        return sink.finished()
    }

    /// A 64-bit hash of the digest text, not cut at any length but `sourceMaximum`. Allocates nothing. The same in
    /// every process.
    ///
    /// - Parameters:
    ///   - maximumSource: bytes of the statement that are looked at, `sourceMaximum` at most.
    ///   - isBeginning: whether `text` is only the beginning of a statement.
    package static func hash(
        of text: UnsafeRawBufferPointer, mode: SQLMode, maximumSource: Int = sourceMaximum, isBeginning: Bool = false
    ) -> UInt64 {
        var sink = HashSink()
        var writer = DigestWriter(text, mode: mode, maximumSource: maximumSource, isBeginning: isBeginning)
        writer.write(into: &sink)
        return sink.finished()
    }
}

/// Takes the bytes of a digest in order.
protocol DigestSink {
    var isFull: Bool { get }
    mutating func append(_ byte: UInt8)
}

/// Keeps the bytes, up to a maximum.
struct TextSink: DigestSink {
    private var bytes: [UInt8] = []
    private let maximum: Int

    init(maximum: Int) { self.maximum = maximum }

    var isFull: Bool { bytes.count >= maximum }

    mutating func append(_ byte: UInt8) {
        if bytes.count < maximum { bytes.append(byte) }
    }

    /// The bytes, without a character that was cut in the middle.
    func finished() -> [UInt8] {
        guard isFull, let last = bytes.lastIndex(where: { $0 & 0xC0 != 0x80 }), bytes[last] >= 0xC0 else {
            return bytes
        }
        let length = bytes[last] >= 0xF0 ? 4 : bytes[last] >= 0xE0 ? 3 : 2
        return bytes.count - last < length ? Array(bytes[..<last]) : bytes
    }
}

/// FNV-1a with a final mix, so that all bits are good for table indices.
struct HashSink: DigestSink {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    var isFull: Bool { false }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    func finished() -> UInt64 {
        var mixed = (state ^ (state >> 32)) &* 0xD6E8_FEB8_6659_FD93
        mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return mixed ^ (mixed >> 32)
    }
}
