// Walks the tokens of a statement and writes its digest into a sink.

struct DigestWriter {
    private let text: UnsafeRawBufferPointer
    private let isCut: Bool
    private var tokenizer: Tokenizer
    private let lexicon: Lexicon
    private var token = Token.nothing
    /// The last token written; decides about spaces and signs.
    private var previous = Token.nothing
    private var wroteAnything = false

    init(
        _ whole: UnsafeRawBufferPointer, mode: SQLMode, maximumSource: Int = Digest.sourceMaximum,
        isBeginning: Bool = false
    ) {
        let maximum = min(max(0, maximumSource), Digest.sourceMaximum)
        isCut = isBeginning || whole.count > maximum
        text = whole.count > maximum ? UnsafeRawBufferPointer(rebasing: whole[..<maximum]) : whole
        tokenizer = Tokenizer(text, mode: mode)
        lexicon = tokenizer.lexicon
    }

    mutating func write(into sink: inout some DigestSink) {
        token = tokenizer.next()
        while token.kind != .end, !sink.isFull {
            // Only the cut made it so; what was before it is the digest.
            if token.kind == .unterminated, isCut { return }
            if token.kind == .semicolon, skipsSemicolon() { return }
            writeToken(into: &sink)
        }
    }

    /// At the end of the text a semicolon means nothing.
    private func skipsSemicolon() -> Bool {
        var ahead = tokenizer
        var following = ahead.next()
        while following.kind == .semicolon { following = ahead.next() }
        return following.kind == .end
    }

    private mutating func writeToken(into sink: inout some DigestSink) {
        if token.kind == .leftParenthesis, mayOpenList, let end = endOfList(tokenizer) {
            separate(into: &sink)
            put("(...)", into: &sink)
            tokenizer = end
            previous = Token(kind: .rightParenthesis, start: 0, end: 0)
            token = tokenizer.next()
            return skipFurtherRows()
        }
        if isSignOfNumber { token = tokenizer.next() }
        separate(into: &sink)
        switch token.kind {
        case .string, .number, .binaryLiteral, .placeholder: put("?", into: &sink)
        case .word: writeWord(into: &sink)
        case .quotedIdentifier: writeQuoted(into: &sink)
        case .unterminated: put("...", into: &sink)
        default: copy(token.start, token.end, into: &sink)
        }
        previous = token
        token = tokenizer.next()
    }

    // MARK: Lists

    /// Behind `IN`, `VALUES`, `VALUE` and `ROW`.
    private var mayOpenList: Bool {
        guard previous.kind == .word else { return false }
        switch previous.keyword {
        case .in, .values, .value: return true
        default: return isText(previous, "row")
        }
    }

    private func isText(_ word: Token, _ expected: StaticString) -> Bool {
        guard word.end - word.start == expected.utf8CodeUnitCount else { return false }
        for index in 0..<(word.end - word.start) where text[word.start + index] | 0x20 != expected.utf8Start[index] {
            return false
        }
        return true
    }

    /// Where the list of literals that begins behind `start`'s parenthesis ends; nil if it is no such list.
    private func endOfList(_ start: Tokenizer) -> Tokenizer? {
        var ahead = start
        while true {
            var item = ahead.next()
            while item.isSymbol("-") || item.isSymbol("+") { item = ahead.next() }
            if isCut, item.kind == .end || item.kind == .unterminated { return ahead }
            guard isLiteral(item) else { return nil }
            let following = ahead.next()
            if isCut, following.kind == .end || following.kind == .unterminated { return ahead }
            if following.kind == .rightParenthesis { return ahead }
            guard following.kind == .comma else { return nil }
        }
    }

    private func isLiteral(_ item: Token) -> Bool {
        switch item.kind {
        case .string, .number, .binaryLiteral, .placeholder: true
        case .word: item.keyword == .null || item.keyword == .true || item.keyword == .false || item.keyword == .default
        default: false
        }
    }

    /// `, (1, 2), (3, 4)` and `, ROW(1, 2)` behind a collapsed row.
    private mutating func skipFurtherRows() {
        while token.kind == .comma {
            var ahead = tokenizer
            var opening = ahead.next()
            if opening.kind == .word, isText(opening, "row") { opening = ahead.next() }
            if isCut, opening.kind == .end {
                // A row was to follow, as far as anybody can tell.
                tokenizer = ahead
                token = opening
                return
            }
            guard opening.kind == .leftParenthesis, let end = endOfList(ahead) else { return }
            tokenizer = end
            token = tokenizer.next()
        }
    }

    // MARK: Tokens

    /// A sign that belongs to the number behind it: no operand stands before it.
    private var isSignOfNumber: Bool {
        guard token.isSymbol("-") || token.isSymbol("+") else { return false }
        switch previous.kind {
        case .string, .number, .binaryLiteral, .placeholder, .userVariable, .systemVariable, .rightParenthesis,
            .quotedIdentifier:
            return false
        case .word: if !previous.flags.contains(.reserved) { return false }
        default: break
        }
        var ahead = tokenizer
        return ahead.next().kind == .number
    }

    private mutating func writeWord(into sink: inout some DigestSink) {
        guard previous.kind != .dot, isInCapitals else { return copy(token.start, token.end, into: &sink) }
        for offset in token.start..<token.end {
            let byte = text[offset]
            sink.append(byte &- 0x61 < 26 ? byte & 0xDF : byte)
        }
    }

    private var isInCapitals: Bool {
        if token.flags.contains(.capitals) { return true }
        guard token.flags.contains(.function) else { return false }
        var ahead = tokenizer
        return ahead.next().kind == .leftParenthesis
    }

    /// Without its quotes, if it could stand without them.
    private mutating func writeQuoted(into sink: inout some DigestSink) {
        let start = token.start + 1
        let end = token.end - 1
        var isPlain = start < end && text[start] &- 0x30 >= 10
        if isPlain {
            for offset in start..<end where !ByteClass.continuesWord(lexicon.byteClasses[Int(text[offset])]) {
                isPlain = false
            }
        }
        // Without quotes a known word would be taken for a keyword or a function.
        if isPlain, lexicon[lexicon.find(text, start, end)].flags.isDisjoint(with: [.capitals, .function]) {
            copy(start, end, into: &sink)
        } else {
            copy(token.start, token.end, into: &sink)
        }
    }

    // MARK: Bytes

    /// The space between `previous` and `token`, if there is to be one.
    private mutating func separate(into sink: inout some DigestSink) {
        defer { wroteAnything = true }
        guard wroteAnything else { return }
        switch token.kind {
        case .comma, .rightParenthesis, .dot, .semicolon: return
        case .leftParenthesis where isCallee(previous): return
        case .symbol where continuesOperator: return
        default: break
        }
        switch previous.kind {
        case .leftParenthesis, .dot: return
        default: sink.append(0x20)
        }
    }

    /// Operators of two and three characters are several tokens. Apart, no two of these are valid.
    private var continuesOperator: Bool {
        switch (UnicodeScalar(previous.symbol), UnicodeScalar(token.symbol)) {
        case ("<", "="), (">", "="), ("!", "="), (":", "="), ("<", ">"), ("=", ">"), ("-", ">"), (">", ">"), ("<", "<"),
            ("|", "|"), ("&", "&"):
            true
        default: false
        }
    }

    /// A name before `(`, as in a call; space between them counts for nothing.
    private func isCallee(_ word: Token) -> Bool {
        if word.kind == .quotedIdentifier { return true }
        guard word.kind == .word else { return false }
        if word.flags.contains(.function) { return word.keyword != .values && word.keyword != .in }
        return !word.flags.contains(.capitals)
    }

    private func put(_ string: StaticString, into sink: inout some DigestSink) {
        for index in 0..<string.utf8CodeUnitCount { sink.append(string.utf8Start[index]) }
    }

    private func copy(_ start: Int, _ end: Int, into sink: inout some DigestSink) {
        for offset in start..<end { sink.append(text[offset]) }
    }
}
