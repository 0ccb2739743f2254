// Statements about Switchyard's own variables, read as a whole: what is asked for, or set.

/// A statement of which the classifier says that it names a variable of Switchyard's own. No server knows those, so what
/// names anything else besides is no statement at all.
package enum ProxyVariableStatement {
    /// A variable among the columns of a SELECT.
    package struct Column: Sendable, Equatable {
        /// In lower case.
        package let name: String
        /// Its alias, or the text as it stands there.
        package let heading: String
    }

    /// What a variable is set to.
    package enum Value: Sendable, Equatable {
        /// A string or a plain word.
        case text(String)
        /// A whole number.
        case number(Int64)
        /// `DEFAULT`.
        case standard
        /// `NULL`.
        case null
        /// What only a server could work out, or a number that is not whole.
        case other
    }

    /// `name = value`.
    package struct Assignment: Sendable, Equatable {
        /// In lower case.
        package let name: String
        package let value: Value

        /// An assignment by its parts.
        package init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// What the text is.
    package enum Reading: Sendable, Equatable {
        case select([Column])
        case assign([Assignment])
        /// `SHOW VARIABLES` with a pattern as of LIKE, or without wildcards.
        case show(ProxyVariablePattern, isGlobal: Bool)
        /// `@@GLOBAL.x` is asked for: there is no such value.
        case asksGlobal(String)
        /// `SET GLOBAL x`, `SET PERSIST x`.
        case setsGlobal(String)
        /// It names other variables, tables or expressions too, or is more than one statement.
        case mixture
    }

    /// Columns and assignments of a statement at most.
    package static let itemsMaximum = 64

    /// Reads a text of one statement.
    package static func read(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> Reading {
        var scanner = StatementScanner(text, mode: mode)
        scanner.advance()
        guard scanner.skipEmptyStatements() else { return .mixture }
        scanner.beginStatement()
        switch scanner.token.keyword {
        case .select: return readSelect(&scanner)
        case .set: return readSet(&scanner)
        case .show: return readShow(&scanner)
        default: return .mixture
        }
    }

    private static func isAtTextEnd(_ scanner: inout StatementScanner) -> Bool {
        while scanner.token.kind == .semicolon { scanner.advance() }
        return scanner.token.kind == .end
    }

    /// The name of the variable at a token `@@x`, in lower case; nil for a server's.
    private static func name(_ token: Token, _ scanner: StatementScanner) -> String? {
        guard token.kind == .systemVariable, let place = scanner.lastNameOfSystemVariable(token) else { return nil }
        return name(place.start, place.end, scanner)
    }

    private static func name(_ start: Int, _ end: Int, _ scanner: StatementScanner) -> String? {
        guard scanner.isProxyVariable(start, end) else { return nil }
        return String(decoding: scanner.text[start..<end].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    // MARK: SELECT

    private static func readSelect(_ scanner: inout StatementScanner) -> Reading {
        var columns: [Column] = []
        var global: String?
        repeat {
            scanner.advance()
            let variable = scanner.token
            guard let name = name(variable, scanner), columns.count < itemsMaximum else { return .mixture }
            if scanner.hasPrefix("global.", variable.start + 2, variable.end) { global = global ?? name }
            scanner.advance()
            guard let heading = heading(of: variable, &scanner) else { return .mixture }
            columns.append(Column(name: name, heading: heading))
        } while scanner.token.kind == .comma
        // Shells put it behind whatever they ask for.
        if scanner.tokenizer.isWord(scanner.token, "limit") {
            scanner.advance()
            guard case .number(let rows) = number(scanner.token, isNegative: false, scanner), rows > 0 else {
                return .mixture
            }
            scanner.advance()
        }
        guard isAtTextEnd(&scanner) else { return .mixture }
        return global.map { .asksGlobal($0) } ?? .select(columns)
    }

    /// `AS alias`, `alias` or nothing; nil for what is none of that.
    private static func heading(of variable: Token, _ scanner: inout StatementScanner) -> String? {
        let isNamed = scanner.tokenizer.isWord(scanner.token, "as")
        if isNamed { scanner.advance() }
        let token = scanner.token
        let isAlias =
            token.kind == .string || token.kind == .quotedIdentifier
            || token.kind == .word && !token.flags.contains(.reserved) && !scanner.tokenizer.isWord(token, "limit")
        guard isAlias else {
            return isNamed
                ? nil : String(decoding: scanner.text[variable.start..<variable.end], as: UTF8.self)
        }
        scanner.advance()
        return scanner.tokenizer.content(token)
    }

    // MARK: SET

    private static func readSet(_ scanner: inout StatementScanner) -> Reading {
        scanner.advance()
        guard !scanner.isAtNonAssignment else { return .mixture }
        var reader = AssignmentReader()
        var assignments: [Assignment] = []
        var global: String?
        while let raw = reader.next(&scanner) {
            guard raw.target == .variable, assignments.count < itemsMaximum,
                let name = name(raw.nameStart, raw.nameEnd, scanner)
            else { return .mixture }
            if raw.scope != .session { global = global ?? name }
            assignments.append(Assignment(name: name, value: value(of: raw, scanner)))
        }
        guard !reader.isBroken, !assignments.isEmpty, isAtTextEnd(&scanner) else { return .mixture }
        return global.map { .setsGlobal($0) } ?? .assign(assignments)
    }

    private static func value(of assignment: RawAssignment, _ scanner: StatementScanner) -> Value {
        let token = assignment.valueToken
        switch assignment.value {
        case .defaultWord: return .standard
        case .expression: return .other
        case .word:
            return scanner.tokenizer.isWord(token, "null") ? .null : .text(scanner.tokenizer.content(token))
        case .literal where token.kind == .string: return .text(scanner.tokenizer.content(token))
        case .literal:
            let isNegative = scanner.text[assignment.valueStart] == UInt8(ascii: "-")
            return number(token, isNegative: isNegative, scanner)
        }
    }

    private static func number(_ token: Token, isNegative: Bool, _ scanner: StatementScanner) -> Value {
        guard token.kind == .number,
            let number = Int64(
                (isNegative ? "-" : "") + String(decoding: scanner.text[token.start..<token.end], as: UTF8.self))
        else { return .other }
        return .number(number)
    }

    // MARK: SHOW

    /// `SHOW [SESSION | LOCAL | GLOBAL] VARIABLES LIKE 'x'`, or `WHERE Variable_name = 'x'`.
    private static func readShow(_ scanner: inout StatementScanner) -> Reading {
        scanner.advance()
        let isGlobal = scanner.token.keyword == .global
        if isGlobal || scanner.token.keyword == .session || scanner.token.keyword == .local { scanner.advance() }
        guard scanner.accept(.variables) else { return .mixture }
        var isPattern = true
        if scanner.accept(.where) {
            let isName =
                scanner.tokenizer.isWord(scanner.token, "variable_name")
                || scanner.token.kind == .quotedIdentifier
                    && scanner.tokenizer.content(scanner.token).lowercased() == "variable_name"
            guard isName else { return .mixture }
            scanner.advance()
            isPattern = !scanner.acceptSymbol("=")
        }
        guard !isPattern || scanner.accept(.like), scanner.token.kind == .string else { return .mixture }
        let content = scanner.patternContent(scanner.token)
        scanner.advance()
        guard isAtTextEnd(&scanner) else { return .mixture }
        return .show(ProxyVariablePattern(content, hasWildcards: isPattern), isGlobal: isGlobal)
    }
}

extension StatementScanner {
    /// Between the quotes, with the backslashes that a pattern needs.
    fileprivate func patternContent(_ token: Token) -> String {
        guard token.end - token.start >= 2 else { return "" }
        return String(decoding: text[(token.start + 1)..<(token.end - 1)], as: UTF8.self)
    }
}

/// What `SHOW VARIABLES` compares names with.
package struct ProxyVariablePattern: Sendable, Equatable {
    private let pattern: [UInt8]
    private let hasWildcards: Bool

    /// - Parameter hasWildcards: `%` and `_` stand for others, and a backslash takes that from them.
    package init(_ pattern: String, hasWildcards: Bool) {
        self.pattern = Array(pattern.lowercased().utf8)
        self.hasWildcards = hasWildcards
    }

    /// Whether a name, in lower case, is meant.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        guard hasWildcards else { return name == pattern }
        var inName = 0
        var inPattern = 0
        var savedName = 0
        var savedPattern: Int?
        while inName < name.count {
            let isEscaped = isEscape(inPattern)
            let place = isEscaped ? inPattern + 1 : inPattern
            let byte = place < pattern.count ? pattern[place] : 0
            if byte == UInt8(ascii: "%"), !isEscaped {
                savedPattern = place + 1
                savedName = inName
                inPattern = place + 1
            } else if place < pattern.count, byte == name[inName] || byte == UInt8(ascii: "_") && !isEscaped {
                inPattern = place + 1
                inName += 1
            } else if let saved = savedPattern {
                inPattern = saved
                savedName += 1
                inName = savedName
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "%") }
    }

    private func isEscape(_ index: Int) -> Bool {
        index + 1 < pattern.count && pattern[index] == UInt8(ascii: "\\")
    }
}
