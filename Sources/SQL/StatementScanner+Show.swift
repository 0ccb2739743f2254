// SHOW: what every server of the cluster answers alike, and what is the state of one.

extension StatementScanner {
    mutating func parseShow() {
        judge(.show, .primary, .oneServer)
        advance()
        while isAtShowModifier { advance() }
        if !isAtStatementEnd { decide(at: token) }
        switch token.keyword {
        case .warnings, .errors: judgePrevious(.readsWarnings)
        case .count: parseShowCount()
        case .profile, .profiles: judgePrevious([])
        case .tables, .columns, .fields, .index, .indexes, .keys, .databases, .schemas, .collation, .engines,
            .triggers, .privileges, .authors, .contributors, .create, .charset:
            parseSchemaInformation()
        case .table: if peek().keyword == .status { parseSchemaInformation() }
        case .character: if peek().keyword == .set { parseSchemaInformation() }
        case .procedure, .function, .package: parseShowProgram()
        case .variables: parseShowVariables()
        case .processlist: effects.insert(.showsProcesslist)
        case .status: hasTableReference = true
        case .binary, .binlog, .slave, .replica, .master, .relaylog, .events: break
        default: break
        }
    }

    private var isAtShowModifier: Bool {
        switch token.keyword {
        case .full, .extended, .global, .session, .local, .storage: true
        default: false
        }
    }

    private mutating func judgePrevious(_ effects: StatementEffects) {
        judge(.show, .previous, .previousStatement, effects)
    }

    /// `SHOW COUNT(*) WARNINGS`.
    private mutating func parseShowCount() {
        while !isAtStatementEnd {
            if token.keyword == .warnings || token.keyword == .errors { return judgePrevious(.readsWarnings) }
            advance()
        }
    }

    /// `SHOW PROCEDURE STATUS`, `SHOW FUNCTION CODE f`, `SHOW PACKAGE BODY STATUS`.
    private mutating func parseShowProgram() {
        let following = peek()
        guard following.kind == .word else { return }
        parseSchemaInformation()
    }

    private mutating func parseSchemaInformation() {
        judge(.show, .read, .schemaInformation)
        // `SHOW CREATE PROCEDURE p` and `SHOW INDEX …` are full of words that would otherwise be watched; a WHERE
        // clause is all that may hold expressions.
        while !isAtStatementEnd, token.keyword != .where { advance() }
        scanBody()
    }

    /// `SHOW VARIABLES [LIKE 'p' | WHERE …]`: a read unless it may show what tells one server from another.
    private mutating func parseShowVariables() {
        advance()
        if isAtStatementEnd { return demoteVariables() }
        guard token.keyword == .like || token.keyword == .where else { return judgeUnknown() }
        judge(.show, .read, .schemaInformation)
        advance()
        // Of a WHERE clause only `name = 'x'`, `name LIKE 'x'` and `name IN ('x', 'y')`, joined by OR, are understood.
        var hasPattern = false
        while !isAtStatementEnd {
            guard continuesVariableFilter() else { return demoteVariables() }
            if token.kind == .string {
                hasPattern = true
                if hasPrefix("switchyard", token.start + 1, token.end - 1) { effects.insert(.namesProxyVariable) }
                if LikePattern.matchesWritability(text, token) { return demoteVariables() }
            }
            advance()
        }
        if !hasPattern { demoteVariables() }
    }

    /// Whether `token` may follow `previous` in the kind of filter that is understood.
    private func continuesVariableFilter() -> Bool {
        switch token.kind {
        case .string:
            previous.keyword == .like || previous.isSymbol("=") || previous.kind == .comma
                || previous.kind == .leftParenthesis
        case .leftParenthesis: previous.keyword == .in || previous.keyword == .where || previous.keyword == .or
        case .rightParenthesis, .comma: previous.kind == .string
        case .symbol: token.isSymbol("=") && previous.isName
        case .quotedIdentifier: previous.keyword == .where || previous.keyword == .or
        case .word:
            switch token.keyword {
            case .none: previous.keyword == .where || previous.keyword == .or
            case .in, .like: previous.isName
            case .or: previous.kind == .string || previous.kind == .rightParenthesis
            default: false
            }
        default: false
        }
    }

    private mutating func demoteVariables() {
        judge(.show, .primary, .writability, .readsWritability)
    }
}

/// SQL `LIKE` over the few variable names that must be asked of the primary.
enum LikePattern {
    private static let names: [StaticString] = [
        "read_only", "tx_read_only", "transaction_read_only", "super_read_only", "innodb_read_only", "hostname",
        "server_id", "server_uuid", "port",
        "report_host", "gtid_executed", "gtid_current_pos", "gtid_binlog_pos", "gtid_slave_pos", "gtid_purged",
        "rpl_semi_sync_master_enabled", "rpl_semi_sync_source_enabled",
    ]

    /// Whether the string literal at `token`, as a pattern, matches one of the names. Escapes count as wildcards,
    /// which errs to the primary's side.
    static func matchesWritability(_ text: UnsafeRawBufferPointer, _ token: Token) -> Bool {
        let start = token.start + 1
        let end = token.end - 1
        // `N'…'` is not taken apart.
        guard start <= end, text[token.start] == UInt8(ascii: "'") || text[token.start] == UInt8(ascii: "\"") else {
            return true
        }
        return names.contains { name in
            name.withUTF8Buffer { matches($0, text, start, end) }
        }
    }

    /// The usual two-pointer match with one saved position; time is at most name length × pattern length.
    private static func matches(
        _ name: UnsafeBufferPointer<UInt8>, _ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int
    ) -> Bool {
        var inName = 0
        var inPattern = start
        var savedName = 0
        var savedPattern = -1
        while inName < name.count {
            let byte = inPattern < end ? text[inPattern] : 0
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") {
                savedPattern = inPattern
                savedName = inName
                inPattern += 1
            } else if inPattern < end, byte == UInt8(ascii: "_") || folded(byte) == name[inName] {
                inPattern += 1
                inName += 1
            } else if savedPattern >= 0 {
                inPattern = savedPattern + 1
                savedName += 1
                inName = savedName
            } else {
                return false
            }
        }
        while inPattern < end, text[inPattern] == UInt8(ascii: "%") || text[inPattern] == UInt8(ascii: "\\") {
            inPattern += 1
        }
        return inPattern == end
    }

    private static func folded(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
