// SET in all its forms.

extension StatementScanner {
    /// Behind `SET`: a form that does not assign variables.
    var isAtNonAssignment: Bool {
        if token.keyword == .password { return true }
        let following = peek()
        if following.isSymbol("=") || following.kind == .assignment { return false }
        switch token.keyword {
        case .role, .resource, .statement, .transaction: return true
        case .default: return following.keyword == .role
        case .global, .session, .local: return following.keyword == .transaction || following.keyword == .authorization
        default: return false
        }
    }

    mutating func parseSet() {
        advance()
        guard isAtNonAssignment else { return parseAssignments() }
        switch token.keyword {
        case .password: judge(.setPassword, .primary, .accountChange, transaction: .implicitCommit)
        case .role: judge(.setRole, .primary, .accountChange, .changesRole)
        case .default: judge(.setDefaultRole, .primary, .accountChange, transaction: .implicitCommit)
        case .statement: parseSetStatement()
        case .transaction: parseSetTransaction(.nextTransaction)
        case .global where peek().keyword == .transaction: parseSetTransaction(.global)
        case .session where peek().keyword == .transaction, .local where peek().keyword == .transaction:
            parseSetTransaction(.session)
        default: judge(.setOther, .primary, .setUntrackedVariable, .setsUntracked)
        }
    }

    private mutating func parseSetTransaction(_ scope: VariableAssignment.Scope) {
        switch scope {
        case .global: judge(.setTransaction, .primary, .setGlobal, .setsGlobal)
        case .session:
            judge(
                .setTransaction, .sessionState, .sessionState, .setsSystemVariable,
                transaction: .setSessionCharacteristics)
            while !isAtStatementEnd {
                // READ ONLY is what a reader's transactions are anyway.
                if tokenizer.isWord(token, "write") { effects.insert(.setsAccessMode) }
                advance()
            }
        default: judge(.setTransaction, .transactionControl, .setNextTransaction, transaction: .setNext)
        }
    }

    /// MariaDB: `SET STATEMENT a = 1, b = 2 FOR <statement>`; the variables return to what they were afterwards.
    private mutating func parseSetStatement() {
        advance()
        var nesting = 0
        var isExpression = false
        var namesProxyVariable = false
        while !isAtStatementEnd {
            if token.kind == .leftParenthesis { nesting += 1 }
            if token.kind == .rightParenthesis { nesting -= 1 }
            if token.keyword == .for, nesting == 0 { break }
            if token.kind == .leftParenthesis || token.kind == .userVariable { isExpression = true }
            if token.kind == .word, isProxyVariable(token.start, token.end) { namesProxyVariable = true }
            advance()
        }
        guard accept(.for) else { return judgeUnknown() }
        forgetPrevious()
        let place = token
        parseStatement()
        guard kind != .unknown else { return }
        kind = .setStatement
        if isExpression { demote(.setExpression, at: place) }
        if namesProxyVariable { effects.insert(.namesProxyVariable) }
    }

    // MARK: Assignments

    private mutating func parseAssignments() {
        judge(.setVariables, .sessionState, .sessionState)
        var reader = AssignmentReader()
        var isFirst = true
        var count = 0
        while let assignment = reader.next(&self) {
            count += 1
            // Those who carry the state do not read on.
            if count == SetStatement.assignmentsMaximum { demoteUntracked(assignment) }
            if isFirst, assignment.target == .names || assignment.target == .characterSet { kind = .setNames }
            isFirst = false
            weigh(assignment)
        }
        guard reader.isBroken || isFirst else { return }
        // MariaDB takes `SET @a = 1, ROLE r`.
        if previous.keyword == .role { effects.insert(.changesRole) }
        judgeUnknown()
    }

    private mutating func weigh(_ assignment: RawAssignment) {
        switch assignment.target {
        case .userVariable:
            effects.insert(.writesUserVariables)
            demote(.setUserVariable, at: assignment.place)
            return
        case .names, .namesCollate: effects.insert([.setsSystemVariable, .changesCharacterSet])
        case .characterSet:
            effects.insert([.setsSystemVariable, .changesCharacterSet])
            // The collation becomes the schema's, which not every server reports: MariaDB 11.8 does not.
            demote(.setCollation, at: assignment.place)
        case .variable: weighVariable(assignment)
        }
        if !assignment.isLiteral {
            effects.insert(.setsUntracked)
            demote(.setExpression, at: assignment.place)
        }
    }

    private mutating func weighVariable(_ assignment: RawAssignment) {
        if isProxyVariable(assignment.nameStart, assignment.nameEnd) {
            effects.insert(.namesProxyVariable)
            return
        }
        if assignment.scope == .global || assignment.scope == .persist {
            effects.insert(.setsGlobal)
            return demote(.setGlobal, at: assignment.place)
        }
        effects.insert(.setsSystemVariable)
        if assignment.isBare {
            effects.insert(.setsBareSystemVariable)
            demote(.setBareVariable, at: assignment.place)
        }
        switch variableClass(assignment.nameStart, assignment.nameEnd) {
        case .ordinary:
            // `SET cache.x`, `SET NEW.x`: not a session variable by itself.
            let bytes = text[assignment.nameStart..<assignment.nameEnd]
            if bytes.contains(UInt8(ascii: ".")) { demoteUntracked(assignment) }
        case .characterSet:
            effects.insert(.changesCharacterSet)
            if assignment.value == .defaultWord { demote(.setCollation, at: assignment.place) }
        case .sqlLogBin:
            effects.insert(.changesSQLLogBin)
            demote(.setUntrackedVariable, at: assignment.place)
        case .autocommit: weighAutocommit(assignment)
        case .transactionCharacteristic:
            transaction = assignment.scope == .nextTransaction ? .setNext : .setSessionCharacteristics
            // Of `…_isolation` and `…_read_only`, the latter.
            if text[assignment.nameEnd - 1] | 0x20 == UInt8(ascii: "y") { effects.insert(.setsAccessMode) }
        case .lastInsertID:
            effects.insert(.writesLastInsertID)
            demoteUntracked(assignment)
        case .writability, .warnings, .untracked, .instance, .connection: demoteUntracked(assignment)
        case .proxy: break
        }
    }

    private mutating func demoteUntracked(_ assignment: RawAssignment) {
        effects.insert(.setsUntracked)
        demote(.setUntrackedVariable, at: assignment.place)
    }

    private mutating func weighAutocommit(_ assignment: RawAssignment) {
        demote(.setAutocommit, at: assignment.place)
        switch assignment.value {
        case .defaultWord:
            // The global value, which is almost always 1.
            transaction = .autocommitOn
            effects.insert(.setsUntracked)
        case .expression: break
        case .literal, .word: weighAutocommitValue(assignment.valueToken)
        }
    }

    private mutating func weighAutocommitValue(_ value: Token) {
        let quotes = value.kind == .string || value.kind == .quotedIdentifier ? 1 : 0
        let start = value.start + quotes
        let end = value.end - quotes
        if isText("1", start, end) || isText("on", start, end) || isText("true", start, end) {
            transaction = .autocommitOn
        } else if isText("0", start, end) || isText("off", start, end) || isText("false", start, end) {
            transaction = .autocommitOff
        } else {
            effects.insert(.setsUntracked)
        }
    }

    /// Whether the bytes at `start..<end` are `expected`, which is in lower case.
    private func isText(_ expected: StaticString, _ start: Int, _ end: Int) -> Bool {
        end - start == expected.utf8CodeUnitCount && hasPrefix(expected, start, end)
    }
}
