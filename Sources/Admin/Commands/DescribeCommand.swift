// DESCRIBE.

/// `{DESCRIBE | DESC | EXPLAIN} t [column | 'pattern']`.
struct DescribeCommand: ConsoleCommand {
    private let table: TableReference
    private let pattern: LikePattern?

    /// What EXPLAIN explains instead of a table.
    private static let statementWords: Set<String> = [
        "SELECT", "WITH", "VALUES", "QUERY", "FORMAT", "ANALYZE", "EXTENDED", "ROUTE", "INSERT", "UPDATE", "DELETE",
        "REPLACE", "TABLE", "FOR",
    ]

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> DescribeCommand? {
        var cursor = start
        guard let verb = cursor.take(anyOf: ["DESCRIBE", "DESC", "EXPLAIN"]) else { return nil }
        if verb == "EXPLAIN" {
            if cursor.take("ROUTE") {
                throw ConsoleError.syntax(
                    "it is written EXPLAIN ROUTE [FOR USER u] [IN SCHEMA s] [IN CLUSTER c] <statement>")
            }
            if let keyword = cursor.current?.keyword, statementWords.contains(keyword) { return nil }
        }
        let table = try TableReference(&cursor)
        let pattern = (cursor.takeIdentifier() ?? cursor.takeString()).map { LikePattern($0) }
        guard cursor.isAtEnd else { throw ConsoleError.syntax("near '\(cursor.remainder.prefix(80))'") }
        return DescribeCommand(table: table, pattern: pattern)
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let table = try database.catalog.table(table.name, in: table.schema)
        let description = ShowColumnsCommand.describe(table, isFull: false)
        guard let pattern else { return description }
        return try ShowFilter.like(pattern).apply(to: description, in: database)
    }
}
