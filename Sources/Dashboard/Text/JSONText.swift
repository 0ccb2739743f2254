// JSON as it is written: nothing is kept but the bytes. https://www.rfc-editor.org/rfc/rfc8259
internal import Admin

/// A JSON text in the making.
struct JSONText: Sendable {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    // MARK: Structure

    mutating func object(_ members: (inout JSONText) -> Void) { enclosed("{", "}", members) }
    mutating func array(_ elements: (inout JSONText) -> Void) { enclosed("[", "]", elements) }

    private mutating func enclosed(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ inside: (inout JSONText) -> Void)
    {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        inside(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// The name of a member; its value follows.
    mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    mutating func member(_ name: String, _ value: Int64) {
        key(name)
        number(value)
    }

    mutating func member(_ name: String, _ value: Bool) {
        key(name)
        raw(value ? "true" : "false")
    }

    // MARK: Values

    mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    mutating func number(_ number: Int64) { raw(String(number)) }

    mutating func null() { raw("null") }

    /// A cell of the console, as its column's type says.
    mutating func value(_ value: ConsoleValue, of type: ConsoleType) {
        switch value {
        case .null: null()
        case .integer(let number): raw(String(number))
        case .real(let number): raw(number.isFinite ? String(number) : "null")
        // `2026-03-01 10:00:00.5` as `2026-03-01T10:00:00.5Z`.
        case .text(let text) where type == .datetime: string(text.replacing(" ", with: "T") + "Z")
        case .text(let text): string(text)
        }
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.digit(byte >> 4))
                bytes.append(Self.digit(byte & 0xF))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
