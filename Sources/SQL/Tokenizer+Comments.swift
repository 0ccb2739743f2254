// Comments: skipped, or entered when a server would execute them.

extension Tokenizer {
    /// A comment from its `/*`: skips it, or enters it if its content is to be executed. An unterminated one is a
    /// token.
    mutating func comment() -> Token? {
        let start = position
        var inside = start + 2
        let isMariaDBForm = byte(inside) == UInt8(ascii: "M") && byte(inside + 1) == UInt8(ascii: "!")
        let isExecutable = byte(inside) == UInt8(ascii: "!") || isMariaDBForm && mode.dialect == .mariaDB
        guard isExecutable else { return skipComment(start, from: inside, nestingAllowed: false) }
        inside += isMariaDBForm ? 2 : 1
        var digits = 0
        var version: UInt32 = 0
        while digits < 6, isDigit(inside + digits) {
            version = version * 10 + UInt32(byte(inside + digits) - 0x30)
            digits += 1
        }
        if digits >= 5 {
            guard applies(version, isMariaDBForm: isMariaDBForm) else {
                return skipComment(start, from: inside + digits, nestingAllowed: true)
            }
            inside += digits
        }
        isInsideExecutableComment = true
        position = inside
        return nil
    }

    /// MariaDB leaves out what is meant for MySQL 5.7 up to 9.x, whose features it may not have.
    private func applies(_ version: UInt32, isMariaDBForm: Bool) -> Bool {
        guard version <= mode.serverVersion else { return false }
        return mode.dialect == .mySQL || isMariaDBForm || version < 50_700 || version > 99_999
    }

    /// Moves behind the closing `*/`. A version comment that does not apply may hold one level of comments.
    private mutating func skipComment(_ start: Int, from first: Int, nestingAllowed: Bool) -> Token? {
        var offset = first
        var depth = 1
        while offset + 1 < text.count {
            if text[offset] == UInt8(ascii: "*"), text[offset + 1] == UInt8(ascii: "/") {
                offset += 2
                depth -= 1
                if depth == 0 {
                    position = offset
                    if !nestingAllowed { noteHint(first, offset - 2) }
                    return nil
                }
            } else if nestingAllowed, depth == 1, text[offset] == UInt8(ascii: "/"),
                text[offset + 1] == UInt8(ascii: "*")
            {
                offset += 2
                depth = 2
            } else {
                offset += 1
            }
        }
        position = text.count
        isInsideExecutableComment = false
        return Token(kind: .unterminated, start: start, end: text.count)
    }
}
