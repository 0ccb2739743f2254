// Bytes that are written as two digits each.

/// The digits of base 16.
package enum HexDigit {
    /// What an ASCII character stands for; nil for none of `0-9`, `A-F`, `a-f`.
    package static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
