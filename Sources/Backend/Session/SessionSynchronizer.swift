// From one session image to another: the statement that a connection needs before it can stand in for another one.

/// Computes what brings a connection from the state it was left in to the state of a session.
enum SessionSynchronizer {
    /// Variables that readers do not follow. With `autocommit=0` every statement goes to the main connection, and a reader
    /// with it would keep a snapshot open; readers are read-only whatever the session says of itself.
    private static let mainOnly = ["autocommit", "tx_read_only", "transaction_read_only"]

    /// The assignments, as the text of one `SET` statement, or nil when nothing differs.
    ///
    /// - Parameter isMain: false on a connection that only runs reads.
    static func assignments(
        from known: SessionImage, to wanted: SessionImage, isMain: Bool
    ) -> [UInt8]? {
        var text = Array("SET ".utf8)
        let empty = text.count
        var collation: SessionImage.Variable?
        for variable in wanted.variables {
            if !isMain && mainOnly.contains(where: { variable.name.elementsEqual($0.utf8) }) { continue }
            if variable.name.elementsEqual("collation_connection".utf8) {
                collation = variable
            } else if !known.variables.contains(variable) {
                append(variable, to: &text, isFirst: text.count == empty)
            }
        }
        // Setting character_set_connection sets the collation to that character set's default: it comes last.
        if let collation, text.count > empty || !known.variables.contains(collation) {
            append(collation, to: &text, isFirst: text.count == empty)
        }
        return text.count > empty ? text : nil
    }

    /// Appends one assignment.
    static func append(_ variable: SessionImage.Variable, to text: inout [UInt8], isFirst: Bool) {
        if !isFirst { text.append(UInt8(ascii: ",")) }
        text += "@@session.".utf8
        text += variable.name
        text.append(UInt8(ascii: "="))
        append(value: variable.value, of: variable.name, to: &text)
    }

    /// A value as an expression: numbers bare (a quoted one is a type error), plain words quoted, the rest in hex, which
    /// reads the same under every SQL mode.
    private static func append(value: [UInt8], of name: [UInt8], to text: inout [UInt8]) {
        if value.isEmpty && name.elementsEqual("character_set_results".utf8) {
            text += "NULL".utf8
        } else if isNumber(value) {
            text += value
        } else if value.allSatisfy(isPlain) {
            text.append(UInt8(ascii: "'"))
            text += value
            text.append(UInt8(ascii: "'"))
        } else {
            text += "CONVERT(x'".utf8
            for byte in value {
                text.append(hexadecimal(byte >> 4))
                text.append(hexadecimal(byte & 15))
            }
            text += "' USING utf8mb4)".utf8
        }
    }

    private static func isNumber(_ value: [UInt8]) -> Bool {
        var digits = 0
        var points = 0
        for (index, byte) in value.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: "."): points += 1
            case UInt8(ascii: "-") where index == 0: break
            default: return false
            }
        }
        return digits > 0 && points <= 1
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "'") && byte != UInt8(ascii: "\\")
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
