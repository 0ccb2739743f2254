// PREPARE, EXECUTE and DEALLOCATE PREPARE, read as wholes: the session keeps what the names stand for.

/// A statement about a statement that has a name.
/// https://mariadb.com/kb/en/prepare-statement/ https://dev.mysql.com/doc/refman/9.0/en/sql-prepared-statements.html
package enum NamedStatement: Sendable, Equatable {
    /// `PREPARE name FROM 'text'`.
    case prepare(name: [UInt8], text: [UInt8])
    /// `PREPARE name FROM @variable`.
    case prepareFromVariable(name: [UInt8])
    /// `EXECUTE name [USING @a, …]`.
    case execute(name: [UInt8], hasParameters: Bool)
    /// `DEALLOCATE PREPARE name`, `DROP PREPARE name`.
    case deallocate(name: [UInt8])
    /// `EXECUTE IMMEDIATE 'text'`, with or without parameters.
    case executeImmediate(text: [UInt8])
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
        case .userVariable: return .prepareFromVariable(name: name)
        case .string where isPlainLiteral(source, tokenizer):
            return .prepare(name: name, text: literal(source, tokenizer))
        default: return .other
        }
    }

    private static func readExecute(_ tokenizer: inout Tokenizer) -> NamedStatement {
        let first = tokenizer.next()
        guard let name = name(first, tokenizer) else { return .other }
        var token = tokenizer.next()
        if isPlainLiteral(token, tokenizer), tokenizer.isWord(first, "immediate") {
            return .executeImmediate(text: literal(token, tokenizer))
        }
        guard tokenizer.isWord(token, "using") else {
            return tokenizer.isAtEnd(token) ? .execute(name: name, hasParameters: false) : .other
        }
        // MariaDB takes any expression; what that does is its own matter.
        repeat {
            switch tokenizer.next().kind {
            case .userVariable, .number, .string: break
            default: return .other
            }
            token = tokenizer.next()
        } while token.kind == .comma
        return tokenizer.isAtEnd(token) ? .execute(name: name, hasParameters: true) : .other
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

    /// `N'…'` is in a character set of its own.
    private static func isPlainLiteral(_ token: Token, _ tokenizer: Tokenizer) -> Bool {
        guard token.kind == .string else { return false }
        let first = tokenizer.text[token.start]
        return first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
    }

    /// What a string literal means.
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
        var statement = Array("PREPARE `".utf8) + name + Array("` FROM '".utf8)
        for byte in text {
            let isEscape = byte == UInt8(ascii: "\\") && !mode.noBackslashEscapes
            if byte == UInt8(ascii: "'") || isEscape { statement.append(byte) }
            statement.append(byte)
        }
        return statement + Array("'".utf8)
    }
}
