// SET, BEGIN, COMMIT and their like: clients send them by habit, and there is nothing to do.

/// Answered with OK: the console has no session variables to change and every statement is its own snapshot.
struct AcknowledgedCommand: ConsoleCommand {
    private static let words: Set<String> = ["SET", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "UNLOCK"]

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> AcknowledgedCommand? {
        var cursor = start
        if cursor.take("START", "TRANSACTION") || cursor.take("START", "READ") { return AcknowledgedCommand() }
        return cursor.take(anyOf: words) == nil ? nil : AcknowledgedCommand()
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult { .ok() }
}
