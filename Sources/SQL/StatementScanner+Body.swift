// The scan of a statement's expressions: calls, variables, locking clauses, and where they may run.

extension StatementScanner {
    /// Looks at every token up to the end of the statement. `token` is the first one; what was `previous` counts
    /// as its neighbour.
    ///
    /// - Parameter reportsUnknownCalls: false where `name (` is not a call, as in definitions.
    mutating func scanBody(reportsUnknownCalls: Bool = true) {
        while !isAtStatementEnd {
            examineToken(reportsUnknownCalls)
            advance()
        }
    }

    /// Looks at every token up to the comma outside parentheses, or the end of the statement.
    mutating func scanExpression() {
        var nesting = 0
        while !isAtStatementEnd {
            if token.kind == .comma, nesting == 0 { return }
            if token.kind == .leftParenthesis { nesting += 1 }
            if token.kind == .rightParenthesis { nesting -= 1 }
            examineToken(true)
            advance()
        }
    }

    /// What stands behind `FROM`: a table, a subquery, `DUAL`, or the value in `EXTRACT(YEAR FROM '2020-01-01')`.
    private mutating func examineSource() {
        switch token.kind {
        case .string, .number, .binaryLiteral, .userVariable, .systemVariable, .placeholder: break
        default: if !tokenizer.isWord(token, "dual") { hasTableReference = true }
        }
    }

    @inline(__always)
    private mutating func examineToken(_ reportsUnknownCalls: Bool) {
        if previous.keyword == .from { examineSource() }
        switch token.kind {
        case .word:
            if token.flags.contains(.watched) { examineWord() }
        case .leftParenthesis:
            if previous.isName { examineCall(reportsUnknownCalls) }
        case .userVariable: examineUserVariable()
        case .systemVariable: examineSystemVariable()
        case .placeholder: effects.insert(.readsPlaceholders)
        case .dot: if previous.isName { examineSchema() }
        default: break
        }
    }

    // MARK: Words

    private mutating func examineWord() {
        if previous.kind == .dot {
            // Behind a dot every word is a name, but in ORACLE mode `s.nextval` advances a sequence.
            if token.keyword == .nextval || token.keyword == .currval {
                if token.keyword == .currval { effects.insert(.readsLastSequenceValue) }
                useSequence(token)
            }
            return
        }
        switch token.keyword {
        case .into: examineInto()
        case .for: examineFor()
        case .lock where peek().keyword == .in:
            effects.insert(.lockingRead)
            demote(.lockingRead, at: token)
        case .procedure: demote(.procedureAnalyse, at: token)
        case .sqlCalcFoundRows: effects.insert(.calculatesFoundRows)
        case .insert, .replace:
            if peek().kind != .leftParenthesis { demote(.writeInsideRead, at: token) }
        default:
            if token.flags.contains(.instanceTable), isTablePosition { demote(.oneServer, at: token) }
            if token.flags.contains(.writing) { demote(.writeInsideRead, at: token) }
        }
    }

    /// Whether `token`, a name, may stand for a table.
    private var isTablePosition: Bool {
        previous.keyword == .from || previous.keyword == .join || previous.keyword == .straightJoin
            || previous.kind == .comma || previous.kind == .leftParenthesis || previous.keyword == .table
    }

    private mutating func useSequence(_ place: Token) {
        effects.insert(.usesSequence)
        demote(.sequence, at: place)
    }

    /// `FOR UPDATE`, `FOR SHARE`, and the sequence functions `NEXT VALUE FOR s`, `PREVIOUS VALUE FOR s`.
    private mutating func examineFor() {
        if previous.keyword == .value, beforePrevious.keyword == .next || beforePrevious.keyword == .previous {
            if beforePrevious.keyword == .previous { effects.insert(.readsLastSequenceValue) }
            return useSequence(token)
        }
        let following = peek().keyword
        if following == .update || following == .share {
            effects.insert(.lockingRead)
            demote(.lockingRead, at: token)
        }
    }

    /// `INTO @a, @b`, `INTO OUTFILE …`, `INTO DUMPFILE …`. Leaves `token` on the last token it took.
    private mutating func examineInto() {
        effects.insert(.selectInto)
        demote(.selectInto, at: token)
        var target = peek()
        while target.kind == .userVariable {
            effects.insert(.writesUserVariables)
            advance()
            guard peek().kind == .comma else { return }
            var ahead = tokenizer
            _ = ahead.next()
            target = ahead.next()
            if target.kind == .userVariable { advance() }
        }
    }

    // MARK: Variables

    private mutating func examineUserVariable() {
        if peekIsAssignment() {
            effects.insert(.writesUserVariables)
            demote(.userVariableWrite, at: token)
        } else {
            effects.insert(.readsUserVariables)
        }
    }

    /// Cheaper than `peek()` for the common case: without a `:` there is no assignment.
    private func peekIsAssignment() -> Bool { peek().kind == .assignment }

    private mutating func examineSystemVariable() {
        guard let name = lastNameOfSystemVariable(token) else { return demote(.unknownStatement, at: token) }
        switch variableClass(name.start, name.end) {
        case .writability:
            effects.insert(.readsWritability)
            demote(.writability, at: token)
        case .lastInsertID:
            effects.insert(.readsLastInsertID)
            demote(.lastInsertID, at: token)
        case .warnings:
            effects.insert(.readsWarnings)
            demote(.previousStatement, at: token, to: .previous)
        case .untracked, .instance, .sqlLogBin: demote(.oneServer, at: token)
        case .connection: effects.insert(.readsConnectionID)
        case .proxy: effects.insert(.namesProxyVariable)
        case .transactionCharacteristic where text[name.end - 1] | 0x20 == UInt8(ascii: "y"):
            // `tx_read_only`, `transaction_read_only`: a reader's transactions are read-only whatever the session's are.
            effects.insert(.readsWritability)
            demote(.writability, at: token)
        case .ordinary, .characterSet, .autocommit, .transactionCharacteristic: break
        }
        // `@@global . x`: the name that counts stands further on.
        if peek().kind == .dot { demote(.unknownStatement, at: token) }
    }

    /// The place of the last part of `@@scope.name`, without quotes; nil if it is empty or not plain.
    func lastNameOfSystemVariable(_ variable: Token) -> (start: Int, end: Int)? {
        var end = variable.end
        var start = end
        if end > variable.start, text[end - 1] == UInt8(ascii: "`") {
            end -= 1
            start = end
            while start > variable.start, text[start - 1] != UInt8(ascii: "`") { start -= 1 }
        } else {
            while start > variable.start, text[start - 1] != UInt8(ascii: "."), text[start - 1] != UInt8(ascii: "@") {
                start -= 1
            }
        }
        return start < end ? (start, end) : nil
    }

    /// What the system variable whose name stands at `start..<end` means to the proxy.
    func variableClass(_ start: Int, _ end: Int) -> VariableClass {
        let entry = lexicon.find(text, start, end)
        if entry != 0, lexicon[entry].variable != .ordinary { return lexicon[entry].variable }
        if isProxyVariable(start, end) { return .proxy }
        if hasPrefix("gtid_", start, end) || hasPrefix("rpl_", start, end) || hasPrefix("pseudo_", start, end)
            || hasPrefix("session_track_", start, end) || hasPrefix("wsrep_last_", start, end)
        {
            return hasPrefix("session_track_", start, end) ? .untracked : .instance
        }
        return .ordinary
    }

    /// Whether the name at `start..<end` is that of a variable of Switchyard's own.
    func isProxyVariable(_ start: Int, _ end: Int) -> Bool { hasPrefix("switchyard_", start, end) }

    /// Whether the bytes at `start..<end` begin with `prefix`, which is in lower case; letter case does not matter.
    func hasPrefix(_ prefix: StaticString, _ start: Int, _ end: Int) -> Bool {
        let length = prefix.utf8CodeUnitCount
        guard end - start >= length else { return false }
        for index in 0..<length {
            let byte = text[start + index]
            let folded = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if folded != prefix.utf8Start[index] { return false }
        }
        return true
    }

    // MARK: Schemas

    /// At the dot of `schema.table`: schemas whose tables are the state of one server.
    private mutating func examineSchema() {
        guard beforePrevious.kind != .dot else { return }
        switch previous.kind == .word ? previous.keyword : keywordInQuotes(previous) {
        case .performanceSchema, .sys, .mysql: demote(.oneServer, at: previous)
        case .informationSchema:
            let table = peek()
            let entry =
                table.kind == .quotedIdentifier ? lexicon.find(text, table.start + 1, table.end - 1) : table.entry
            if lexicon[entry].flags.contains(.instanceTable) { demote(.oneServer, at: table) }
        default: break
        }
    }

    /// The known word between the quotes of a quoted identifier.
    private func keywordInQuotes(_ name: Token) -> Keyword {
        lexicon[lexicon.find(text, name.start + 1, name.end - 1)].keyword
    }
}
