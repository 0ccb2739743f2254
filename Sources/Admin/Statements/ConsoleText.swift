// A console statement cut into tokens once; commands, parser and translation read the same cut.

/// The bytes and tokens of one statement, trailing semicolons removed.
struct ConsoleText {
    let bytes: [UInt8]
    let tokens: [ConsoleToken]

    /// Cuts `text`; throws 1064 for an unterminated string, name or comment.
    init(_ text: String) throws(ConsoleError) {
        var tokenizer = ConsoleTokenizer(Array(text.utf8))
        var tokens: [ConsoleToken] = []
        while let token = try tokenizer.next() { tokens.append(token) }
        while let last = tokens.last, last.isSymbol(";") { tokens.removeLast() }
        bytes = tokenizer.bytes
        self.tokens = tokens
    }

    /// The text of a byte range.
    func raw(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// Everything after the byte at `offset` up to the last token, without surrounding white space.
    func remainder(from offset: Int) -> String {
        trimmed(from: offset, to: tokens.last?.range.upperBound ?? offset)
    }

    /// The same with the comments behind the last token: they may hold hints.
    func remainderWithComments(from offset: Int) -> String {
        let last = tokens.last?.range.upperBound ?? offset
        var end = bytes.count
        while end > last, ConsoleTokenizer.isSpace(bytes[end - 1]) || bytes[end - 1] == UInt8(ascii: ";") { end -= 1 }
        return trimmed(from: offset, to: end)
    }

    private func trimmed(from offset: Int, to end: Int) -> String {
        var start = offset
        while start < end, ConsoleTokenizer.isSpace(bytes[start]) { start += 1 }
        return start < end ? raw(start..<end) : ""
    }
}

/// A position among the tokens; copies are cheap, so a parser tries a form and forgets it.
struct ConsoleTokenCursor {
    let text: ConsoleText
    private var index = 0

    init(_ text: ConsoleText) { self.text = text }

    /// The token here, nil at the end.
    var current: ConsoleToken? { index < text.tokens.count ? text.tokens[index] : nil }

    /// Whether nothing is left.
    var isAtEnd: Bool { current == nil }

    /// The byte after the last token taken.
    var offset: Int { index == 0 ? 0 : text.tokens[index - 1].range.upperBound }

    /// What is left, as text.
    var remainder: String { text.remainder(from: offset) }

    /// What is left, as text, to its very end.
    var remainderWithComments: String { text.remainderWithComments(from: offset) }

    /// Takes these keywords if all of them follow, else nothing.
    mutating func take(_ keywords: String...) -> Bool {
        for (distance, keyword) in keywords.enumerated() {
            guard index + distance < text.tokens.count, text.tokens[index + distance].keyword == keyword else {
                return false
            }
        }
        index += keywords.count
        return true
    }

    /// Takes one of these keywords.
    mutating func take(anyOf keywords: Set<String>) -> String? {
        guard let keyword = current?.keyword, keywords.contains(keyword) else { return nil }
        index += 1
        return keyword
    }

    /// Takes this punctuation.
    mutating func take(symbol: String) -> Bool {
        guard let token = current, token.isSymbol(symbol) else { return false }
        index += 1
        return true
    }

    /// Takes a name: a word or a backquoted identifier.
    mutating func takeIdentifier() -> String? {
        guard let name = current?.identifier else { return nil }
        index += 1
        return name
    }

    /// Takes `name` or `schema.name`.
    mutating func takeQualifiedName() -> (schema: String?, name: String)? {
        guard let first = takeIdentifier() else { return nil }
        guard take(symbol: ".") else { return (nil, first) }
        guard let second = takeIdentifier() else { return nil }
        return (first, second)
    }

    /// Takes a string literal.
    mutating func takeString() -> String? {
        guard case .string(let value)? = current?.kind else { return nil }
        index += 1
        return value
    }

    /// Takes whatever is here.
    mutating func takeAny() -> ConsoleToken? {
        guard let token = current else { return nil }
        index += 1
        return token
    }

    /// Takes the name of an object of the proxy: quoted, or bare text without blanks (`db-1`, `127.0.0.1:3306`).
    mutating func takeObjectName() -> String? {
        guard let first = takeAny() else { return nil }
        switch first.kind {
        case .string(let name), .quotedIdentifier(let name): return name
        case .word, .number, .userVariable, .systemVariable, .symbol: break
        }
        var end = first.range.upperBound
        while let next = current, next.range.lowerBound == end {
            end = next.range.upperBound
            index += 1
        }
        return text.raw(first.range.lowerBound..<end)
    }
}
