// Prints a result for humans and scripts: an aligned table, CSV, or JSON.

/// A result ready to be printed.
package struct ConsoleTextTable: Sendable {
    /// How to print it.
    package enum Format: String, Sendable, CaseIterable {
        /// Columns aligned between bars, as the `mysql` client prints them.
        case table
        /// RFC 4180 with a header line; NULL is an empty field, the empty text a pair of quotes.
        case csv
        /// An array with one object per row.
        case json
    }

    private let result: ConsoleResult

    /// Takes a result to print.
    package init(_ result: ConsoleResult) { self.result = result }

    /// The text in a format, ending with a line break; a result without columns is one line about what was changed.
    package func render(as format: Format) -> String {
        switch format {
        case .table: table()
        case .csv: csv()
        case .json: json()
        }
    }

    /// The aligned table: numbers to the right, the rest to the left.
    package func table() -> String {
        guard !result.columns.isEmpty else { return "OK, \(result.affectedRows) affected\n" }
        let cells = result.rows.map { row in row.map { Self.printable($0.displayText ?? "NULL") } }
        let names = result.columns.map { Self.printable($0.name) }
        var widths = names.map(Self.width)
        for row in cells {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], Self.width(cell)) }
        }
        let rule = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+\n"
        let toRight = result.columns.map { $0.type == .integer || $0.type == .real }
        var text = rule + Self.line(names, widths: widths, toRight: names.map { _ in false }) + rule
        for row in cells { text += Self.line(row, widths: widths, toRight: toRight) }
        return result.rows.isEmpty ? text : text + rule
    }

    /// CSV.
    package func csv() -> String {
        guard !result.columns.isEmpty else { return "" }
        let header = result.columns.map { Self.field($0.name) }.joined(separator: ",")
        let lines = result.rows.map { row in
            row.map { $0.displayText.map(Self.field) ?? "" }.joined(separator: ",")
        }
        return ([header] + lines).joined(separator: "\n") + "\n"
    }

    /// JSON; columns of the same name are told apart by `_2`, `_3`, …
    package func json() -> String {
        guard !result.columns.isEmpty else { return "{\"affectedRows\": \(result.affectedRows)}\n" }
        let names = Self.distinct(result.columns.map(\.name)).map(Self.jsonText)
        let objects = result.rows.map { row in
            let members = zip(names, row).map { name, value in "\(name): \(Self.jsonValue(value))" }
            return "  {" + members.joined(separator: ", ") + "}"
        }
        return objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    }

    private static func line(_ cells: [String], widths: [Int], toRight: [Bool]) -> String {
        var text = "|"
        for (column, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[column] - width(cell))
            text += toRight[column] ? " \(padding)\(cell) |" : " \(cell)\(padding) |"
        }
        return text + "\n"
    }

    /// Text from servers may hold control characters: a table shows them instead of giving them to the terminal.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": shown += "\\n"
            case "\t": shown += "\\t"
            case "\r": shown += "\\r"
            case _ where scalar.properties.generalCategory == .control:
                shown += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// Columns of a terminal: two for the wide East Asian blocks and emoji, else one per character.
    private static func width(_ text: String) -> Int {
        text.reduce(0) { sum, character in
            let first = character.unicodeScalars.first?.value ?? 0
            let isWide =
                (0x1100...0x115F).contains(first) || (0x2E80...0xA4CF).contains(first)
                || (0xAC00...0xD7A3).contains(first) || (0xF900...0xFAFF).contains(first)
                || (0xFF00...0xFF60).contains(first) || (0x1F300...0x1FAFF).contains(first)
            return sum + (isWide ? 2 : 1)
        }
    }

    private static func field(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return needsQuotes ? ConsoleValue.quoted(text, with: "\"") : text
    }

    private static func distinct(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            var candidate = name
            var number = 2
            while !taken.insert(candidate).inserted {
                candidate = "\(name)_\(number)"
                number += 1
            }
            return candidate
        }
    }

    private static func jsonValue(_ value: ConsoleValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): String(number)
        case .real(let number): number.isFinite ? String(number) : "null"
        case .text(let text): jsonText(text)
        }
    }

    private static func jsonText(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
