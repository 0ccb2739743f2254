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
    package internal(set) var position = 0
    /// Between `/*!` and its `*/`.
    var isInsideExecutableComment = false
    /// Where the last unquoted word ended.
    private var endOfLastWord = -1
    /// Where digits are a name, not a number.
    private var startOfForcedWord = -1
    /// Where stands what the first comment for Switchyard says; `hintLength` is 0 while there was none.
    private(set) var hintOffset: UInt32 = 0
    private(set) var hintLength: UInt32 = 0

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
    func byte(_ offset: Int) -> UInt8 { offset < text.count ? text[offset] : 0 }

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
        let start = position
        while position < text.count, text[position] != 0x0A { position += 1 }
        noteHint(start + (text[start] == UInt8(ascii: "#") ? 1 : 2), position)
        return nil
    }

    /// A comment with this content was passed: what stands behind the word `switchyard` is a hint.
    mutating func noteHint(_ first: Int, _ end: Int) {
        guard hintLength == 0 else { return }
        let name: StaticString = "switchyard"
        var offset = first
        while offset < end, text[offset] <= 0x20 { offset += 1 }
        let behind = offset + name.utf8CodeUnitCount
        guard behind < end else { return }
        for index in 0..<name.utf8CodeUnitCount where text[offset + index] | 0x20 != name.utf8Start[index] { return }
        guard text[behind] == UInt8(ascii: ":") || text[behind] <= 0x20 else { return }
        var start = behind + 1
        while start < end, text[start] <= 0x20 { start += 1 }
        guard start < end else { return }
        hintOffset = UInt32(clamping: start)
        hintLength = UInt32(clamping: end - start)
    }

    // MARK: Words and numbers

    @inline(__always)
    func endOfWord(from start: Int, ambiguous: inout Bool) -> Int {
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
    func isDigit(_ offset: Int) -> Bool { byte(offset) &- 0x30 < 10 }

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
}
