// What a KILL statement asks for. The proxy serves it: the ids in it are the proxy's own.

/// A `KILL` statement of MySQL or MariaDB, read as a whole.
/// https://mariadb.com/kb/en/kill/ https://dev.mysql.com/doc/refman/9.0/en/kill.html
package struct KillStatement: Sendable, Equatable {
    /// Whose statement or connection ends.
    package enum Victim: Sendable, Equatable {
        /// A connection id.
        case connection(UInt64)
        /// `CONNECTION_ID()`.
        case own
        /// `USER name[@host]`.
        case user(name: String, host: String?)
        /// `USER CURRENT_USER`.
        case ownUser
        /// `QUERY ID n`.
        case statement(UInt64)
    }

    /// What the text is.
    package enum Reading: Sendable, Equatable {
        case kill(KillStatement)
        /// An expression that only a server can evaluate, or more than one statement.
        case expression
        /// No server of this dialect takes it: its own words say what is wrong.
        case syntaxError
    }

    /// Whether only the running statement ends.
    package var isQueryOnly: Bool
    package var victim: Victim

    /// A statement by its parts.
    package init(isQueryOnly: Bool, victim: Victim) {
        self.isQueryOnly = isQueryOnly
        self.victim = victim
    }

    /// Reads a text that the classifier found to kill.
    package static func read(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> Reading {
        var tokenizer = Tokenizer(text, mode: mode)
        var token = tokenizer.next()
        while token.kind == .semicolon { token = tokenizer.next() }
        guard tokenizer.isWord(token, "kill") else { return .expression }
        token = tokenizer.next()
        let isMariaDB = mode.dialect == .mariaDB
        if tokenizer.isWord(token, "hard") || tokenizer.isWord(token, "soft") {
            guard isMariaDB else { return .syntaxError }
            token = tokenizer.next()
        }
        var isQueryOnly = false
        if tokenizer.isWord(token, "connection") {
            token = tokenizer.next()
        } else if tokenizer.isWord(token, "query") {
            isQueryOnly = true
            token = tokenizer.next()
        }
        if tokenizer.isWord(token, "user"), !isFollowedByParenthesis(tokenizer) {
            return isMariaDB ? readUser(&tokenizer, isQueryOnly) : .syntaxError
        }
        if isQueryOnly, tokenizer.isWord(token, "id") {
            guard isMariaDB else { return .syntaxError }
            token = tokenizer.next()
            guard let number = number(token, tokenizer), tokenizer.isAtEnd(tokenizer.next()) else {
                return .expression
            }
            return .kill(KillStatement(isQueryOnly: true, victim: .statement(number)))
        }
        return readConnection(&tokenizer, token, isQueryOnly)
    }

    private static func readConnection(
        _ tokenizer: inout Tokenizer, _ token: Token, _ isQueryOnly: Bool
    ) -> Reading {
        if tokenizer.isAtEnd(token) { return .syntaxError }
        if tokenizer.isWord(token, "connection_id") {
            guard tokenizer.next().kind == .leftParenthesis, tokenizer.next().kind == .rightParenthesis,
                tokenizer.isAtEnd(tokenizer.next())
            else { return .expression }
            return .kill(KillStatement(isQueryOnly: isQueryOnly, victim: .own))
        }
        guard let number = number(token, tokenizer), tokenizer.isAtEnd(tokenizer.next()) else { return .expression }
        return .kill(KillStatement(isQueryOnly: isQueryOnly, victim: .connection(number)))
    }

    private static func readUser(_ tokenizer: inout Tokenizer, _ isQueryOnly: Bool) -> Reading {
        let name = tokenizer.next()
        if tokenizer.isWord(name, "current_user") {
            var token = tokenizer.next()
            if token.kind == .leftParenthesis {
                guard tokenizer.next().kind == .rightParenthesis else { return .syntaxError }
                token = tokenizer.next()
            }
            guard tokenizer.isAtEnd(token) else { return .syntaxError }
            return .kill(KillStatement(isQueryOnly: isQueryOnly, victim: .ownUser))
        }
        guard name.isName || name.kind == .string else { return .syntaxError }
        var host: String?
        var token = tokenizer.next()
        // `@host` is read like a user variable.
        if token.kind == .userVariable {
            let inner = UnsafeRawBufferPointer(rebasing: tokenizer.text[(token.start + 1)..<token.end])
            var part = Tokenizer(inner, mode: tokenizer.mode)
            host = part.content(part.next())
            token = tokenizer.next()
        } else if token.isSymbol("@") {
            host = tokenizer.content(tokenizer.next())
            token = tokenizer.next()
        }
        guard tokenizer.isAtEnd(token) else { return .expression }
        return .kill(
            KillStatement(isQueryOnly: isQueryOnly, victim: .user(name: tokenizer.content(name), host: host)))
    }

    private static func isFollowedByParenthesis(_ tokenizer: Tokenizer) -> Bool {
        var ahead = tokenizer
        return ahead.next().kind == .leftParenthesis
    }

    /// A whole number; what is too large is cut, as no connection has such an id.
    private static func number(_ token: Token, _ tokenizer: Tokenizer) -> UInt64? {
        guard token.kind == .number else { return nil }
        var value: UInt64 = 0
        for byte in tokenizer.text[token.start..<token.end] {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if overflows || carries { return UInt64(Int64.max) }
            value = sum
        }
        return value
    }
}

/// `SHOW [FULL] PROCESSLIST`, which the proxy answers with its own clients.
package enum ProcesslistStatement {
    /// Whether it is `FULL`; nil when the text is anything else.
    package static func isFull(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> Bool? {
        var tokenizer = Tokenizer(text, mode: mode)
        var token = tokenizer.next()
        while token.kind == .semicolon { token = tokenizer.next() }
        guard tokenizer.isWord(token, "show") else { return nil }
        token = tokenizer.next()
        let isFull = tokenizer.isWord(token, "full")
        if isFull { token = tokenizer.next() }
        guard tokenizer.isWord(token, "processlist"), tokenizer.isAtEnd(tokenizer.next()) else { return nil }
        return isFull
    }
}
