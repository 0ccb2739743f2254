// Prints a result for humans: an aligned table, or one line for each value.

/// How results are printed.
package enum ResultFormat: String, Sendable, CaseIterable {
    /// Columns aligned between bars, as the `mysql` client prints them.
    case table
    /// One array with one object for each row; numbers are numbers, NULL is null.
    case json
    /// RFC 4180 with a header line; NULL is an empty field, the empty text a pair of quotes.
    case csv
    /// A header line, and values between tabs: `\N` is NULL, and `\t`, `\n`, `\r`, `\\` stand for what they do in MySQL.
    case tsv
    /// One line for each value, as the `mysql` client prints after `\G`.
    case vertical
}

/// A result ready to be printed.
package struct ResultText: Sendable {
    let result: StatementResult
    /// Whether a terminal reads it: then no format lets anything through that it would obey.
    let isForTerminal: Bool

    /// Takes a result to print.
    package init(_ result: StatementResult, isForTerminal: Bool = false) {
        self.result = result
        self.isForTerminal = isForTerminal
    }

    /// The text in a format, ending with a line break; for a result without columns one line about what was changed, or
    /// nothing where rows are expected.
    package func render(as format: ResultFormat) -> String {
        switch format {
        case .table: table
        case .json: json
        case .csv: csv
        case .tsv: tsv
        case .vertical: vertical
        }
    }

    private var acknowledgement: String { "OK, \(result.affectedRows) affected\n" }

    /// The aligned table: numbers to the right, the rest to the left.
    private var table: String {
        guard !result.columns.isEmpty else { return acknowledgement }
        let cells = result.rows.map { row in row.map { TerminalText.printable($0 ?? "NULL") } }
        let names = result.columns.map { TerminalText.printable($0.name) }
        var widths = names.map(TerminalText.width)
        for row in cells {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], TerminalText.width(cell)) }
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+\n"
        let toRight = result.columns.map { $0.kind == .number }
        var text = rule + Self.line(names, widths: widths, toRight: names.map { _ in false }) + rule
        for row in cells { text += Self.line(row, widths: widths, toRight: toRight) }
        return result.rows.isEmpty ? text : text + rule
    }

    private static func line(_ cells: [String], widths: [Int], toRight: [Bool]) -> String {
        var text = "|"
        for (column, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - TerminalText.width(cell))
            text += toRight[column] ? " \(padding)\(cell) |" : " \(cell)\(padding) |"
        }
        return text + "\n"
    }

    private var vertical: String {
        guard !result.columns.isEmpty else { return acknowledgement }
        let names = result.columns.map { TerminalText.printable($0.name) }
        let width = names.map(TerminalText.width).max() ?? 0
        let stars = String(repeating: "*", count: 27)
        var text = ""
        for (number, row) in result.rows.enumerated() {
            text += "\(stars) \(number + 1). row \(stars)\n"
            for (name, value) in zip(names, row) {
                let shown = TerminalText.printable(value ?? "NULL")
                text += "\(TerminalText.fitted(name, width, toRight: true)): \(shown)\n"
            }
        }
        return text
    }
}
