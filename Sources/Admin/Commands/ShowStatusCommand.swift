// SHOW STATUS: of the console itself; the proxy's numbers are in the table `metrics`.

/// `SHOW [GLOBAL | SESSION | LOCAL] STATUS [LIKE … | WHERE …]`.
struct ShowStatusCommand: ConsoleCommand {
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowStatusCommand? {
        var cursor = start
        guard cursor.take("SHOW") else { return nil }
        _ = cursor.take(anyOf: ["GLOBAL", "SESSION", "LOCAL"])
        guard cursor.take("STATUS") else { return nil }
        return ShowStatusCommand(filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let status = database.status
        let rows: [[ConsoleValue]] = [
            ["Questions", .text(String(status.statements))], ["Uptime", .text(String(status.uptimeSeconds))],
        ]
        return try filter.apply(to: .text(["Variable_name", "Value"], rows), in: database)
    }
}
