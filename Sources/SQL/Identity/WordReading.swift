// Words of a text compared without regard to case, for the few statements that are read as a whole.

extension Tokenizer {
    /// Whether a token is this unquoted word, given in lower case.
    func isWord(_ token: Token, _ word: StaticString) -> Bool {
        guard token.kind == .word, token.end - token.start == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { expected in
            zip(text[token.start..<token.end], expected).allSatisfy { byte, other in
                byte == other || (byte &- 0x41 < 26 && byte | 0x20 == other)
            }
        }
    }

    /// Whether nothing but semicolons follows.
    mutating func isAtEnd(_ token: Token) -> Bool {
        var token = token
        while token.kind == .semicolon { token = next() }
        return token.kind == .end
    }

    /// The token's text; of a quoted one, what is between the quotes, with doubled quotes and escapes undone.
    func content(_ token: Token) -> String {
        let bytes = text[token.start..<token.end]
        guard token.kind == .string || token.kind == .quotedIdentifier, bytes.count >= 2, let quote = bytes.last,
            let opening = bytes.firstIndex(of: quote)
        else { return String(decoding: bytes, as: UTF8.self) }
        var content: [UInt8] = []
        var index = opening + 1
        while index < token.end - 1 {
            let escapes = text[index] == UInt8(ascii: "\\") && token.kind == .string && !mode.noBackslashEscapes
            if escapes || text[index] == quote { index += 1 }
            if index < token.end - 1 { content.append(text[index]) }
            index += 1
        }
        return String(decoding: content, as: UTF8.self)
    }
}
