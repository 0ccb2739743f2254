// A result set of a probe as text, looked up by column name.

/// One result set; names are compared without case, NULL is nil.
struct ProbeResult: Sendable, Equatable {
    /// The rows read of one result; more are ignored.
    static let rowsMaximum = 100_000

    private let columns: [String: Int]
    let rows: [[String?]]

    init(columns: [String], rows: [[String?]]) {
        var positions: [String: Int] = [:]
        for (index, name) in columns.enumerated() where positions[name.lowercased()] == nil {
            positions[name.lowercased()] = index
        }
        self.columns = positions
        self.rows = rows
    }

    /// The value under the first of `names` that the result has.
    func value(_ names: String..., row: [String?]) -> String? {
        for name in names {
            if let index = columns[name.lowercased()], row.indices.contains(index) { return row[index] }
        }
        return nil
    }

    /// A result of name and value columns, names in lower case.
    var pairs: [String: String] {
        var pairs: [String: String] = [:]
        for row in rows where row.count >= 2 {
            if let name = row[0] { pairs[name.lowercased()] = row[1] ?? "" }
        }
        return pairs
    }

    /// The first row by column name in lower case.
    var firstRow: [String: String] {
        guard let row = rows.first else { return [:] }
        var pairs: [String: String] = [:]
        for (name, index) in columns where row.indices.contains(index) { pairs[name] = row[index] }
        return pairs
    }
}
