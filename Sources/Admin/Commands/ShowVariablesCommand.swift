// SHOW VARIABLES.

/// `SHOW [GLOBAL | SESSION | LOCAL] VARIABLES [LIKE … | WHERE …]`.
struct ShowVariablesCommand: ConsoleCommand {
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowVariablesCommand? {
        var cursor = start
        guard cursor.take("SHOW") else { return nil }
        _ = cursor.take(anyOf: ["GLOBAL", "SESSION", "LOCAL"])
        guard cursor.take("VARIABLES") else { return nil }
        return ShowVariablesCommand(filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let rows = database.context.variables.all.map { variable -> [ConsoleValue] in
            [.text(variable.name), .text(variable.value.displayText ?? "")]
        }
        return try filter.apply(to: .text(["Variable_name", "Value"], rows), in: database)
    }
}
