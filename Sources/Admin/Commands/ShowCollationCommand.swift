// SHOW COLLATION.

/// `SHOW COLLATION [LIKE … | WHERE …]`.
struct ShowCollationCommand: ConsoleCommand {
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowCollationCommand? {
        var cursor = start
        guard cursor.take("SHOW", "COLLATION") else { return nil }
        return ShowCollationCommand(filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let characterSet = ConsoleValue.text(InformationSchema.characterSet)
        let shown = ConsoleResult(
            columns: [
                ConsoleColumn(name: "Collation", type: .text), ConsoleColumn(name: "Charset", type: .text),
                ConsoleColumn(name: "Id", type: .integer), ConsoleColumn(name: "Default", type: .text),
                ConsoleColumn(name: "Compiled", type: .text), ConsoleColumn(name: "Sortlen", type: .integer),
            ],
            // The ids of MySQL's own list; drivers map them to names.
            rows: [
                [.text(InformationSchema.collation), characterSet, 45, "Yes", "Yes", 1],
                ["utf8mb4_bin", characterSet, 46, "", "Yes", 1],
            ])
        return try filter.apply(to: shown, in: database)
    }
}
