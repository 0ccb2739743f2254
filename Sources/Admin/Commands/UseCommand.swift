// USE: there is one database.

/// `USE name`.
struct UseCommand: ConsoleCommand {
    private let name: String

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> UseCommand? {
        var cursor = start
        guard cursor.take("USE") else { return nil }
        guard let name = cursor.takeIdentifier(), cursor.isAtEnd else {
            throw ConsoleError.syntax("it is written USE <database>")
        }
        return UseCommand(name: name)
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        guard name.lowercased() == ConsoleCatalog.schema else { throw ConsoleError.unknownDatabase(name) }
        return .ok()
    }
}
