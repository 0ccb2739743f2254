// Strings, quoted identifiers and variables: everything that ends with a quote or begins with an at sign.

extension Tokenizer {
    /// A token whose quote opens at `opening`; the token itself begins at `start`.
    mutating func quoted(from start: Int, opening: Int, kind: Token.Kind) -> Token {
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
    mutating func variable() -> Token {
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
}
