// Functions about the client and the console.

extension ConsoleFunctions {
    static var sessionFunctions: [ConsoleFunction] {
        let users = ["user", "current_user", "session_user", "system_user"].map { name in
            ConsoleFunction(name, [0]) { _, context in .text(context.session.user) }
        }
        let schemas = ["database", "schema"].map { name in
            ConsoleFunction(name, [0]) { _, _ in .text(ConsoleCatalog.schema) }
        }
        let others = [
            ConsoleFunction("connection_id", [0]) { _, context in
                .integer(Int64(clamping: context.session.connectionID))
            },
            ConsoleFunction("version", [0]) { _, context in context.variables["version"] ?? .null },
            ConsoleFunction("system_variable", [1]) { arguments, context in
                arguments[0].asText.flatMap { context.variables[$0] } ?? .null
            },
        ]
        return users + schemas + others
    }
}
