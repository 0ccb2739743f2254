// The verbs: which statement begins with which word, and what that alone decides.

extension StatementScanner {
    /// Reads one statement; `token` is its first. Leaves `token` somewhere in it or at its end.
    mutating func parseStatement() {
        guard depth < Self.depthMaximum else { return judgeUnknown() }
        depth += 1
        decide(at: token)
        if token.kind == .leftParenthesis { return parseParenthesisedRead() }
        guard token.kind == .word else { return judgeUnknown() }
        switch token.keyword {
        case .select: parseRead(.select)
        case .with: parseRead(.with)
        case .values: parseRead(.values)
        case .table: parseRead(.table)
        case .insert: parseInsert(.insert)
        case .replace: parseInsert(.replace)
        case .update: parseWrite(.update)
        case .delete: parseWrite(.delete)
        case .load: parseLoad()
        case .call: parseCall()
        case .do: parseDo()
        case .set: parseSet()
        case .use: parseUse()
        case .show: parseShow()
        case .explain, .describe, .desc: parseExplain()
        case .analyze: parseAnalyze()
        default: parseOtherStatement()
        }
    }

    private mutating func parseOtherStatement() {
        switch token.keyword {
        case .begin, .start, .commit, .rollback, .savepoint, .release, .xa: parseTransactionControl()
        case .create, .alter, .drop, .rename, .truncate, .grant, .revoke: parseDefinition()
        case .lock, .unlock, .flush, .backup, .reset: parseLockingStatement()
        case .prepare, .execute, .deallocate: parseTextualPrepare()
        case .handler: parseHandler()
        case .get: parseGetDiagnostics()
        default: parseAdministration()
        }
    }

    mutating func judgeUnknown() { judge(.unknown, .primary, .unknownStatement) }

    // MARK: Reads

    mutating func parseRead(_ kind: StatementKind) {
        judge(kind, .read, .pureRead)
        // The verb `VALUES` or `TABLE` is no neighbour of a writing word; the others are not watched.
        advance()
        scanBody()
    }

    /// `(SELECT …) UNION (…)`.
    mutating func parseParenthesisedRead() {
        var kind = StatementKind.unknown
        while token.kind == .leftParenthesis { advance() }
        switch token.keyword {
        case .select: kind = .select
        case .with: kind = .with
        case .values: kind = .values
        case .table: kind = .table
        default: return judgeUnknown()
        }
        parseRead(kind)
    }

    /// Whether `token` begins a statement that may be a read.
    var isAtRead: Bool {
        switch token.keyword {
        case .select, .with, .values, .table: true
        default: token.kind == .leftParenthesis
        }
    }

    // MARK: Writes

    mutating func parseWrite(_ kind: StatementKind) {
        judge(kind, .primary, .write)
        advance()
        scanBody()
    }

    private mutating func parseInsert(_ kind: StatementKind) {
        judge(kind, .primary, .write)
        advance()
        while isAtInsertModifier { advance() }
        _ = accept(.into)
        _ = acceptQualifiedName()
        // The columns in parentheses are no call.
        forgetPrevious()
        scanBody()
    }

    private var isAtInsertModifier: Bool {
        switch token.keyword {
        case .lowPriority, .highPriority, .delayed, .ignore: true
        default: false
        }
    }

    /// `LOAD DATA`, `LOAD XML`, `LOAD INDEX INTO CACHE`.
    private mutating func parseLoad() {
        advance()
        if accept(.index) {
            judge(.cacheIndex, .primary, .administration, transaction: .implicitCommit)
            return
        }
        judge(.load, .primary, .loadData)
        _ = accept(.data) || accept(.xml)
        while token.keyword == .lowPriority || token.keyword == .concurrent { advance() }
        if accept(.local) { effects.insert(.localInfile) }
        let before = effects
        // `INTO TABLE t (a, @b)` assigns @b row by row.
        scanBody(reportsUnknownCalls: false)
        if effects.contains(.readsUserVariables) { effects.insert(.writesUserVariables) }
        if !before.contains(.selectInto) { effects.remove(.selectInto) }
    }

    private mutating func parseCall() {
        judge(.call, .primary, .storedProcedure, .callsUnknownFunction)
        advance()
        _ = acceptQualifiedName()
        forgetPrevious()
        scanBody()
        // An argument may be an OUT parameter.
        if effects.contains(.readsUserVariables) { effects.insert(.writesUserVariables) }
    }

    private mutating func parseDo() {
        judge(.do_, .primary, .evaluatesExpression)
        advance()
        scanBody()
    }

    // MARK: Session

    private mutating func parseUse() {
        advance()
        guard token.isName else { return judgeUnknown() }
        advance()
        guard isAtStatementEnd else { return judgeUnknown() }
        judge(.use, .sessionState, .sessionState, .changesSchema)
    }

    /// `PREPARE p FROM …`, `EXECUTE p`, `EXECUTE IMMEDIATE …`, `DEALLOCATE PREPARE p`.
    private mutating func parseTextualPrepare() {
        let verb = token.keyword
        advance()
        switch verb {
        case .prepare: judge(.prepare, .primary, .preparedText, .preparesText)
        case .deallocate: judge(.deallocate, .primary, .preparedText, .deallocatesText)
        default:
            let kind: StatementKind = token.keyword == .immediate ? .executeImmediate : .execute
            judge(kind, .primary, .executedText, .executesText)
        }
        scanBody()
    }

    private mutating func parseHandler() {
        judge(.handler, .primary, .handler)
        advance()
        _ = acceptQualifiedName()
        if token.keyword == .open { effects.insert(.opensHandler) }
        if token.keyword == .close { effects.insert(.closesHandler) }
        forgetPrevious()
        scanBody(reportsUnknownCalls: false)
    }

    /// `GET [CURRENT | STACKED] DIAGNOSTICS @a = NUMBER, …`.
    private mutating func parseGetDiagnostics() {
        advance()
        if token.keyword != .diagnostics, token.kind == .word { advance() }
        guard token.keyword == .diagnostics else { return judgeUnknown() }
        judge(.getDiagnostics, .previous, .previousStatement, .readsWarnings)
        advance()
        while !isAtStatementEnd {
            if token.kind == .userVariable { effects.insert(.writesUserVariables) }
            advance()
        }
    }
}
