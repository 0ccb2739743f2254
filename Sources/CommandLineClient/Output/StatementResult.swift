// What a statement answered.

/// A column of a result.
package struct ResultColumn: Sendable, Equatable {
    /// What its values are.
    package enum Kind: Sendable, Equatable {
        /// A number in digits.
        case number
        case text
    }

    package let name: String
    package let kind: Kind

    package init(_ name: String, _ kind: Kind = .text) {
        self.name = name
        self.kind = kind
    }
}

/// Rows, or how many were changed when there are no columns.
package struct StatementResult: Sendable, Equatable {
    package var columns: [ResultColumn]
    /// As many values as columns; nil for NULL.
    package var rows: [[String?]]
    package var affectedRows: UInt64

    package init(columns: [ResultColumn] = [], rows: [[String?]] = [], affectedRows: UInt64 = 0) {
        self.columns = columns
        self.rows = rows
        self.affectedRows = affectedRows
    }

    /// The rows by column name; NULL is left out.
    package var records: [ResultRecord] {
        rows.map { row in
            ResultRecord(
                Dictionary(
                    zip(columns.map(\.name), row).compactMap { name, value in value.map { (name, $0) } }
                ) { first, _ in first })
        }
    }
}

/// A row by column name.
package struct ResultRecord: Sendable, Equatable {
    private let values: [String: String]

    package init(_ values: [String: String]) { self.values = values }

    /// The value; nil for NULL.
    package subscript(_ column: String) -> String? { values[column] }

    /// The value; empty for NULL.
    func text(_ column: String) -> String { values[column] ?? "" }

    /// The value as a number; nil for NULL.
    func number(_ column: String) -> Int64? { values[column].flatMap { Int64($0) } }
}
