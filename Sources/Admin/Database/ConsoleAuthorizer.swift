// Decides what a statement may do while SQLite compiles it: read the console's tables, call functions, recurse.

import CSQLite

/// SQLite's authorizer for the console: an allow-list.
enum ConsoleAuthorizer {
    /// Functions of the library that reach outside a query, or whose time nothing bounds (GLOB backtracks, and json_patch
    /// looks through one object for each key of the other).
    private static let refusedFunctions: Set<String> = ["load_extension", "fts3_tokenizer", "glob", "json_patch"]
    /// Table-valued functions of SQLite that only look at their arguments.
    private static let pureTableFunctions: Set<String> = ["json_each", "json_tree"]

    /// Makes `context` hear of every refusal; it must outlive the connection.
    static func install(on connection: OpaquePointer, context: StatementContext) {
        sqlite3_set_authorizer(
            connection,
            { auxiliary, action, first, second, database, _ in
                guard let auxiliary else { return SQLITE_DENY }
                let context = Unmanaged<StatementContext>.fromOpaque(auxiliary).takeUnretainedValue()
                let refusal = ConsoleAuthorizer.refusal(
                    of: action, first: first.map { String(cString: $0) } ?? "",
                    second: second.map { String(cString: $0) } ?? "",
                    database: database.map { String(cString: $0) } ?? "")
                guard let refusal else { return SQLITE_OK }
                context.refuse(refusal)
                return SQLITE_DENY
            }, Unmanaged.passUnretained(context).toOpaque())
    }

    /// Why an action is refused; nil if it is allowed. The arguments are those of `sqlite3_set_authorizer`.
    static func refusal(of action: Int32, first: String, second: String, database: String) -> String? {
        switch action {
        case SQLITE_SELECT, SQLITE_RECURSIVE: return nil
        case SQLITE_FUNCTION:
            return refusedFunctions.contains(second.lowercased()) ? "the function \(second)()" : nil
        case SQLITE_READ:
            // A reference that uses no column comes without a database; its table was checked by name before.
            let known = [ConsoleCatalog.schema, ConsoleCatalog.informationSchema, ""]
            if known.contains(database) || pureTableFunctions.contains(first.lowercased()) { return nil }
            return "the table \(first)"
        case SQLITE_INSERT: return "INSERT"
        case SQLITE_UPDATE: return "UPDATE"
        case SQLITE_DELETE: return "DELETE"
        case SQLITE_PRAGMA: return "PRAGMA"
        case SQLITE_ATTACH: return "ATTACH"
        case SQLITE_DETACH: return "DETACH"
        case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: return "transactions"
        default: return "statements that change the schema"
        }
    }
}
