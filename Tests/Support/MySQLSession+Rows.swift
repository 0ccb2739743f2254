// Results that are read row by row, as slowly as a test likes.

import CMySQL

extension MySQLSession {
    /// Reads the answer to `send` row by row, straight from the connection; throws the error that ends it.
    package func receiveRows(_ body: ([String?]) throws -> Void) throws {
        if mysql_read_query_result(handle) != 0 { throw failure }
        guard let result = mysql_use_result(handle) else { throw failure }
        defer { mysql_free_result(result) }
        let columns = 0..<Int(mysql_num_fields(result))
        while let row = mysql_fetch_row(result), let lengths = mysql_fetch_lengths(result) {
            try body(
                columns.map { index in
                    row[index].map { text(UnsafeRawBufferPointer(start: $0, count: Int(lengths[index]))) }
                })
        }
        if mysql_errno(handle) != 0 { throw failure }
    }
}
