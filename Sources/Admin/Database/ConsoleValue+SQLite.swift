// Console values in and out of SQLite.

import CSQLite

extension ConsoleValue {
    /// A value that SQLite passes to a function or a scan.
    init(_ value: OpaquePointer) {
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: self = .integer(sqlite3_value_int64(value))
        case SQLITE_FLOAT: self = .real(sqlite3_value_double(value))
        case SQLITE_NULL: self = .null
        default:
            // sqlite3_value_text may convert, so the length is asked for after it.
            let start = sqlite3_value_text(value)
            self = .text(Self.string(start, count: sqlite3_value_bytes(value)))
        }
    }

    /// A value of the current row of a statement.
    init(statement: OpaquePointer, column: Int32) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: self = .real(sqlite3_column_double(statement, column))
        case SQLITE_NULL: self = .null
        default:
            let start = sqlite3_column_text(statement, column)
            self = .text(Self.string(start, count: sqlite3_column_bytes(statement, column)))
        }
    }

    private static func string(_ start: UnsafePointer<UInt8>?, count: Int32) -> String {
        String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(count)), as: UTF8.self)
    }

    /// Gives the value to SQLite as the result of a column or function; SQLite copies text at once.
    func set(asResultOf context: OpaquePointer?) {
        switch self {
        case .null: sqlite3_result_null(context)
        case .integer(let value): sqlite3_result_int64(context, value)
        case .real(let value): sqlite3_result_double(context, value)
        case .text(var value):
            value.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty buffer may have no address, and SQLite reads that as NULL.
                    guard let start = characters.baseAddress else {
                        return sqlite3_result_text64(context, "", 0, switchyard_sqlite_transient(), UInt8(SQLITE_UTF8))
                    }
                    sqlite3_result_text64(
                        context, start, UInt64(characters.count), switchyard_sqlite_transient(), UInt8(SQLITE_UTF8))
                }
            }
        }
    }
}
