// One translated statement through SQLite: compile, step, collect within bounds, and name what went wrong.

import CSQLite

/// Runs one statement on a connection.
struct SQLiteQuery {
    let connection: OpaquePointer
    let context: StatementContext
    let catalog: ConsoleCatalog
    let limits: ConsoleLimits

    /// Runs it; throws a MySQL error for whatever SQLite says.
    func run(_ translation: SQLiteTranslation) throws(ConsoleError) -> ConsoleResult {
        var statement: OpaquePointer?
        let status = sqlite3_prepare_v2(connection, translation.sql, -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        guard status == SQLITE_OK else { throw error(status, whileRunning: false) }
        guard let statement else { throw ConsoleError(code: 1065, sqlState: "42000", message: "Query was empty") }
        // The authorizer has refused every write already; this holds should it ever miss one.
        guard sqlite3_stmt_readonly(statement) != 0 else { throw ConsoleError.readOnly("this statement") }
        let rows = try collect(statement)
        return ConsoleResult(columns: columns(of: statement, translation: translation, rows: rows), rows: rows)
    }

    private func collect(_ statement: OpaquePointer) throws(ConsoleError) -> [[ConsoleValue]] {
        let columnCount = sqlite3_column_count(statement)
        var rows: [[ConsoleValue]] = []
        var bytes = 0
        while true {
            let status = sqlite3_step(statement)
            if status == SQLITE_DONE { return rows }
            guard status == SQLITE_ROW else { throw error(status, whileRunning: true) }
            guard rows.count < limits.resultRowsMaximum else {
                throw tooBig("more than \(limits.resultRowsMaximum) rows")
            }
            var row: [ConsoleValue] = []
            row.reserveCapacity(Int(columnCount))
            for column in 0..<columnCount {
                let value = ConsoleValue(statement: statement, column: column)
                bytes += value.estimatedBytes
                row.append(value)
            }
            guard bytes <= limits.resultBytesMaximum else {
                throw tooBig("more than \(limits.resultBytesMaximum) bytes")
            }
            rows.append(row)
        }
    }

    private func tooBig(_ what: String) -> ConsoleError {
        ConsoleError(code: 1104, sqlState: "42000", message: "The result has \(what); add a WHERE or a LIMIT")
    }

    private func columns(
        of statement: OpaquePointer, translation: SQLiteTranslation, rows: [[ConsoleValue]]
    ) -> [ConsoleColumn] {
        (0..<sqlite3_column_count(statement)).map { index in
            let name = sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
            let declared = sqlite3_column_decltype(statement, index).flatMap {
                ConsoleType(declaration: String(cString: $0))
            }
            return ConsoleColumn(
                name: translation.originalName(name), type: declared ?? Self.type(ofColumn: Int(index), in: rows))
        }
    }

    /// The narrowest type that holds every value of a computed column.
    private static func type(ofColumn column: Int, in rows: [[ConsoleValue]]) -> ConsoleType {
        var type: ConsoleType?
        for row in rows {
            switch row[column] {
            case .null: continue
            case .integer: type = type ?? .integer
            case .real: type = .real
            case .text: return .text
            }
        }
        return type ?? .text
    }

    private func error(_ status: Int32, whileRunning: Bool) -> ConsoleError {
        if let refused = context.refused { return .readOnly(refused) }
        let message = String(cString: sqlite3_errmsg(connection))
        // Extended result codes carry the primary code in their low byte.
        switch status & 0xFF {
        case SQLITE_INTERRUPT:
            return ConsoleError(
                code: 3024, sqlState: "HY000",
                message: "Query execution was interrupted: it took longer than \(limits.statementTimeout)")
        case SQLITE_NOMEM:
            return ConsoleError(
                code: 1041, sqlState: "HY000",
                message: "Out of memory: console statements share \(ConsoleLimits.sqliteHeapBytesMaximum) bytes")
        case SQLITE_TOOBIG:
            return ConsoleError(
                code: 1301, sqlState: "HY000",
                message: "A value is larger than \(ConsoleLimits.valueBytesMaximum) bytes")
        case SQLITE_AUTH: return .readOnly("this statement")
        default: break
        }
        return explained(message)
            ?? (whileRunning ? ConsoleError(code: 1105, sqlState: "HY000", message: message) : .syntax(message))
    }

    /// The MySQL error behind one of SQLite's sentences.
    private func explained(_ message: String) -> ConsoleError? {
        if let name = rest(of: message, after: "no such table: ") { return missingTable(name) }
        if let name = rest(of: message, after: "no such column: ") {
            return ConsoleError(code: 1054, sqlState: "42S22", message: "Unknown column '\(name)'")
        }
        if let name = rest(of: message, after: "ambiguous column name: ") {
            return ConsoleError(code: 1052, sqlState: "23000", message: "Column '\(name)' is ambiguous")
        }
        if let name = rest(of: message, after: "no such function: ") {
            return ConsoleError(code: 1305, sqlState: "42000", message: "FUNCTION \(name) does not exist")
        }
        if let name = rest(of: message, after: "wrong number of arguments to function ") {
            return ConsoleError(
                code: 1582, sqlState: "42000", message: "Incorrect parameter count in the call to function '\(name)'")
        }
        return message.hasSuffix("may not be modified") ? .readOnly("changes of its tables") : nil
    }

    private func missingTable(_ name: String) -> ConsoleError {
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else {
            return .unknownTable("\(ConsoleCatalog.schema).\(name)", known: catalog.tables.map(\.name))
        }
        guard let tables = try? catalog.tables(in: String(parts[0])) else {
            return .unknownDatabase(String(parts[0]))
        }
        return .unknownTable(name, known: tables.map(\.name))
    }

    private func rest(of message: String, after prefix: String) -> String? {
        message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : nil
    }
}
