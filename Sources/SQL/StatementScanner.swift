// The state of one pass over a text: the current token, the two before it, and what is known of the statement.

/// Reads one statement after the other and gathers its traits. The methods that know the grammar are in extensions,
/// one file per family of statements; each begins with `token` at the first token of what it reads.
struct StatementScanner {
    let text: UnsafeRawBufferPointer
    let mode: SQLMode
    let lexicon: Lexicon
    var tokenizer: Tokenizer
    /// The token to be looked at next.
    var token = Token.nothing
    /// The token before `token`; `.nothing` at the start of an expression context.
    var previous = Token.nothing
    var beforePrevious = Token.nothing

    var kind = StatementKind.unknown
    private(set) var access = StatementAccess.read
    var transaction = TransactionEffect.none
    var effects: StatementEffects = []
    /// `FROM` something that is not `DUAL` was seen.
    var hasTableReference = false
    private(set) var reason = ClassificationReason.unknownStatement
    private var deciding = Token.nothing
    private var ambiguous: Token?
    /// How deep statements stand in statements (`SET STATEMENT … FOR`, `ANALYZE`, `EXPLAIN`).
    var depth = 0
    static let depthMaximum = 4

    init(_ text: UnsafeRawBufferPointer, mode: SQLMode) {
        self.text = text
        self.mode = mode
        tokenizer = Tokenizer(text, mode: mode)
        lexicon = tokenizer.lexicon
    }

    // MARK: Moving

    @inline(__always)
    mutating func advance() {
        beforePrevious = previous
        previous = token
        token = tokenizer.next()
        // Rare kinds are noted here, so that no grammar has to think of them.
        if token.kind.rawValue >= Token.Kind.unterminated.rawValue { noteUnusual() }
    }

    private mutating func noteUnusual() {
        if token.kind == .unterminated { effects.insert(.unterminated) }
        if token.kind == .ambiguous, ambiguous == nil { ambiguous = token }
    }

    /// The token after `token`, without moving.
    func peek() -> Token {
        var ahead = tokenizer
        return ahead.next()
    }

    @inline(__always)
    var isAtStatementEnd: Bool {
        token.kind == .end || token.kind == .semicolon || token.kind == .unterminated
    }

    /// Moves on if `token` is this unquoted word.
    mutating func accept(_ keyword: Keyword) -> Bool {
        guard token.keyword == keyword else { return false }
        advance()
        return true
    }

    mutating func acceptSymbol(_ character: Unicode.Scalar) -> Bool {
        guard token.isSymbol(character) else { return false }
        advance()
        return true
    }

    /// Moves behind `name` or `name.name`; false, and no move, if there is no name.
    mutating func acceptQualifiedName() -> Bool {
        guard token.isName || token.kind == .ambiguous else { return false }
        advance()
        while token.kind == .dot {
            advance()
            if token.isName { advance() }
        }
        return true
    }

    /// What comes now is no continuation of an expression, so a name before `(` is not a call.
    mutating func forgetPrevious() {
        previous = .nothing
        beforePrevious = .nothing
    }

    // MARK: Statements

    /// Moves to the first token of the next statement; false at the end of the text.
    mutating func skipEmptyStatements() -> Bool {
        while token.kind == .semicolon { advance() }
        // A text that is nothing but an open comment is still a statement: an unknown one.
        if token.kind == .unterminated { return true }
        return token.kind != .end
    }

    mutating func beginStatement() {
        kind = .unknown
        access = .read
        transaction = .none
        hasTableReference = false
        effects = token.kind == .unterminated ? .unterminated : []
        reason = .unknownStatement
        deciding = token
        ambiguous = token.kind == .ambiguous ? token : nil
        depth = 0
        forgetPrevious()
    }

    mutating func skipToStatementEnd() {
        while !isAtStatementEnd { advance() }
    }

    /// Everything up to the end of the text belongs to this statement: bodies of stored programs hold semicolons.
    mutating func skipToTextEnd() {
        while token.kind != .end, token.kind != .unterminated { advance() }
    }

    mutating func finishStatement() -> StatementTraits {
        if effects.contains(.unterminated) {
            kind = .unknown
            access = .primary
            transaction = .none
            reason = .unterminated
            // Nothing can follow; leave no token that would begin another statement.
            if token.kind == .unterminated {
                deciding = token
                token.kind = .end
            }
        } else if let ambiguous, access != .primary {
            access = .primary
            reason = .ambiguousBytes
            deciding = ambiguous
        }
        var traits = StatementTraits(
            kind: kind, access: access, transaction: transaction, effects: effects, reason: reason,
            decidingOffset: UInt32(clamping: deciding.start),
            decidingLength: UInt32(clamping: deciding.end - deciding.start))
        traits.mentionsTables = hasTableReference || kindMentionsTables
        return traits
    }

    /// What the verb alone says of tables; what may run anything counts as if it named one.
    private var kindMentionsTables: Bool {
        switch kind {
        case .insert, .replace, .update, .delete, .load, .table, .handler, .call, .truncate, .create, .alter, .drop,
            .rename, .lockTables, .analyze, .optimize, .check, .repair, .checksum, .cacheIndex, .describe, .execute,
            .executeImmediate, .beginNotAtomic, .unknown:
            true
        case .show: reason == .schemaInformation || reason == .writability
        default: false
        }
    }

    // MARK: Judging

    /// The statement's kind and access as its verb gives them. The scan of the body may then only demote it.
    mutating func judge(
        _ kind: StatementKind, _ access: StatementAccess, _ reason: ClassificationReason,
        _ effects: StatementEffects = [], transaction: TransactionEffect = .none
    ) {
        self.kind = kind
        self.access = access
        self.reason = reason
        self.effects.formUnion(effects)
        self.transaction = transaction
    }

    /// Something at `place` keeps the statement from running anywhere but where `access` says. The first such
    /// thing gives the reason; the primary outweighs the rest.
    mutating func demote(_ reason: ClassificationReason, at place: Token, to access: StatementAccess = .primary) {
        let isWorse = access == .primary ? self.access != .primary : self.access == .read
        guard isWorse else { return }
        self.access = access
        self.reason = reason
        deciding = place
    }

    /// The verb alone does not decide: what `place` is, does.
    mutating func decide(at place: Token) { deciding = place }
}
