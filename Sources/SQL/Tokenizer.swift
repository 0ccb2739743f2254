// Splits SQL text into tokens the way the servers' lexers do, without copying or allocating.

/// Reads tokens from SQL text, one `next()` at a time. Comments are skipped; executable comments that apply to the
/// server's version are entered, so their content comes as tokens.
///
/// A value: a copy reads on from the same place, which is how callers look ahead. The text must outlive it.
package struct Tokenizer {
    let text: UnsafeRawBufferPointer
    let lexicon: Lexicon
    let mode: SQLMode
    /// Offset of the next byte to read.
    package private(set) var position = 0
    /// Between `/*!` and its `*/`.
    private var isInsideExecutableComment = false
    /// Where the last unquoted word ended.
    private var endOfLastWord = -1
    /// Where digits are a name, not a number.
    private var startOfForcedWord = -1

    /// Begins at the first byte of `text`.
    package init(_ text: UnsafeRawBufferPointer, mode: SQLMode) {
        self.text = text
        self.mode = mode
        lexicon = Lexicon.shared
    }

    /// The next token; after the last one `.end`, again and again.
    package mutating func next() -> Token {
        let count = text.count
        while position < count {
            let byte = text[position]
            switch lexicon.byteClasses[Int(byte)] {
            case ByteClass.space.rawValue: position += 1
            case ByteClass.letter.rawValue, ByteClass.ambiguous.rawValue: return wordOrPrefixedLiteral(byte)
            case ByteClass.digit.rawValue: return numberOrWord()
            default:
                if let token = punctuation(byte) { return token }
            }
        }
        if isInsideExecutableComment {
            isInsideExecutableComment = false
            return Token(kind: .unterminated, start: count, end: count)
        }
        return Token(kind: .end, start: count, end: count)
    }

    /// The byte at `offset`, or 0 behind the end (as the servers' lexers see it).
    @inline(__always)
    private func byte(_ offset: Int) -> UInt8 { offset < text.count ? text[offset] : 0 }

    @inline(__always)
    private mutating func take(_ kind: Token.Kind, _ length: Int) -> Token {
        let start = position
        position += length
        return Token(kind: kind, start: start, end: position)
    }

    /// A token that begins with neither letter, digit nor space; nil if it was a comment.
    @inline(__always)
    private mutating func punctuation(_ character: UInt8) -> Token? {
        switch Unicode.Scalar(character) {
        case "(": return take(.leftParenthesis, 1)
        case ")": return take(.rightParenthesis, 1)
        case ",": return take(.comma, 1)
        case ";": return take(.semicolon, 1)
        case "?": return take(.placeholder, 1)
        case ".":
            // Right behind a word the dot separates names, and a name may begin with a digit: `t.5x`.
            if position == endOfLastWord {
                startOfForcedWord = position + 1
                return take(.dot, 1)
            }
            return isDigit(position + 1) ? fraction(start: position) : take(.dot, 1)
        case "'": return quoted(from: position, opening: position, kind: .string)
        case "\"":
            return quoted(from: position, opening: position, kind: mode.ansiQuotes ? .quotedIdentifier : .string)
        case "`": return quoted(from: position, opening: position, kind: .quotedIdentifier)
        case "@": return variable()
        case ":": if byte(position + 1) == UInt8(ascii: "=") { return take(.assignment, 2) }
        case "#": return skipLine()
        case "-":
            if byte(position + 1) == UInt8(ascii: "-"), isCommentDashFollower(byte(position + 2)) { return skipLine() }
        case "/": if byte(position + 1) == UInt8(ascii: "*") { return comment() }
        case "*":
            if isInsideExecutableComment, byte(position + 1) == UInt8(ascii: "/") {
                isInsideExecutableComment = false
                position += 2
                return nil
            }
        default: break
        }
        var token = take(.symbol, 1)
        token.symbol = character
        return token
    }

    /// `--` begins a comment only before white space, a control character or the end of the text.
    private func isCommentDashFollower(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }

    private mutating func skipLine() -> Token? {
        while position < text.count, text[position] != 0x0A { position += 1 }
        return nil
    }

    // MARK: Words and numbers

    @inline(__always)
    private func endOfWord(from start: Int, ambiguous: inout Bool) -> Int {
        var end = start
        let count = text.count
        let classes = lexicon.byteClasses
        while end < count {
            let rawClass = classes[Int(text[end])]
            guard ByteClass.continuesWord(rawClass) else { break }
            if rawClass == ByteClass.ambiguous.rawValue { ambiguous = true }
            end += 1
        }
        return end
    }

    @inline(__always)
    private mutating func wordOrPrefixedLiteral(_ first: UInt8) -> Token {
        if byte(position + 1) == UInt8(ascii: "'") {
            switch first | 0x20 {
            case UInt8(ascii: "n"): return quoted(from: position, opening: position + 1, kind: .string)
            case UInt8(ascii: "x"), UInt8(ascii: "b"):
                return quoted(from: position, opening: position + 1, kind: .binaryLiteral)
            default: break
            }
        }
        return word()
    }

    @inline(__always)
    private mutating func word() -> Token {
        let start = position
        var ambiguous = false
        position = endOfWord(from: start, ambiguous: &ambiguous)
        endOfLastWord = position
        if ambiguous { return Token(kind: .ambiguous, start: start, end: position) }
        var token = Token(kind: .word, start: start, end: position)
        token.entry = lexicon.find(text, start, position)
        if token.entry != 0 {
            token.keyword = lexicon[token.entry].keyword
            token.flags = lexicon[token.entry].flags
        }
        return token
    }

    /// Digits may begin a number or, followed by letters, an identifier.
    private mutating func numberOrWord() -> Token {
        let start = position
        if start == startOfForcedWord { return word() }
        var end = start
        while isDigit(end) { end += 1 }
        if text[start] == 0x30, end == start + 1, let token = zeroPrefixedLiteral(start) { return token }
        let following = byte(end)
        if following | 0x20 == UInt8(ascii: "e"), let exponentEnd = exponent(end) {
            position = exponentEnd
            return Token(kind: .number, start: start, end: exponentEnd)
        }
        if following == UInt8(ascii: ".") { return fraction(start: start) }
        if ByteClass.continuesWord(lexicon.byteClasses[Int(following)]), end < text.count { return word() }
        position = end
        return Token(kind: .number, start: start, end: end)
    }

    @inline(__always)
    private func isDigit(_ offset: Int) -> Bool { byte(offset) &- 0x30 < 10 }

    /// `0xff` and `0b01`, if digits follow and nothing else of a word.
    private mutating func zeroPrefixedLiteral(_ start: Int) -> Token? {
        let isHexadecimal = byte(start + 1) == UInt8(ascii: "x")
        guard isHexadecimal || byte(start + 1) == UInt8(ascii: "b") else { return nil }
        var end = start + 2
        while true {
            let digit = byte(end)
            let isDigit =
                isHexadecimal
                ? digit &- 0x30 < 10 || (digit | 0x20) &- UInt8(ascii: "a") < 6 : digit &- 0x30 < 2
            guard isDigit else { break }
            end += 1
        }
        guard end > start + 2, end >= text.count || !ByteClass.continuesWord(lexicon.byteClasses[Int(text[end])])
        else { return nil }
        position = end
        return Token(kind: .binaryLiteral, start: start, end: end)
    }

    /// The end of an exponent that begins with the `e` at `offset`; nil if no digits follow.
    private func exponent(_ offset: Int) -> Int? {
        var end = offset + 1
        if byte(end) == UInt8(ascii: "+") || byte(end) == UInt8(ascii: "-") { end += 1 }
        guard isDigit(end) else { return nil }
        while isDigit(end) { end += 1 }
        return end
    }

    /// A number with a decimal point; `start` is at its first digit or at the point.
    private mutating func fraction(start: Int) -> Token {
        var end = start
        while isDigit(end) { end += 1 }
        end += 1
        while isDigit(end) { end += 1 }
        if byte(end) | 0x20 == UInt8(ascii: "e"), let exponentEnd = exponent(end) { end = exponentEnd }
        position = end
        return Token(kind: .number, start: start, end: end)
    }

    // MARK: Quotes and variables

    /// A token whose quote opens at `opening`; the token itself begins at `start`.
    private mutating func quoted(from start: Int, opening: Int, kind: Token.Kind) -> Token {
        let quote = text[opening]
        let escapes = kind == .string && !mode.noBackslashEscapes
        guard let end = endOfQuoted(opening: opening, quote: quote, escapes: escapes) else {
            position = text.count
            isInsideExecutableComment = false
            return Token(kind: .unterminated, start: start, end: text.count)
        }
        position = end
        return Token(kind: kind, start: start, end: end)
    }

    /// Offset after the closing quote; nil if there is none. A doubled quote stands for itself.
    private func endOfQuoted(opening: Int, quote: UInt8, escapes: Bool) -> Int? {
        var offset = opening + 1
        let count = text.count
        while true {
            offset = nextSpecial(from: offset, quote: quote)
            guard offset < count else { return nil }
            if text[offset] == quote {
                guard offset + 1 < count, text[offset + 1] == quote else { return offset + 1 }
                offset += 2
            } else {
                offset += escapes ? 2 : 1
            }
        }
    }

    /// Offset of the next quote or backslash, eight bytes at a time.
    @inline(__always)
    private func nextSpecial(from start: Int, quote: UInt8) -> Int {
        var offset = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quotes = ones &* UInt64(quote)
        let backslashes = ones &* 0x5C
        while offset + 8 <= text.count {
            let eight = UInt64(littleEndian: text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let first = eight ^ quotes
            let second = eight ^ backslashes
            let found = ((first &- ones) & ~first | (second &- ones) & ~second) & tops
            if found != 0 { return offset + found.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < text.count, text[offset] != quote, text[offset] != 0x5C { offset += 1 }
        return offset
    }

    /// `@x` or `@@x`, from its first `@`.
    private mutating func variable() -> Token {
        let start = position
        let following = byte(start + 1)
        if following == UInt8(ascii: "@") { return systemVariable(start) }
        if following == UInt8(ascii: "`") || following == UInt8(ascii: "'") || following == UInt8(ascii: "\"") {
            return quotedVariable(start)
        }
        var end = start + 1
        while end < text.count, isVariableByte(text[end]) { end += 1 }
        position = end
        return Token(kind: .userVariable, start: start, end: end)
    }

    private func isVariableByte(_ byte: UInt8) -> Bool {
        let rawClass = lexicon.byteClasses[Int(byte)]
        return ByteClass.continuesWord(rawClass) || byte == UInt8(ascii: ".")
    }

    /// In `@'x'` the quotes follow the rules of strings, in `@"x"` those of the mode.
    private mutating func quotedVariable(_ start: Int) -> Token {
        let quote = text[start + 1]
        let isString = quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") && !mode.ansiQuotes
        let escapes = isString && !mode.noBackslashEscapes
        guard let end = endOfQuoted(opening: start + 1, quote: quote, escapes: escapes) else {
            position = text.count
            isInsideExecutableComment = false
            return Token(kind: .unterminated, start: start, end: text.count)
        }
        position = end
        return Token(kind: .userVariable, start: start, end: end)
    }

    /// `@@name`, `@@scope.name`, `` @@`name` ``, `@@scope.cache.name`.
    private mutating func systemVariable(_ start: Int) -> Token {
        var end = start + 2
        while true {
            if byte(end) == UInt8(ascii: "`") {
                guard let closed = endOfQuoted(opening: end, quote: UInt8(ascii: "`"), escapes: false) else {
                    position = text.count
                    isInsideExecutableComment = false
                    return Token(kind: .unterminated, start: start, end: text.count)
                }
                end = closed
            } else {
                var ambiguous = false
                end = endOfWord(from: end, ambiguous: &ambiguous)
                if ambiguous {
                    position = end
                    return Token(kind: .ambiguous, start: start, end: end)
                }
            }
            guard byte(end) == UInt8(ascii: ".") else { break }
            end += 1
        }
        position = end
        return Token(kind: .systemVariable, start: start, end: end)
    }

    // MARK: Comments

    /// A comment from its `/*`: skips it, or enters it if its content is to be executed. An unterminated one is a
    /// token.
    private mutating func comment() -> Token? {
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
