// SHOW COLUMNS.

/// `SHOW [EXTENDED] [FULL] {COLUMNS | FIELDS} FROM t [FROM s] [LIKE … | WHERE …]`.
struct ShowColumnsCommand: ConsoleCommand {
    private let isFull: Bool
    private let table: TableReference
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowColumnsCommand? {
        var cursor = start
        guard cursor.take("SHOW") else { return nil }
        _ = cursor.take("EXTENDED")
        let isFull = cursor.take("FULL")
        guard cursor.take(anyOf: ["COLUMNS", "FIELDS"]) != nil else { return nil }
        guard cursor.take(anyOf: ["FROM", "IN"]) != nil else { throw ConsoleError.syntax("a table name is missing") }
        let table = try TableReference(&cursor)
        return ShowColumnsCommand(isFull: isFull, table: table, filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let table = try database.catalog.table(table.name, in: table.schema)
        return try filter.apply(to: Self.describe(table, isFull: isFull), in: database)
    }

    /// One row per column, in MySQL's shape.
    static func describe(_ table: ConsoleTable, isFull: Bool) -> ConsoleResult {
        guard isFull else {
            return .text(
                ["Field", "Type", "Null", "Key", "Default", "Extra"],
                table.columns.map { [.text($0.name), .text($0.type.mysqlName), "YES", "", .null, ""] })
        }
        let names = ["Field", "Type", "Collation", "Null", "Key", "Default", "Extra", "Privileges", "Comment"]
        return .text(
            names,
            table.columns.map { column in
                let collation: ConsoleValue = column.type == .text ? .text(InformationSchema.collation) : .null
                return [
                    .text(column.name), .text(column.type.mysqlName), collation, "YES", "", .null, "", "select",
                    .text(column.comment),
                ]
            })
    }
}
