// The list of statements answered without SQLite, and what is said about those that are no statement at all.

/// One kind of statement that the console answers itself.
protocol ConsoleCommand: Sendable {
    /// Reads the statement; nil if it is not this command, an error if it is but cannot be.
    static func parse(_ cursor: ConsoleTokenCursor) throws(ConsoleError) -> Self?
    /// The answer.
    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult
}

/// All commands, tried in this order.
enum ConsoleCommands {
    static let all: [any ConsoleCommand.Type] = [
        AcknowledgedCommand.self, UseCommand.self, DescribeCommand.self, ShowTablesCommand.self,
        ShowCreateTableCommand.self, ShowColumnsCommand.self, ShowDatabasesCommand.self, ShowVariablesCommand.self,
        ShowStatusCommand.self, ShowEnginesCommand.self, ShowCollationCommand.self, ShowCharacterSetCommand.self,
        ShowTableStatusCommand.self, ShowNothingCommand.self,
    ]

    /// The command a statement is; nil if it is a query.
    static func command(for text: ConsoleText) throws(ConsoleError) -> (any ConsoleCommand)? {
        let cursor = ConsoleTokenCursor(text)
        for type in all {
            if let command = try type.parse(cursor) { return command }
        }
        return nil
    }

    private static let queryWords: Set<String> = ["SELECT", "WITH", "VALUES", "EXPLAIN"]

    private static let refusedWords: Set<String> = [
        "INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "CREATE", "ALTER", "DROP", "RENAME", "GRANT", "REVOKE",
        "LOAD", "CALL", "LOCK", "ATTACH", "DETACH", "PRAGMA", "VACUUM", "REINDEX", "ANALYZE", "OPTIMIZE", "FLUSH",
        "INSTALL", "HANDLER", "IMPORT",
    ]

    /// Throws unless the statement begins like a query: 1290 for what would change something, 1064 for the rest.
    static func checkIsQuery(_ text: ConsoleText) throws(ConsoleError) {
        let first = text.tokens.first?.keyword ?? ""
        if queryWords.contains(first) { return }
        if refusedWords.contains(first) { throw ConsoleError.readOnly(first) }
        if let usage = ConsoleStatement.usage[first] { throw ConsoleError.syntax("it is written \(usage)") }
        if first == "SHOW" {
            throw ConsoleError.syntax("the console has no '\(text.raw(text.wholeRange))'; try SHOW TABLES")
        }
        let near = text.remainder(from: 0).prefix(80)
        throw ConsoleError.syntax("the console does not know the statement near '\(near)'")
    }
}

extension ConsoleText {
    /// From the first token to the last, cut to what an error message can carry.
    var wholeRange: Range<Int> {
        let quotedBytesMaximum = 80
        let start = tokens.first?.range.lowerBound ?? 0
        let end = tokens.last?.range.upperBound ?? 0
        return start..<min(end, start + quotedBytesMaximum)
    }
}
