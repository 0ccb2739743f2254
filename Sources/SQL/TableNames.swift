// The names in CREATE TEMPORARY TABLE and DROP TABLE, for those who keep account of temporary tables.

/// Reads table names from statements that create and drop temporary tables.
package enum TableNames {
    /// Names in a text at most; what follows is not returned.
    package static let namesMaximum = 1024

    /// The table names that a `CREATE TEMPORARY TABLE` creates or a `DROP [TEMPORARY] TABLE` drops, as written but
    /// without quotes; a qualified name as `schema.table`. Empty for any other statement. Letter case is kept:
    /// whether it matters is the server's setting. May allocate.
    package static func temporaryTables(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> [[UInt8]] {
        var scanner = StatementScanner(text, mode: mode)
        scanner.advance()
        guard scanner.skipEmptyStatements() else { return [] }
        if scanner.accept(.create) {
            if scanner.accept(.or) { _ = scanner.accept(.replace) }
            guard scanner.accept(.temporary), scanner.accept(.table) else { return [] }
        } else {
            guard scanner.accept(.drop) else { return [] }
            _ = scanner.accept(.temporary)
            guard scanner.accept(.table) || scanner.accept(.tables) else { return [] }
            return dropped(&scanner)
        }
        skipExistence(&scanner)
        return name(&scanner).map { [$0] } ?? []
    }

    private static func dropped(_ scanner: inout StatementScanner) -> [[UInt8]] {
        skipExistence(&scanner)
        var names: [[UInt8]] = []
        while names.count < namesMaximum, let name = name(&scanner) {
            names.append(name)
            guard scanner.token.kind == .comma else { break }
            scanner.advance()
        }
        return names
    }

    /// `IF EXISTS`, `IF NOT EXISTS`.
    private static func skipExistence(_ scanner: inout StatementScanner) {
        guard scanner.accept(.if) else { return }
        _ = scanner.accept(.not)
        _ = scanner.accept(.exists)
    }

    private static func name(_ scanner: inout StatementScanner) -> [UInt8]? {
        guard var name = part(&scanner) else { return nil }
        while scanner.token.kind == .dot {
            scanner.advance()
            guard let next = part(&scanner) else { break }
            name.append(UInt8(ascii: "."))
            name += next
        }
        return name
    }

    private static func part(_ scanner: inout StatementScanner) -> [UInt8]? {
        let token = scanner.token
        guard token.isName else { return nil }
        scanner.advance()
        guard token.kind == .quotedIdentifier else { return Array(scanner.text[token.start..<token.end]) }
        return unquoted(scanner.text, token)
    }

    /// The content of a quoted identifier, doubled quotes made single.
    private static func unquoted(_ text: UnsafeRawBufferPointer, _ token: Token) -> [UInt8] {
        let quote = text[token.start]
        var bytes: [UInt8] = []
        var offset = token.start + 1
        while offset < token.end - 1 {
            bytes.append(text[offset])
            offset += text[offset] == quote ? 2 : 1
        }
        return bytes
    }
}
