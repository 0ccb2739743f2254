// information_schema as console tables: what GUIs and BI tools read to list the console's tables and columns.

/// Builds `SCHEMATA`, `TABLES` and `COLUMNS` with the columns MySQL 8.0 gives them.
enum InformationSchema {
    static let characterSet = "utf8mb4"
    static let collation = "utf8mb4_general_ci"

    static func tables(describing tables: [ConsoleTable]) -> [ConsoleTable] {
        [schemata, tableList(tables), columnList(tables)]
    }

    private static func columns(text: [String], integer: Set<String> = []) -> [ConsoleColumn] {
        text.map { ConsoleColumn(name: $0, type: integer.contains($0) ? .integer : .text) }
    }

    private static var schemata: ConsoleTable {
        let names = [
            "CATALOG_NAME", "SCHEMA_NAME", "DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME", "SQL_PATH",
        ]
        return ConsoleTable(name: "SCHEMATA", comment: "Databases of the console", columns: columns(text: names)) {
            [["def", .text(ConsoleCatalog.schema), .text(characterSet), .text(collation), .null]]
        }
    }

    private static func tableList(_ tables: [ConsoleTable]) -> ConsoleTable {
        let integers = [
            "VERSION", "TABLE_ROWS", "AVG_ROW_LENGTH", "DATA_LENGTH", "MAX_DATA_LENGTH", "INDEX_LENGTH", "DATA_FREE",
            "AUTO_INCREMENT", "CHECKSUM",
        ]
        let names = [
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE", "ENGINE", "VERSION", "ROW_FORMAT",
            "TABLE_ROWS", "AVG_ROW_LENGTH", "DATA_LENGTH", "MAX_DATA_LENGTH", "INDEX_LENGTH", "DATA_FREE",
            "AUTO_INCREMENT", "CREATE_TIME", "UPDATE_TIME", "CHECK_TIME", "TABLE_COLLATION", "CHECKSUM",
            "CREATE_OPTIONS", "TABLE_COMMENT",
        ]
        let values: [[ConsoleValue]] = tables.map { table in
            let known: [String: ConsoleValue] = [
                "TABLE_CATALOG": "def", "TABLE_SCHEMA": .text(ConsoleCatalog.schema), "TABLE_NAME": .text(table.name),
                "TABLE_TYPE": "BASE TABLE", "ENGINE": .text(ConsoleCatalog.engine), "VERSION": 10,
                "ROW_FORMAT": "Dynamic", "TABLE_COLLATION": .text(collation), "CREATE_OPTIONS": "",
                "TABLE_COMMENT": .text(table.comment),
            ]
            return names.map { known[$0] ?? .null }
        }
        let columns = columns(text: names, integer: Set(integers))
        return ConsoleTable(name: "TABLES", comment: "Tables of the console", columns: columns) { values }
    }

    private static func columnList(_ tables: [ConsoleTable]) -> ConsoleTable {
        let integers = [
            "ORDINAL_POSITION", "CHARACTER_MAXIMUM_LENGTH", "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION",
            "NUMERIC_SCALE", "DATETIME_PRECISION",
        ]
        let names = [
            "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "COLUMN_NAME", "ORDINAL_POSITION", "COLUMN_DEFAULT",
            "IS_NULLABLE", "DATA_TYPE", "CHARACTER_MAXIMUM_LENGTH", "CHARACTER_OCTET_LENGTH", "NUMERIC_PRECISION",
            "NUMERIC_SCALE", "DATETIME_PRECISION", "CHARACTER_SET_NAME", "COLLATION_NAME", "COLUMN_TYPE",
            "COLUMN_KEY", "EXTRA", "PRIVILEGES", "COLUMN_COMMENT", "GENERATION_EXPRESSION",
        ]
        let values: [[ConsoleValue]] = tables.flatMap { table in
            table.columns.enumerated().map { position, column in
                let known = describe(column, at: position + 1, of: table)
                return names.map { known[$0] ?? .null }
            }
        }
        let columns = columns(text: names, integer: Set(integers))
        return ConsoleTable(name: "COLUMNS", comment: "Columns of the console's tables", columns: columns) { values }
    }

    private static func describe(
        _ column: ConsoleColumn, at position: Int, of table: ConsoleTable
    ) -> [String: ConsoleValue] {
        var known: [String: ConsoleValue] = [
            "TABLE_CATALOG": "def", "TABLE_SCHEMA": .text(ConsoleCatalog.schema), "TABLE_NAME": .text(table.name),
            "COLUMN_NAME": .text(column.name), "ORDINAL_POSITION": .integer(Int64(position)), "IS_NULLABLE": "YES",
            "COLUMN_TYPE": .text(column.type.mysqlName), "COLUMN_KEY": "", "EXTRA": "", "PRIVILEGES": "select",
            "COLUMN_COMMENT": .text(column.comment), "GENERATION_EXPRESSION": "",
        ]
        switch column.type {
        case .integer:
            known.merge(["DATA_TYPE": "bigint", "NUMERIC_PRECISION": 19, "NUMERIC_SCALE": 0]) { $1 }
        case .real:
            known.merge(["DATA_TYPE": "double", "NUMERIC_PRECISION": 22]) { $1 }
        case .datetime:
            known.merge(["DATA_TYPE": "datetime", "DATETIME_PRECISION": 6]) { $1 }
        case .text:
            known["DATA_TYPE"] = "text"
            known["CHARACTER_MAXIMUM_LENGTH"] = 65_535
            known["CHARACTER_OCTET_LENGTH"] = 65_535
            known["CHARACTER_SET_NAME"] = .text(characterSet)
            known["COLLATION_NAME"] = .text(collation)
        }
        return known
    }
}
