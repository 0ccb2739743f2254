// What a console client sees when a statement fails: a MySQL error number, SQLSTATE and text.

/// An error packet of the console.
package struct ConsoleError: Error, Sendable, Equatable {
    /// MySQL's error number.
    package let code: UInt16
    /// Five characters.
    package let sqlState: String
    /// One sentence for a human.
    package let message: String

    /// An error.
    package init(code: UInt16, sqlState: String, message: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
    }
}

extension ConsoleError: CustomStringConvertible {
    /// The form the `mysql` client prints.
    package var description: String { "ERROR \(code) (\(sqlState)): \(message)" }
}

extension ConsoleError {
    /// 1064, ER_PARSE_ERROR.
    static func syntax(_ detail: String) -> ConsoleError {
        ConsoleError(code: 1064, sqlState: "42000", message: "You have an error in your SQL syntax: \(detail)")
    }

    /// 1146, ER_NO_SUCH_TABLE; says which tables there are.
    static func unknownTable(_ name: String, known: [String]) -> ConsoleError {
        ConsoleError(
            code: 1146, sqlState: "42S02",
            message: "Table '\(name)' doesn't exist; the console's tables are: \(known.joined(separator: ", "))")
    }

    /// 1049, ER_BAD_DB_ERROR.
    static func unknownDatabase(_ name: String) -> ConsoleError {
        ConsoleError(
            code: 1049, sqlState: "42000",
            message: "Unknown database '\(name)'; the console's database is '\(ConsoleCatalog.schema)'")
    }

    /// 1193, ER_UNKNOWN_SYSTEM_VARIABLE.
    static func unknownSystemVariable(_ name: String) -> ConsoleError {
        ConsoleError(code: 1193, sqlState: "HY000", message: "Unknown system variable '\(name)'")
    }

    /// 1290, ER_OPTION_PREVENTS_STATEMENT.
    static func readOnly(_ what: String) -> ConsoleError {
        ConsoleError(
            code: 1290, sqlState: "HY000",
            message: "The console is read-only for \(what); it answers SELECT, SHOW, DESCRIBE and its own commands")
    }
}
