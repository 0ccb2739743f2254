// The `LIKE 'pattern'` or `WHERE condition` at the end of a SHOW statement.

/// Which rows of a SHOW the client wants.
enum ShowFilter {
    case everything
    case like(LikePattern)
    /// The text of a condition over the shown columns.
    case condition(String)

    /// Reads the rest of a SHOW statement; throws 1064 for anything else than a filter.
    init(_ start: ConsoleTokenCursor) throws(ConsoleError) {
        var cursor = start
        if cursor.isAtEnd {
            self = .everything
        } else if cursor.take("LIKE") {
            guard let pattern = cursor.takeString(), cursor.isAtEnd else {
                throw ConsoleError.syntax("LIKE needs one quoted pattern")
            }
            self = .like(LikePattern(pattern))
        } else if cursor.take("WHERE"), !cursor.isAtEnd {
            self = .condition(cursor.remainder)
        } else {
            throw ConsoleError.syntax("near '\(start.remainder.prefix(80))'")
        }
    }

    /// The rows that pass; LIKE looks at the first column.
    func apply(to result: ConsoleResult, in database: ConsoleDatabase) throws(ConsoleError) -> ConsoleResult {
        switch self {
        case .everything: return result
        case .like(let pattern):
            let rows = result.rows.filter { row in row.first?.asText.map(pattern.matches) ?? false }
            return ConsoleResult(columns: result.columns, rows: rows)
        case .condition(let condition):
            guard !result.rows.isEmpty else { return result }
            let names = result.columns.map { ConsoleValue.quoted($0.name, with: "`") }.joined(separator: ",")
            let rows = result.rows.map { row in "(" + row.map(Self.literal).joined(separator: ",") + ")" }
            let values = rows.joined(separator: ",")
            let sql = "WITH shown(\(names)) AS (VALUES \(values)) SELECT * FROM shown WHERE (\(condition)\n)"
            guard sql.utf8.count <= ConsoleLimits.shownTextBytesMaximum else {
                throw ConsoleError(code: 1153, sqlState: "08S01", message: "There is too much to filter; use LIKE")
            }
            let filtered = try database.query(try ConsoleText(sql))
            return ConsoleResult(columns: result.columns, rows: filtered.rows)
        }
    }

    /// A literal that the tokenizer reads back: it resolves backslashes.
    private static func literal(_ value: ConsoleValue) -> String {
        guard case .text(let text) = value else { return value.literal }
        return ConsoleValue.quoted(text.replacing("\\", with: "\\\\"), with: "'")
    }
}
