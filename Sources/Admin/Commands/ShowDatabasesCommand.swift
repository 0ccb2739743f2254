// SHOW DATABASES.

/// `SHOW {DATABASES | SCHEMAS} [LIKE … | WHERE …]`.
struct ShowDatabasesCommand: ConsoleCommand {
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowDatabasesCommand? {
        var cursor = start
        guard cursor.take("SHOW"), cursor.take(anyOf: ["DATABASES", "SCHEMAS"]) != nil else { return nil }
        return ShowDatabasesCommand(filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        try filter.apply(to: .text(["Database"], [[.text(ConsoleCatalog.schema)]]), in: database)
    }
}
