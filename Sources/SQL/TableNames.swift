// Names of tables as they are written.

/// A table's name without quotes.
package struct TableName: Sendable, Hashable {
    /// Empty when the text does not say: the default schema at that moment.
    package var schema: [UInt8]
    /// The table itself.
    package var table: [UInt8]

    /// A name by its parts.
    package init(schema: [UInt8] = [], table: [UInt8]) {
        self.schema = schema
        self.table = table
    }
}

/// Reads table names from a scanner. Letter case is kept: whether it matters is the server's setting.
enum TableNames {
    /// `IF EXISTS`, `IF NOT EXISTS`.
    static func skipExistence(_ scanner: inout StatementScanner) {
        guard scanner.accept(.if) else { return }
        _ = scanner.accept(.not)
        _ = scanner.accept(.exists)
    }

    /// A name, qualified or not; nil, and no move, if there is none.
    static func name(_ scanner: inout StatementScanner) -> TableName? {
        guard let first = part(&scanner) else { return nil }
        var name = TableName(table: first)
        while scanner.token.kind == .dot {
            scanner.advance()
            guard let next = part(&scanner) else { break }
            name = TableName(schema: name.table, table: next)
        }
        return name
    }

    /// One part of a name, without quotes.
    static func part(_ scanner: inout StatementScanner) -> [UInt8]? {
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
