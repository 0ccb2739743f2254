// SET ROLE, read as a whole: the session keeps what it says.

/// `SET ROLE` of MySQL or MariaDB.
/// https://mariadb.com/kb/en/set-role/ https://dev.mysql.com/doc/refman/9.0/en/set-role.html
package enum SetRoleStatement {
    /// Bytes of a clause at most: MySQL takes lists.
    package static let clauseBytes = 1_024

    /// What stands behind `SET ROLE`, written so that it means the same under every SQL mode and character set; nil for
    /// what is not plain, or may be more than a role.
    package static func clause(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> [UInt8]? {
        var tokenizer = Tokenizer(text, mode: mode)
        var token = tokenizer.next()
        while token.kind == .semicolon { token = tokenizer.next() }
        guard tokenizer.isWord(token, "set"), tokenizer.isWord(tokenizer.next(), "role") else { return nil }
        token = tokenizer.next()
        var clause: [UInt8] = []
        if let word = wordAlone(token, tokenizer) {
            clause += word
            token = tokenizer.next()
            guard word.elementsEqual("ALL".utf8), tokenizer.isWord(token, "except") else {
                return tokenizer.isAtEnd(token) ? clause : nil
            }
            clause += " EXCEPT ".utf8
            token = tokenizer.next()
        }
        return appendNames(to: &clause, from: token, &tokenizer) ? clause : nil
    }

    /// Whether the clause stands for whatever the grants say when it is run.
    package static func dependsOnGrants(_ clause: [UInt8]) -> Bool {
        clause.elementsEqual("DEFAULT".utf8) || clause.starts(with: "ALL".utf8)
    }

    /// The keyword that a token is.
    private static func wordAlone(_ token: Token, _ tokenizer: Tokenizer) -> [UInt8]? {
        if tokenizer.isWord(token, "none") { return Array("NONE".utf8) }
        if tokenizer.isWord(token, "default") { return Array("DEFAULT".utf8) }
        return tokenizer.isWord(token, "all") ? Array("ALL".utf8) : nil
    }

    /// A list of names from `first` to the end of the text. False when it is something else.
    private static func appendNames(to clause: inout [UInt8], from first: Token, _ tokenizer: inout Tokenizer) -> Bool {
        var token = first
        while true {
            guard let name = plainName(token, from: 0, tokenizer) else { return false }
            clause += name
            let end = token.end
            token = tokenizer.next()
            // `@host` is read like a user variable.
            if token.kind == .userVariable {
                guard token.start == end, let host = plainName(token, from: 1, tokenizer) else { return false }
                clause.append(UInt8(ascii: "@"))
                clause += host
                token = tokenizer.next()
            }
            guard clause.count <= clauseBytes else { return false }
            // Behind the comma MariaDB takes an assignment, and MySQL another role.
            guard token.kind == .comma, tokenizer.mode.dialect == .mySQL else { return tokenizer.isAtEnd(token) }
            clause.append(UInt8(ascii: ","))
            token = tokenizer.next()
        }
    }

    /// The name that the token is but for its first `prefix` bytes, between back quotes; nil for one that is not plain.
    private static func plainName(_ token: Token, from prefix: Int, _ tokenizer: Tokenizer) -> [UInt8]? {
        switch token.kind {
        case .word where prefix == 0, .quotedIdentifier where prefix == 0, .string where prefix == 0,
            .userVariable where prefix == 1:
            break
        default: return nil
        }
        var bytes = tokenizer.text[(token.start + prefix)..<token.end]
        if let quote = bytes.first, quotes.contains(quote) {
            guard bytes.count >= 2, bytes.last == quote else { return nil }
            bytes = bytes.dropFirst().dropLast()
        }
        guard !bytes.isEmpty, bytes.allSatisfy(isPlain) else { return nil }
        var name = [UInt8(ascii: "`")]
        name += bytes
        name.append(UInt8(ascii: "`"))
        return name
    }

    private static let quotes: [UInt8] = [UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`")]

    /// What is itself in every character set, and needs no escape in any quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$", "-", ".", "%", ":", "/", " ": true
        default: false
        }
    }
}
