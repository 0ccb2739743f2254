// Definitions and accounts: CREATE, ALTER, DROP, RENAME, TRUNCATE, GRANT, REVOKE.

extension StatementScanner {
    mutating func parseDefinition() {
        let verb = token.keyword
        advance()
        switch verb {
        case .create: parseCreate()
        case .alter: parseAlter()
        case .drop: parseDrop()
        case .rename: judgeDefinition(.rename)
        case .truncate: judgeDefinition(.truncate)
        case .grant: judgeDefinition(.grant)
        default: judgeDefinition(.revoke)
        }
    }

    private mutating func judgeDefinition(_ kind: StatementKind, _ effects: StatementEffects = []) {
        judge(kind, .primary, .definition, effects, transaction: .implicitCommit)
    }

    private mutating func parseCreate() {
        judgeDefinition(.create)
        if accept(.or) { _ = accept(.replace) }
        if accept(.temporary) {
            judge(.create, .primary, .temporaryTable, .createsTemporaryTable)
        }
        if token.keyword == .table {
            // `CREATE TABLE … SELECT` may read and write user variables and take locks.
            return scanBody(reportsUnknownCalls: false)
        }
        // `DEFINER = u@h` and `AGGREGATE` may stand before the word that tells.
        var wordsLeft = Self.wordsBeforeObjectMaximum
        while !isAtStatementEnd, wordsLeft > 0 {
            if isStoredProgram { return skipToTextEnd() }
            switch token.keyword {
            case .view, .index, .user, .role, .database, .schema, .server: return
            default: advance()
            }
            wordsLeft -= 1
        }
    }

    /// Tokens to look through for `PROCEDURE` and its like: `OR REPLACE DEFINER = CURRENT_USER() SQL SECURITY …`.
    private static let wordsBeforeObjectMaximum = 24

    /// Whether `token` names an object whose body may hold semicolons.
    private var isStoredProgram: Bool {
        switch token.keyword {
        case .procedure, .function, .trigger, .event, .package: true
        default: false
        }
    }

    private mutating func parseAlter() {
        judgeDefinition(.alter)
        var wordsLeft = Self.wordsBeforeObjectMaximum
        while !isAtStatementEnd, wordsLeft > 0 {
            if token.keyword == .event { return skipToTextEnd() }
            if token.keyword == .table { return }
            advance()
            wordsLeft -= 1
        }
    }

    private mutating func parseDrop() {
        if token.keyword == .prepare {
            return judge(.deallocate, .primary, .preparedText, .deallocatesText)
        }
        if accept(.temporary) {
            return judge(.drop, .primary, .temporaryTable, [.dropsTemporaryTable, .dropsTable])
        }
        judgeDefinition(.drop, token.keyword == .table || token.keyword == .tables ? .dropsTable : [])
    }
}
