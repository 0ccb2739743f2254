// SHOW TABLES.

/// `SHOW [EXTENDED] [FULL] TABLES [FROM s] [LIKE … | WHERE …]`.
struct ShowTablesCommand: ConsoleCommand {
    private let isFull: Bool
    private let schema: String?
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowTablesCommand? {
        var cursor = start
        guard cursor.take("SHOW") else { return nil }
        _ = cursor.take("EXTENDED")
        let isFull = cursor.take("FULL")
        guard cursor.take("TABLES") else { return nil }
        let schema = try TableReference.schema(&cursor)
        return ShowTablesCommand(isFull: isFull, schema: schema, filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let tables = try database.catalog.tables(in: schema)
        let schema = schema?.lowercased() ?? ConsoleCatalog.schema
        let type: ConsoleValue = schema == ConsoleCatalog.schema ? "BASE TABLE" : "SYSTEM VIEW"
        let names = ["Tables_in_\(schema)"] + (isFull ? ["Table_type"] : [])
        let rows = tables.map { [.text($0.name)] + (isFull ? [type] : []) }
        return try filter.apply(to: .text(names, rows), in: database)
    }
}
