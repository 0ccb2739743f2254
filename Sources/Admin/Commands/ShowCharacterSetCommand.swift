// SHOW CHARACTER SET.

/// `SHOW {CHARACTER SET | CHARSET} [LIKE … | WHERE …]`.
struct ShowCharacterSetCommand: ConsoleCommand {
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowCharacterSetCommand? {
        var cursor = start
        guard cursor.take("SHOW", "CHARACTER", "SET") || cursor.take("SHOW", "CHARSET") else { return nil }
        return ShowCharacterSetCommand(filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let shown = ConsoleResult(
            columns: [
                ConsoleColumn(name: "Charset", type: .text), ConsoleColumn(name: "Description", type: .text),
                ConsoleColumn(name: "Default collation", type: .text), ConsoleColumn(name: "Maxlen", type: .integer),
            ],
            rows: [[.text(InformationSchema.characterSet), "UTF-8 Unicode", .text(InformationSchema.collation), 4]])
        return try filter.apply(to: shown, in: database)
    }
}
