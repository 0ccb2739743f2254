// PREPARE, EXECUTE and DEALLOCATE PREPARE, read as wholes: the session keeps what the names stand for.

/// A statement about a statement that has a name.
/// https://mariadb.com/kb/en/prepare-statement/ https://dev.mysql.com/doc/refman/9.0/en/sql-prepared-statements.html
package enum NamedStatement: Sendable, Equatable {
    /// `PREPARE name FROM 'text'`.
    case prepare(name: [UInt8], text: [UInt8])
    /// `PREPARE name FROM @variable`; the variable in lower case, or nil when servers may take it for another one.
    case prepareFromVariable(name: [UInt8], variable: [UInt8]?)
    /// `EXECUTE name [USING @a, …]`.
    case execute(name: [UInt8], hasParameters: Bool)
    /// `DEALLOCATE PREPARE name`, `DROP PREPARE name`.
    case deallocate(name: [UInt8])
    /// `EXECUTE IMMEDIATE 'text'` or `@variable`, with or without parameters.
    case executeImmediate(ImmediateStatement)
    /// Anything else: only a server knows what it does to which name.
    case other

    /// Reads a text. Names are compared without regard to case, so they come in lower case; those that are not of plain
    /// letters, and would have to be compared by a server's rules, make it `other`.
    package static func read(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> NamedStatement {
        if mode.ambiguousCharacterSet, text.contains(where: { $0 >= 0x80 }) { return .other }
        var tokenizer = Tokenizer(text, mode: mode)
        let verb = tokenizer.next()
        if tokenizer.isWord(verb, "prepare") { return readPrepare(&tokenizer) }
        if tokenizer.isWord(verb, "execute") { return readExecute(&tokenizer) }
        guard tokenizer.isWord(verb, "deallocate") || tokenizer.isWord(verb, "drop"),
            tokenizer.isWord(tokenizer.next(), "prepare"), let name = name(tokenizer.next(), tokenizer),
            tokenizer.isAtEnd(tokenizer.next())
        else { return .other }
        return .deallocate(name: name)
    }

    private static func readPrepare(_ tokenizer: inout Tokenizer) -> NamedStatement {
        guard let name = name(tokenizer.next(), tokenizer), tokenizer.isWord(tokenizer.next(), "from") else {
            return .other
        }
        let source = tokenizer.next()
        guard tokenizer.isAtEnd(tokenizer.next()) else { return .other }
        switch source.kind {
        case .userVariable:
            return .prepareFromVariable(name: name, variable: UserVariableNames.name(tokenizer.text, source))
        default:
            guard let text = plainLiteral(source, tokenizer) else { return .other }
            return .prepare(name: name, text: text)
        }
    }

    private static func readExecute(_ tokenizer: inout Tokenizer) -> NamedStatement {
        let first = tokenizer.next()
        guard let name = name(first, tokenizer) else { return .other }
        let second = tokenizer.next()
        if tokenizer.isWord(first, "immediate"), let source = immediateSource(second, tokenizer) {
            let third = tokenizer.next()
            return .executeImmediate(
                ImmediateStatement(
                    source: source, sourceEnd: second.end, parameters: readParameters(&tokenizer, from: third)))
        }
        switch readParameters(&tokenizer, from: second) {
        case .absent: return .execute(name: name, hasParameters: false)
        case .plain: return .execute(name: name, hasParameters: true)
        case .other: return .other
        }
    }

    private static func immediateSource(_ token: Token, _ tokenizer: Tokenizer) -> ImmediateStatement.Source? {
        if token.kind == .userVariable { return UserVariableNames.name(tokenizer.text, token).map { .variable($0) } }
        return plainLiteral(token, tokenizer).map { .literal($0) }
    }

    /// The rest of an execution, which begins with `first`.
    private static func readParameters(
        _ tokenizer: inout Tokenizer, from first: Token
    ) -> ImmediateStatement.Parameters {
        guard tokenizer.isWord(first, "using") else { return tokenizer.isAtEnd(first) ? .absent : .other }
        var token = first
        // MariaDB takes any expression; what that does is its own matter.
        repeat {
            switch tokenizer.next().kind {
            case .userVariable, .number, .string: break
            default: return .other
            }
            token = tokenizer.next()
        } while token.kind == .comma
        return tokenizer.isAtEnd(token) ? .plain : .other
    }

    private static func name(_ token: Token, _ tokenizer: Tokenizer) -> [UInt8]? {
        guard token.isName else { return nil }
        let quotes = token.kind == .quotedIdentifier ? 1 : 0
        let bytes = tokenizer.text[(token.start + quotes)..<(token.end - quotes)]
        guard !bytes.isEmpty, bytes.count <= nameMaximum, bytes.allSatisfy(isPlain) else { return nil }
        return bytes.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    }

    /// The longest identifier of a server.
    private static let nameMaximum = 64

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }

    /// What a string literal means; nil for anything else, as for `N'…'`, which is in a character set of its own.
    static func plainLiteral(_ token: Token, _ tokenizer: Tokenizer) -> [UInt8]? {
        guard token.kind == .string else { return nil }
        let first = tokenizer.text[token.start]
        return first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") ? literal(token, tokenizer) : nil
    }

    private static func literal(_ token: Token, _ tokenizer: Tokenizer) -> [UInt8] {
        let text = tokenizer.text
        let quote = text[token.start]
        var content: [UInt8] = []
        content.reserveCapacity(token.end - token.start)
        var index = token.start + 1
        while index < token.end - 1 {
            let byte = text[index]
            if byte == UInt8(ascii: "\\"), !tokenizer.mode.noBackslashEscapes, index + 1 < token.end - 1 {
                appendEscaped(text[index + 1], to: &content)
                index += 2
            } else {
                content.append(byte)
                index += byte == quote ? 2 : 1
            }
        }
        return content
    }

    private static func appendEscaped(_ byte: UInt8, to content: inout [UInt8]) {
        switch Unicode.Scalar(byte) {
        case "0": content.append(0)
        case "b": content.append(8)
        case "n": content.append(0x0A)
        case "r": content.append(0x0D)
        case "t": content.append(9)
        case "Z": content.append(0x1A)
        case "%", "_": content += [UInt8(ascii: "\\"), byte]
        default: content.append(byte)
        }
    }

    /// `PREPARE` of a text, as a statement that is read as written here under `mode`.
    package static func preparing(_ name: [UInt8], _ text: [UInt8], mode: SQLMode) -> [UInt8] {
        var statement = Array("PREPARE `".utf8) + name + Array("` FROM ".utf8)
        appendLiteral(text, mode, to: &statement)
        return statement
    }

    /// `EXECUTE IMMEDIATE` of a text, with what stands behind it, as a statement that is read as written here under `mode`.
    package static func executing(_ text: [UInt8], behind rest: UnsafeRawBufferPointer, mode: SQLMode) -> [UInt8] {
        var statement = Array("EXECUTE IMMEDIATE ".utf8)
        appendLiteral(text, mode, to: &statement)
        statement += rest
        return statement
    }

    private static func appendLiteral(_ text: [UInt8], _ mode: SQLMode, to statement: inout [UInt8]) {
        statement.append(UInt8(ascii: "'"))
        for byte in text {
            let isEscape = byte == UInt8(ascii: "\\") && !mode.noBackslashEscapes
            if byte == UInt8(ascii: "'") || isEscape { statement.append(byte) }
            statement.append(byte)
        }
        statement.append(UInt8(ascii: "'"))
    }
}
