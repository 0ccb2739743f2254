// What a console statement returns: rows, or just an OK.

/// The result of one statement. Without columns it is an OK packet, not a result set.
package struct ConsoleResult: Sendable, Equatable {
    /// The columns; empty for an OK.
    package let columns: [ConsoleColumn]
    /// The rows; every row has as many values as there are columns.
    package let rows: [[ConsoleValue]]
    /// For an OK: how many things a command changed.
    package let affectedRows: Int

    /// A result.
    package init(columns: [ConsoleColumn], rows: [[ConsoleValue]], affectedRows: Int = 0) {
        self.columns = columns
        self.rows = rows
        self.affectedRows = affectedRows
    }

    /// An OK without rows.
    package static func ok(affectedRows: Int = 0) -> ConsoleResult {
        ConsoleResult(columns: [], rows: [], affectedRows: affectedRows)
    }

    /// A result of text columns, for the `SHOW` family.
    static func text(_ names: [String], _ rows: [[ConsoleValue]]) -> ConsoleResult {
        ConsoleResult(columns: names.map { ConsoleColumn(name: $0, type: .text) }, rows: rows)
    }
}
