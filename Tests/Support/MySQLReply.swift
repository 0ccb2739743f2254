// What a server answered: one result of a statement, or its error, as values that can be compared.

/// An error as the client library reports it.
package struct MySQLFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package let code: Int
    package let sqlState: String
    package let text: String

    package init(code: Int, sqlState: String, text: String) {
        self.code = code
        self.sqlState = sqlState
        self.text = text
    }

    /// Whether the library itself lost the connection, rather than the server refusing something.
    package var isLostConnection: Bool { code == 2006 || code == 2013 || code == 2055 }

    package var description: String { "\(code) (\(sqlState)): \(text)" }
}

/// One column's metadata, as sent.
package struct MySQLColumn: Equatable, Sendable {
    package let name: String
    package let originalName: String
    package let table: String
    package let originalTable: String
    package let schema: String
    package let type: UInt32
    package let length: UInt
    package let flags: UInt32
    package let decimals: UInt32
    package let characterSet: UInt32
}

/// One result: rows with their columns, or the figures of an OK packet.
package struct MySQLReply: Equatable, Sendable {
    /// Empty when the statement gives no rows.
    package var columns: [MySQLColumn] = []
    /// nil is NULL; bytes that are no UTF-8 appear as `0x…`.
    package var rows: [[String?]] = []
    package var affectedRows: UInt64 = 0
    package var insertID: UInt64 = 0
    package var warnings: UInt32 = 0
    package var info: String?
    /// The status flags that describe the session: in a transaction, autocommit, no backslash escapes, ANSI quotes.
    package var status: UInt32 = 0

    /// The first cell of the first row; nil when there is none or it is NULL.
    package var value: String? { rows.first?.first ?? nil }

    package init() {}

    /// The status flags kept in `status`: the others speak of plans, cursors and further results.
    static let sessionStatus: UInt32 = 0x0001 | 0x0002 | 0x0200 | 0x2000 | 0x8000
}

/// Everything one statement answered: its results, and the error that ended them, if one did.
package struct MySQLOutcome: Equatable, Sendable {
    package var replies: [MySQLReply] = []
    package var failure: MySQLFailure?

    package init() {}
}
