// Rewrites the MySQL spellings that SQLite would misread, and remembers them for the names of result columns.

/// A statement as SQLite is to read it.
struct SQLiteTranslation {
    /// The text for SQLite.
    private(set) var sql = ""
    /// What was replaced by what.
    private var originals: [(replacement: String, original: String)] = []

    /// Modifiers between SELECT and the columns that mean nothing here.
    private static let droppedWords: Set<String> = [
        "SQL_NO_CACHE", "SQL_CACHE", "SQL_CALC_FOUND_ROWS", "SQL_SMALL_RESULT", "SQL_BIG_RESULT",
        "SQL_BUFFER_RESULT", "HIGH_PRIORITY", "STRAIGHT_JOIN",
    ]
    /// Functions that MySQL also calls without parentheses.
    private static let bareFunctions: Set<String> = ["CURRENT_USER"]
    /// Functions whose name SQLite's grammar takes for a join or an operator unless it is quoted.
    private static let grammarWords: Set<String> = ["LEFT", "RIGHT", "ISNULL"]

    /// Translates a statement; throws 1064 for a second statement, 1193 for an unknown system variable.
    init(_ text: ConsoleText, knowsVariable: (String) -> Bool) throws(ConsoleError) {
        var previousEnd = text.tokens.first?.range.lowerBound ?? 0
        var index = 0
        while index < text.tokens.count {
            let token = text.tokens[index]
            let gap = previousEnd..<token.range.lowerBound
            sql += text.bytes[gap].allSatisfy(ConsoleTokenizer.isSpace) ? text.raw(gap) : " "
            let consumed = try append(text, at: index, knowsVariable: knowsVariable)
            previousEnd = text.tokens[index + consumed - 1].range.upperBound
            index += consumed
        }
    }

    /// The name of a result column as the client wrote it.
    func originalName(_ name: String) -> String {
        var name = name
        for (replacement, original) in originals {
            name = name.replacing(replacement, with: original)
        }
        return name
    }

    /// Appends the token at `index` and returns how many tokens that used.
    private mutating func append(
        _ text: ConsoleText, at index: Int, knowsVariable: (String) -> Bool
    ) throws(ConsoleError) -> Int {
        let token = text.tokens[index]
        let raw = text.raw(token.range)
        let next = index + 1 < text.tokens.count ? text.tokens[index + 1] : nil
        switch token.kind {
        case .string(let value):
            guard !value.utf8.contains(0) else { throw ConsoleError.syntax("a string holds a zero byte") }
            replace(raw, by: ConsoleValue.quoted(value, with: "'"))
        case .systemVariable(let name):
            guard knowsVariable(name) else { throw ConsoleError.unknownSystemVariable(name) }
            replace(raw, by: "system_variable(\(ConsoleValue.quoted(name.lowercased(), with: "'")))")
        case .userVariable:
            // An unset variable is NULL; written as a call so that the column gets its name back.
            let literal = ConsoleValue.quoted(raw, with: "'")
            replace(raw, by: "nullif(\(literal),\(literal))")
        case .symbol(";"):
            throw ConsoleError.syntax("one statement at a time")
        case .symbol("<=>"):
            sql += " IS "
        case .symbol("-") where sql.hasSuffix("-"):
            // Two minus signs begin a comment in SQLite.
            sql += " -"
        case .symbol("&&"):
            sql += " AND "
        case .word(let word):
            return appendWord(word, raw: raw, next: next)
        case .quotedIdentifier, .number, .symbol:
            sql += raw
        }
        return 1
    }

    private mutating func appendWord(_ word: String, raw: String, next: ConsoleToken?) -> Int {
        let keyword = word.uppercased()
        let isCall = next?.isSymbol("(") ?? false
        if Self.droppedWords.contains(keyword) { return 1 }
        if keyword == "FROM", next?.keyword == "DUAL" { return 2 }
        if keyword == "COLLATE", let collation = next?.identifier?.lowercased() {
            guard collation.hasPrefix("utf8") || collation.hasPrefix("latin1") else { return plain(raw) }
            sql += collation.hasSuffix("_ci") ? "COLLATE NOCASE" : "COLLATE BINARY"
            return 2
        }
        // A character set introducer: _utf8mb4'text'.
        if keyword.hasPrefix("_UTF8") || keyword == "_LATIN1", case .string? = next?.kind { return 1 }
        if Self.bareFunctions.contains(keyword), !isCall {
            replace(raw, by: "\(word.lowercased())()")
            return 1
        }
        if Self.grammarWords.contains(keyword), isCall {
            replace(raw, by: "`\(word.lowercased())`")
            return 1
        }
        return plain(raw)
    }

    private mutating func plain(_ raw: String) -> Int {
        sql += raw
        return 1
    }

    private mutating func replace(_ original: String, by replacement: String) {
        sql += replacement
        if original != replacement { originals.append((replacement, original)) }
    }
}
