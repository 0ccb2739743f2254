// The description of one console table, its columns, and where its rows come from.

/// What a column holds.
package enum ConsoleType: String, Sendable, Equatable, CaseIterable {
    /// Signed 64-bit integer; MySQL `bigint`.
    case integer
    /// Double; MySQL `double`.
    case real
    /// UTF-8; MySQL `text`.
    case text
    /// UTC, as text `YYYY-MM-DD HH:MM:SS[.ffffff]`, which sorts and compares as time; MySQL `datetime(6)`.
    case datetime

    /// The type as `SHOW CREATE TABLE` spells it.
    package var mysqlName: String {
        switch self {
        case .integer: "bigint"
        case .real: "double"
        case .text: "text"
        case .datetime: "datetime(6)"
        }
    }

    /// The type in `sqlite3_declare_vtab`. "DATETIME" alone would get numeric affinity, which turns `since > '2025'`
    /// into a comparison with a number; the word TEXT inside gives text affinity, and results still show the type.
    var declaration: String {
        switch self {
        case .integer: "INTEGER"
        case .real: "REAL"
        case .text: "TEXT"
        case .datetime: "DATETIME_TEXT"
        }
    }

    /// The type behind a declaration that SQLite reports for a result column.
    init?(declaration: String) {
        guard let type = Self.allCases.first(where: { $0.declaration == declaration }) else { return nil }
        self = type
    }
}

/// One column of a table or of a result.
package struct ConsoleColumn: Sendable, Equatable {
    /// Its name as shown.
    package let name: String
    /// What it holds.
    package let type: ConsoleType
    /// What it means, with units; shown by `SHOW CREATE TABLE` and `SHOW FULL COLUMNS`. Empty for result columns.
    package let comment: String

    /// A column.
    package init(name: String, type: ConsoleType, comment: String = "") {
        self.name = name
        self.type = type
        self.comment = comment
    }
}

/// One table of the console: a name, columns, and a function that takes a snapshot of its rows.
package struct ConsoleTable: Sendable {
    /// The name in SQL; unique among the tables of one database, without regard to case.
    package let name: String
    /// What the table shows; printed by `SHOW CREATE TABLE`.
    package let comment: String
    /// The columns, in the order of the values in a row.
    package let columns: [ConsoleColumn]
    /// A live snapshot, taken at most once per statement, on the database's queue. A short row is read as padded
    /// with NULL. Values match the declared column type or are NULL: equality look-ups rely on it.
    package let rows: @Sendable () -> [[ConsoleValue]]

    /// A table.
    package init(
        name: String, comment: String, columns: [ConsoleColumn], rows: @escaping @Sendable () -> [[ConsoleValue]]
    ) {
        self.name = name
        self.comment = comment
        self.columns = columns
        self.rows = rows
    }
}
