// Calls in expressions: which are built-in and harmless, which have an effect, which are unknown.

extension StatementScanner {
    /// At a `(` that follows a name.
    mutating func examineCall(_ reportsUnknownCalls: Bool) {
        let name = previous
        if name.kind == .word, beforePrevious.kind != .dot {
            if name.flags.contains(.function), isBuiltIn(name), !isCallByOtherArguments(name) {
                if name.flags.contains(.specialFunction) { examineSpecialFunction(name) }
                return
            }
            if name.flags.contains(.reserved), !name.flags.contains(.function) { return }
            if name.flags.contains(.reservedInMySQL), mode.dialect == .mySQL { return }
        }
        guard reportsUnknownCalls, !isSyntax(name) else { return }
        effects.insert(.callsUnknownFunction)
        demote(.unknownFunction, at: name)
    }

    /// Whether `name (` calls the built-in function of that name on the server at hand.
    private func isBuiltIn(_ name: Token) -> Bool {
        let entry = lexicon[name.entry]
        let since = mode.dialect == .mariaDB ? entry.mariaDB : entry.mySQL
        guard mode.serverVersion >= since else { return false }
        guard name.end != token.start, !mode.ignoreSpace else { return true }
        if name.flags.contains(.adjacentOnly) { return false }
        return !(name.flags.contains(.adjacentOnlyMariaDB) && mode.dialect == .mariaDB)
    }

    /// Whether MariaDB would look for a stored function because the arguments are not those of the built-in.
    private func isCallByOtherArguments(_ name: Token) -> Bool {
        guard name.flags.contains(.byArguments), mode.dialect == .mariaDB else { return false }
        var ahead = tokenizer
        var nesting = 1
        var commas = 0
        var last = token
        for _ in 0..<Self.argumentTokensMaximum {
            let next = ahead.next()
            switch next.kind {
            case .leftParenthesis:
                // `'$' COLUMNS (` cannot stand among the arguments of a stored function.
                if name.keyword == .jsonTable, nesting == 1, last.keyword == .columns { return false }
                nesting += 1
            case .rightParenthesis: nesting -= 1
            case .comma where nesting == 1: commas += 1
            case .end, .unterminated, .semicolon: return true
            default: break
            }
            if nesting == 0 {
                switch name.keyword {
                case .jsonTable: return true
                case .point: return commas != 1
                default: return last.kind == .leftParenthesis
                }
            }
            last = next
        }
        return true
    }

    /// Tokens to look ahead over the arguments of a call; a longer call counts as unknown.
    private static let argumentTokensMaximum = 256

    /// Whether the `(` after `name` belongs to something that is not a call.
    private func isSyntax(_ name: Token) -> Bool {
        // A type (`CAST(x AS DATETIME(6))`) or the columns of an alias (`AS t (a, b)`): no expression begins here.
        if beforePrevious.keyword == .as || beforePrevious.keyword == .procedure { return true }
        // `) t (a, b)`, `) AGAINST (…)`: no expression begins right behind one.
        if beforePrevious.kind == .rightParenthesis { return true }
        switch name.keyword {
        case .of: return beforePrevious.keyword == .member
        // `JSON_TABLE(x, '$' COLUMNS (…))`.
        case .columns: return beforePrevious.kind == .string
        case .any, .some:
            let following = peek()
            return following.keyword == .select || following.keyword == .values || following.keyword == .with
                || following.keyword == .table || following.kind == .leftParenthesis
        default: return isHeadOfCommonTable()
        }
    }

    /// `name (a, b) AS (`: the head of a common table expression. A call is not followed by `AS (`.
    private func isHeadOfCommonTable() -> Bool {
        guard beforePrevious.keyword == .with || beforePrevious.keyword == .recursive || beforePrevious.kind == .comma
        else { return false }
        var ahead = tokenizer
        while true {
            guard ahead.next().isName else { return false }
            switch ahead.next().kind {
            case .comma: continue
            case .rightParenthesis: return ahead.next().keyword == .as && ahead.next().kind == .leftParenthesis
            default: return false
            }
        }
    }

    private mutating func examineSpecialFunction(_ name: Token) {
        switch name.keyword {
        case .getLock: lock(.acquiresUserLock, name)
        case .releaseLock, .releaseAllLocks: lock(.releasesUserLock, name)
        case .isFreeLock, .isUsedLock: lock(.checksUserLock, name)
        case .lastInsertID:
            let reads = peek().kind == .rightParenthesis
            effects.insert(reads ? .readsLastInsertID : .writesLastInsertID)
            demote(reads ? .lastInsertID : .lastInsertIDWrite, at: name)
        case .foundRows:
            effects.insert(.readsFoundRows)
            demote(.previousStatement, at: name, to: .previous)
        case .rowCount:
            effects.insert(.readsRowCount)
            demote(.previousStatement, at: name, to: .previous)
        case .nextval, .lastval, .setval:
            effects.insert(.usesSequence)
            if name.keyword == .lastval { effects.insert(.readsLastSequenceValue) }
            demote(.sequence, at: name)
        case .masterPosWait, .sourcePosWait, .masterGTIDWait, .waitForExecutedGTIDSet, .wsrepSyncWaitUpto:
            demote(.replicationWait, at: name)
        case .loadFile: demote(.serverFile, at: name)
        case .connectionID: effects.insert(.readsConnectionID)
        default: demote(.oneServer, at: name)
        }
    }

    private mutating func lock(_ effect: StatementEffects, _ name: Token) {
        effects.insert(effect)
        demote(.userLock, at: name)
    }
}
