// The W3C trace context of a statement, from its leading comment or from a query attribute.
// https://www.w3.org/TR/trace-context/#traceparent-header

/// Finds `00-<32 hexadecimal digits>-<16>-<2>`.
enum TraceParent {
    /// Version, trace, parent and flags, with their dashes.
    static let length = 55
    static let name: StaticString = "traceparent"
    /// The same as bytes, which live as long as the program.
    static var nameBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

    /// The value in the comments that a statement begins with: `/* traceparent=00-… */`, also in quotes, as other tools write it.
    static func inLeadingComment(_ text: UnsafeRawBufferPointer) -> String? {
        var position = 0
        while true {
            while position < text.count, text[position] == 0x20 || text[position] &- 0x09 < 5 { position += 1 }
            guard position + 1 < text.count, text[position] == UInt8(ascii: "/"),
                text[position + 1] == UInt8(ascii: "*")
            else { return nil }
            let start = position + 2
            var end = start
            while end + 1 < text.count, text[end] != UInt8(ascii: "*") || text[end + 1] != UInt8(ascii: "/") {
                end += 1
            }
            let comment = UnsafeRawBufferPointer(rebasing: text[start..<end])
            if let found = inComment(comment) { return found }
            position = end + 2
        }
    }

    private static func inComment(_ comment: UnsafeRawBufferPointer) -> String? {
        let nameLength = name.utf8CodeUnitCount
        guard comment.count >= nameLength + 1 + length else { return nil }
        for start in 0...(comment.count - nameLength - 1 - length) where isName(comment, at: start) {
            var position = start + nameLength
            guard comment[position] == UInt8(ascii: "=") || comment[position] == UInt8(ascii: ":") else { continue }
            position += 1
            let quotes: [UInt8] = [0x20, UInt8(ascii: "'"), UInt8(ascii: "\"")]
            while position < comment.count, quotes.contains(comment[position]) { position += 1 }
            if position + length <= comment.count,
                let value = value(UnsafeRawBufferPointer(rebasing: comment[position..<(position + length)]))
            {
                return value
            }
        }
        return nil
    }

    /// Whether the name stands there, in small letters or capitals.
    static func isName(_ bytes: UnsafeRawBufferPointer, at start: Int = 0) -> Bool {
        guard bytes.count - start >= name.utf8CodeUnitCount else { return false }
        return (0..<name.utf8CodeUnitCount).allSatisfy { bytes[start + $0] | 0x20 == name.utf8Start[$0] }
    }

    /// The bytes as a value; nil when they are none. Nothing else can come into the log this way.
    static func value(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count == length else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isDash = index == 2 || index == 35 || index == 52
            let isDigit = byte &- 0x30 < 10 || byte &- 0x61 < 6
            guard isDash ? byte == UInt8(ascii: "-") : isDigit else { return nil }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
