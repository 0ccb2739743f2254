// One cell of the console: what a table row holds and what a query returns.

/// One value of a console table or result.
package enum ConsoleValue: Sendable, Equatable {
    /// SQL NULL.
    case null
    /// A signed 64-bit integer.
    case integer(Int64)
    /// A double-precision number.
    case real(Double)
    /// UTF-8 text; also carries dates and times, as `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC.
    case text(String)

    /// The value as clients of the text protocol read it; nil for NULL.
    package var displayText: String? {
        switch self {
        case .null: nil
        case .integer(let value): String(value)
        case .real(let value): Self.decimalText(value)
        case .text(let value): value
        }
    }

    /// What the value costs in memory, in bytes, for the result bound: the enum itself and its text.
    var estimatedBytes: Int {
        switch self {
        case .null, .integer, .real: MemoryLayout<ConsoleValue>.stride
        case .text(let value): MemoryLayout<ConsoleValue>.stride + value.utf8.count
        }
    }

    /// MySQL prints a whole double without a fraction ("3", not "3.0").
    private static func decimalText(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }
}

extension ConsoleValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// Text.
    package init(stringLiteral value: String) { self = .text(value) }
    /// An integer.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// A real number.
    package init(floatLiteral value: Double) { self = .real(value) }
}

extension ConsoleValue {
    /// The value as an SQL literal that SQLite reads back unchanged.
    var literal: String {
        switch self {
        case .null: "NULL"
        case .integer(let value): String(value)
        case .real(let value): value.isFinite ? String(value) : "NULL"
        case .text(let value): Self.quoted(value, with: "'")
        }
    }

    /// `text` between `quote` characters, with those inside doubled.
    static func quoted(_ text: String, with quote: Character) -> String {
        var result = String(quote)
        for character in text.unicodeScalars {
            if Character(character) == quote { result.append(quote) }
            result.unicodeScalars.append(character)
        }
        result.append(quote)
        return result
    }
}
