// SHOW ENGINES.

/// `SHOW [STORAGE] ENGINES`.
struct ShowEnginesCommand: ConsoleCommand {
    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowEnginesCommand? {
        var cursor = start
        guard cursor.take("SHOW") else { return nil }
        _ = cursor.take("STORAGE")
        return cursor.take("ENGINES") && cursor.isAtEnd ? ShowEnginesCommand() : nil
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        .text(
            ["Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"],
            [[.text(ConsoleCatalog.engine), "DEFAULT", "Live tables of the proxy, read-only", "NO", "NO", "NO"]])
    }
}
