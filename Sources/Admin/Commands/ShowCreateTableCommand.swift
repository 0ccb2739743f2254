// SHOW CREATE TABLE: the manual page of a table, with the comments of its columns.

/// `SHOW CREATE TABLE t`.
struct ShowCreateTableCommand: ConsoleCommand {
    private let table: TableReference

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowCreateTableCommand? {
        var cursor = start
        guard cursor.take("SHOW", "CREATE", "TABLE") || cursor.take("SHOW", "CREATE", "VIEW") else { return nil }
        let table = try TableReference(&cursor)
        guard cursor.isAtEnd else { throw ConsoleError.syntax("near '\(cursor.remainder.prefix(80))'") }
        return ShowCreateTableCommand(table: table)
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let table = try database.catalog.table(table.name, in: table.schema)
        return .text(["Table", "Create Table"], [[.text(table.name), .text(Self.statement(table))]])
    }

    static func statement(_ table: ConsoleTable) -> String {
        let columns = table.columns.map { column in
            let comment = column.comment.isEmpty ? "" : " COMMENT \(ConsoleValue.quoted(column.comment, with: "'"))"
            return "  \(ConsoleValue.quoted(column.name, with: "`")) \(column.type.mysqlName)\(comment)"
        }
        let comment = table.comment.isEmpty ? "" : " COMMENT=\(ConsoleValue.quoted(table.comment, with: "'"))"
        let name = ConsoleValue.quoted(table.name, with: "`")
        return
            "CREATE TABLE \(name) (\n\(columns.joined(separator: ",\n"))\n) ENGINE=\(ConsoleCatalog.engine)\(comment)"
    }
}
