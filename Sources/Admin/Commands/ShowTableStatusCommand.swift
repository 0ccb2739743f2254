// SHOW TABLE STATUS.

/// `SHOW TABLE STATUS [FROM s] [LIKE … | WHERE …]`.
struct ShowTableStatusCommand: ConsoleCommand {
    private let schema: String?
    private let filter: ShowFilter

    static func parse(_ start: ConsoleTokenCursor) throws(ConsoleError) -> ShowTableStatusCommand? {
        var cursor = start
        guard cursor.take("SHOW", "TABLE", "STATUS") else { return nil }
        let schema = try TableReference.schema(&cursor)
        return ShowTableStatusCommand(schema: schema, filter: try ShowFilter(cursor))
    }

    func answer(in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        let names = [
            "Name", "Engine", "Version", "Row_format", "Rows", "Avg_row_length", "Data_length", "Max_data_length",
            "Index_length", "Data_free", "Auto_increment", "Create_time", "Update_time", "Check_time", "Collation",
            "Checksum", "Create_options", "Comment",
        ]
        let rows = try database.catalog.tables(in: schema).map { table in
            let known: [String: ConsoleValue] = [
                "Name": .text(table.name), "Engine": .text(ConsoleCatalog.engine), "Version": "10",
                "Row_format": "Dynamic", "Collation": .text(InformationSchema.collation), "Create_options": "",
                "Comment": .text(table.comment),
            ]
            return names.map { known[$0] ?? .null }
        }
        return try filter.apply(to: .text(names, rows), in: database)
    }
}
