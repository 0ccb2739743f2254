// CONNECTION_ID() through a proxy: the server would say its own thread's id, so the proxy's stands in the text instead.

/// Puts the id that the client was greeted with where a text asks for its connection's id.
///
/// `CAST(0000000007 AS UNSIGNED)` has the type, length and flags of `CONNECTION_ID()` on MariaDB 10.11 and MySQL 9.7;
/// a column that had no alias gets its old name as one.
package enum ConnectionIDRewriting {
    /// Longer names are left to the server.
    static let nameMaximum = 250
    /// Parentheses in parentheses; deeper ones keep the server's id.
    static let depthMaximum = 64

    /// The text with `id` in it; nil when nothing is to be changed.
    ///
    /// Not changed are definitions (the id would stay in them), and statements about the server's own view of its
    /// connections (`information_schema`, `performance_schema`, `sys`), where its ids must fit each other.
    package static func rewrite(_ text: UnsafeRawBufferPointer, id: UInt32, mode: SQLMode) -> [UInt8]? {
        var walk = Walk(text, id: id, mode: mode)
        return walk.run()
    }

    /// What is known of the text between two parentheses.
    private struct Level {
        var isSelectList = false
        /// Where the present column begins; nil before its first token.
        var itemStart: Int?
        var wasReplaced = false
        var hasAlias = false
        var last = Token.nothing
        var beforeLast = Token.nothing

        mutating func beginItem() {
            itemStart = nil
            wasReplaced = false
            hasAlias = false
            last = .nothing
            beforeLast = .nothing
        }
    }

    private struct Walk {
        let text: UnsafeRawBufferPointer
        let id: UInt32
        var tokenizer: Tokenizer
        var levels = [Level()]
        var output: [UInt8] = []
        var copied = 0
        var isAtStatementStart = true
        var beforeToken = Token.nothing

        init(_ text: UnsafeRawBufferPointer, id: UInt32, mode: SQLMode) {
            self.text = text
            self.id = id
            tokenizer = Tokenizer(text, mode: mode)
        }

        mutating func run() -> [UInt8]? {
            while true {
                let token = tokenizer.next()
                switch token.kind {
                case .unterminated, .ambiguous: return nil
                case .end:
                    endItem()
                    guard copied > 0 else { return nil }
                    output += text[copied...]
                    return output
                default: guard take(token) else { return nil }
                }
                isAtStatementStart = token.kind == .semicolon
                beforeToken = token
            }
        }

        /// False when the text must stay as it is.
        private mutating func take(_ token: Token) -> Bool {
            switch token.kind {
            case .leftParenthesis:
                note(token)
                guard levels.count < depthMaximum else { return false }
                levels.append(Level())
            case .rightParenthesis:
                endItem()
                if levels.count > 1 { levels.removeLast() }
                note(token)
            case .comma where levels[levels.count - 1].isSelectList:
                endItem()
                levels[levels.count - 1].beginItem()
            case .semicolon: leaveSelectList()
            case .word where beforeToken.kind != .dot: return takeWord(token)
            case .quotedIdentifier:
                if isServerView(token) { return false }
                note(token)
            case .systemVariable: takeVariable(token)
            default: note(token)
            }
            return true
        }

        private mutating func takeWord(_ token: Token) -> Bool {
            if isAtStatementStart && definitions.contains(where: { tokenizer.isWord(token, $0) }) { return false }
            if isServerView(token) { return false }
            if tokenizer.isWord(token, "select") {
                leaveSelectList()
                levels[levels.count - 1].isSelectList = true
                levels[levels.count - 1].beginItem()
            } else if tokenizer.isWord(token, "connection_id"), let end = endOfCall() {
                note(token)
                replace(token.start..<end, with: "CAST(\(padded(10)) AS UNSIGNED)")
                levels[levels.count - 1].last.kind = .rightParenthesis
                levels[levels.count - 1].last.end = end
            } else if clauses.contains(where: { tokenizer.isWord(token, $0) }) {
                leaveSelectList()
            } else if levels[levels.count - 1].itemStart == nil,
                modifiers.contains(where: { tokenizer.isWord(token, $0) })
            {
                return true
            } else {
                if tokenizer.isWord(token, "as") { levels[levels.count - 1].hasAlias = true }
                note(token)
            }
            return true
        }

        private mutating func takeVariable(_ token: Token) {
            note(token)
            let name = text[token.start..<token.end].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
            let names: [StaticString] = [
                "@@pseudo_thread_id", "@@session.pseudo_thread_id", "@@local.pseudo_thread_id",
            ]
            guard names.contains(where: { $0.withUTF8Buffer { name.elementsEqual($0) } }) else { return }
            var ahead = tokenizer
            let following = ahead.next()
            // Not where it is assigned.
            guard following.kind != .assignment, !isAtAssignment(following) else { return }
            // Its value may be NULL as far as a client is told, and it is longer.
            replace(token.start..<token.end, with: "NULLIF(CAST(\(padded(21)) AS UNSIGNED),0)")
        }

        private func isAtAssignment(_ following: Token) -> Bool {
            following.isSymbol("=") && levels.count == 1 && !levels[0].isSelectList
        }

        /// Where `()` ends behind the token at hand, moving there; nil, and no move, when it is no call without arguments.
        private mutating func endOfCall() -> Int? {
            var ahead = tokenizer
            guard ahead.next().kind == .leftParenthesis else { return nil }
            let closing = ahead.next()
            guard closing.kind == .rightParenthesis else { return nil }
            tokenizer = ahead
            return closing.end
        }

        private mutating func note(_ token: Token) {
            let top = levels.count - 1
            if levels[top].itemStart == nil { levels[top].itemStart = token.start }
            levels[top].beforeLast = levels[top].last
            levels[top].last = token
        }

        private mutating func replace(_ range: Range<Int>, with new: String) {
            output += text[copied..<range.lowerBound]
            output += new.utf8
            copied = range.upperBound
            for index in levels.indices { levels[index].wasReplaced = true }
        }

        private mutating func leaveSelectList() {
            endItem()
            levels[levels.count - 1].isSelectList = false
            levels[levels.count - 1].beginItem()
        }

        /// A column that was named by its own text keeps that name.
        private mutating func endItem() {
            let level = levels[levels.count - 1]
            guard level.isSelectList, level.wasReplaced, !level.hasAlias, !endsWithAlias(level),
                let start = level.itemStart, level.last.end - start <= nameMaximum
            else { return }
            output += text[copied..<level.last.end]
            output += " AS `".utf8
            for byte in text[start..<level.last.end] {
                if byte == UInt8(ascii: "`") { output.append(byte) }
                output.append(byte)
            }
            output.append(UInt8(ascii: "`"))
            copied = level.last.end
        }

        /// `expression name`, without `AS`.
        private func endsWithAlias(_ level: Level) -> Bool {
            switch level.last.kind {
            case .word where level.last.flags.contains(.reserved): return false
            case .word, .quotedIdentifier, .string: break
            default: return false
            }
            switch level.beforeLast.kind {
            case .rightParenthesis, .number, .string, .quotedIdentifier, .binaryLiteral, .userVariable,
                .systemVariable:
                return true
            case .word: return !level.beforeLast.flags.contains(.reserved)
            default: return false
            }
        }

        private func isServerView(_ token: Token) -> Bool {
            let name = tokenizer.content(token)
            return serverViews.contains { name.utf8.count == $0.utf8.count && name.lowercased() == $0 }
        }

        private func padded(_ width: Int) -> String {
            let digits = String(id)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
    }

    private static let serverViews = ["information_schema", "performance_schema", "sys", "processlist"]
    private static let definitions: [StaticString] = ["create", "alter", "prepare"]
    private static let modifiers: [StaticString] = [
        "distinct", "distinctrow", "all", "straight_join", "high_priority", "sql_no_cache", "sql_cache",
        "sql_calc_found_rows", "sql_small_result", "sql_big_result", "sql_buffer_result",
    ]
    private static let clauses: [StaticString] = [
        "from", "into", "where", "union", "except", "intersect", "limit", "order", "group", "having", "procedure",
        "for", "lock", "on",
    ]
}
