// EXPLAIN, DESCRIBE and ANALYZE: table descriptions, plans, and statements that are executed to be analysed.

extension StatementScanner {
    /// `EXPLAIN | DESCRIBE | DESC`, a table or a statement.
    mutating func parseExplain() {
        let verb = token
        advance()
        while true {
            switch token.keyword {
            case .extended, .partitions, .analyze: advance()
            case .format: skipFormat()
            case .into: return parseExplainInto(verb)
            case .for where peek().keyword == .connection:
                return judge(.explain, .primary, .oneServer)
            case .for: skipSchema()
            default: return parseExplained(verb)
            }
        }
    }

    /// `FORMAT = JSON`.
    private mutating func skipFormat() {
        advance()
        if acceptSymbol("=") { advance() }
    }

    /// MySQL: `EXPLAIN FOR SCHEMA s SELECT …`.
    private mutating func skipSchema() {
        advance()
        guard token.keyword == .schema || token.keyword == .database else { return }
        advance()
        if token.isName { advance() }
    }

    /// MySQL: `EXPLAIN FORMAT = JSON INTO @v SELECT …`.
    private mutating func parseExplainInto(_ verb: Token) {
        let place = token
        advance()
        if token.kind == .userVariable { advance() }
        parseExplained(verb)
        effects.insert(.writesUserVariables)
        demote(.selectInto, at: place)
    }

    private mutating func parseExplained(_ verb: Token) {
        if isAtRead {
            parseStatement()
            kind = .explain
            transaction = .none
            return
        }
        switch token.keyword {
        case .insert, .replace, .update, .delete:
            judge(.explain, .primary, .explainsWrite)
            decide(at: token)
        default:
            guard acceptQualifiedName() else { return judgeUnknown() }
            judge(.describe, .read, .schemaInformation)
            decide(at: verb)
        }
    }

    /// `ANALYZE TABLE t`, MariaDB's `ANALYZE [FORMAT = JSON] <statement>`.
    mutating func parseAnalyze() {
        advance()
        if token.keyword == .format { skipFormat() }
        if token.keyword == .table || token.keyword == .local || token.keyword == .tables || !isAtAnalyzable {
            return judge(.analyze, .primary, .administration, transaction: .implicitCommit)
        }
        if isAtRead {
            parseStatement()
        } else {
            judge(.analyze, .primary, .explainsWrite)
            decide(at: token)
            forgetPrevious()
            advance()
            // The parts of the statement that read or leave something in the session count as if it stood alone.
            if token.keyword == .into { advance() }
            if acceptQualifiedName() { forgetPrevious() }
            scanBody()
        }
        kind = .analyze
    }

    private var isAtAnalyzable: Bool {
        switch token.keyword {
        case .insert, .replace, .update, .delete: true
        default: isAtRead
        }
    }
}
