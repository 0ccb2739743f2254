// Figures as people read them.

enum Figures {
    /// `950`, `12.3k`, `4.5M`.
    static func short(_ value: Double) -> String {
        switch value {
        case ..<0: "0"
        case ..<10: oneDecimal(value)
        case ..<1_000: String(Int(value.rounded()))
        case ..<1_000_000: oneDecimal(value / 1_000) + "k"
        case ..<1_000_000_000: oneDecimal(value / 1_000_000) + "M"
        default: oneDecimal(value / 1_000_000_000) + "G"
        }
    }

    /// With one decimal, and without `.0`.
    static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// `850 us`, `12.5 ms`, `3.2 s`; a dash for nothing.
    static func time(microseconds: Int64?) -> String {
        guard let microseconds else { return "-" }
        switch microseconds {
        case ..<1_000: return "\(microseconds) us"
        case ..<1_000_000: return oneDecimal(Double(microseconds) / 1_000) + " ms"
        default: return oneDecimal(Double(microseconds) / 1_000_000) + " s"
        }
    }

    /// `3 d 04:05:06`, `04:05:06`.
    static func duration(seconds: Int64) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let seconds = max(0, seconds)
        let clock = "\(two(seconds / 3_600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return seconds >= 86_400 ? "\(seconds / 86_400) d \(clock)" : clock
    }

    /// `1 node`, `2 nodes`.
    static func counted(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

/// Texts in columns, for a screen.
struct ColumnText {
    /// The header is the first row. The last column is as wide as it needs; numbers are to the right.
    ///
    /// - Parameter toRight: which columns hold numbers.
    static func lines(_ rows: [[String]], toRight: Set<Int> = [], indent: String = "") -> [String] {
        let safe = rows.map { $0.map(TerminalText.printable) }
        let count = safe.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            safe.map { $0.indices.contains(column) ? TerminalText.width($0[column]) : 0 }.max() ?? 0
        }
        return safe.map { row in
            let cells = row.enumerated().map { column, cell in
                column == count - 1 && !toRight.contains(column)
                    ? cell : TerminalText.fitted(cell, widths[column], toRight: toRight.contains(column))
            }
            return indent + cells.joined(separator: "  ")
        }
    }
}
