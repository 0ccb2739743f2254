// Prints a result for programs: JSON, CSV, values between tabs.

extension ResultText {
    /// Columns of the same name are told apart by `_2`, `_3`, …
    var json: String {
        guard !result.columns.isEmpty else { return "{\"affectedRows\": \(result.affectedRows)}\n" }
        let names = Self.distinct(result.columns.map(\.name))
        let objects = result.rows.map { row in
            let members = zip(names, zip(result.columns, row)).map { name, cell in (name, Self.node(cell.0, cell.1)) }
            return "  " + JSONNode.object(members).line
        }
        return objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n"
    }

    private static func node(_ column: ResultColumn, _ value: String?) -> JSONNode {
        guard let value else { return .null }
        return column.kind == .number && isNumber(value) ? .number(value) : .text(value)
    }

    /// Whether it is a number as JSON writes them: servers write `007` (ZEROFILL) and `inf` too.
    static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func takeDigits() -> Int {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("-")
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let whole = takeDigits()
        guard whole > 0, !startsWithZero || whole == 1 else { return false }
        if take("."), takeDigits() == 0 { return false }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            if takeDigits() == 0 { return false }
        }
        return rest.isEmpty
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

    var csv: String {
        guard !result.columns.isEmpty else { return "" }
        let header = result.columns.map { field($0.name) }
        let lines = result.rows.map { row in row.map { $0.map(field) ?? "" } }
        return ([header] + lines).map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    private func field(_ value: String) -> String {
        let text = isForTerminal ? TerminalText.printable(value) : value
        guard text.isEmpty || text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
        // By scalars: with a combining mark behind it, a quote is another character.
        let doubled = text.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
        return "\"" + String(String.UnicodeScalarView(doubled)) + "\""
    }

    var tsv: String {
        guard !result.columns.isEmpty else { return "" }
        let header = result.columns.map { cell($0.name) }
        let lines = result.rows.map { row in row.map { $0.map(cell) ?? "\\N" } }
        return ([header] + lines).map { $0.joined(separator: "\t") + "\n" }.joined()
    }

    private func cell(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\0": text += "\\0"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return isForTerminal ? TerminalText.printable(text) : text
    }
}
