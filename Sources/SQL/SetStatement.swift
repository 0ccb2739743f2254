// The assignments of a SET statement, one by one, for those who carry session state.

/// One assignment of a `SET` statement.
package struct VariableAssignment: Sendable, Equatable {
    /// What the assignment reaches.
    package enum Scope: UInt8, Sendable {
        /// `SET x`, `SET SESSION x`, `SET LOCAL x`, `SET @@x`, `SET @@session.x`, `SET NAMES`, `SET CHARACTER SET`.
        case session
        case global
        /// `PERSIST` and `PERSIST_ONLY`.
        case persist
        /// `SET @@transaction_isolation` and its like: for the next transaction only.
        case nextTransaction
        /// `SET @x`.
        case user
    }

    /// What the assignment reaches, stated or by default.
    package var scope: Scope
    /// The form `@@x` without a scope, which MariaDB's session tracker does not report.
    package var isBare: Bool
    /// The variable's name in lower case, without `@`, `@@`, scope and quotes. `SET NAMES` is `names`, its `COLLATE`
    /// part `names collate`, `SET CHARACTER SET` is `character set`.
    package var name: [UInt8]
    /// Where the value stands in the text, without surrounding space.
    package var value: Range<Int>
    /// A literal, a plain word (`ON`, `utf8mb4`, `DEFAULT`) or a signed number: no server is needed to know it.
    package var isLiteral: Bool
}

/// Reads `SET` statements that assign variables.
package enum SetStatement {
    /// Assignments in a text at most; what follows is not returned.
    package static let assignmentsMaximum = 256

    /// The assignments of the `SET` statement with which `text` begins, in order; none if it is no such statement
    /// or not one that assigns variables. May allocate.
    package static func assignments(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> [VariableAssignment] {
        var scanner = StatementScanner(text, mode: mode)
        scanner.advance()
        guard scanner.skipEmptyStatements() else { return [] }
        scanner.beginStatement()
        guard scanner.accept(.set), !scanner.isAtNonAssignment else { return [] }
        var reader = AssignmentReader()
        var assignments: [VariableAssignment] = []
        while assignments.count < assignmentsMaximum, let found = reader.next(&scanner) {
            assignments.append(found.assignment(in: text))
        }
        return reader.isBroken ? [] : assignments
    }
}

/// An assignment by places in the text.
struct RawAssignment {
    enum Target {
        case variable, userVariable, names, namesCollate, characterSet
    }

    enum Value {
        /// A string, number, or other literal.
        case literal
        /// A word other than `DEFAULT`.
        case word
        case defaultWord
        case expression
    }

    var target: Target
    var scope = VariableAssignment.Scope.session
    var isBare = false
    /// Place of the name without quotes.
    var nameStart = 0
    var nameEnd = 0
    var valueStart = 0
    var valueEnd = 0
    var value = Value.expression
    /// The value's only token, if it has one.
    var valueToken = Token.nothing
    /// The first token of the assignment.
    var place: Token

    var isLiteral: Bool { value != .expression }

    func assignment(in text: UnsafeRawBufferPointer) -> VariableAssignment {
        let name: [UInt8] =
            switch target {
            case .names: Array("names".utf8)
            case .namesCollate: Array("names collate".utf8)
            case .characterSet: Array("character set".utf8)
            case .variable, .userVariable:
                text[nameStart..<nameEnd].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
            }
        return VariableAssignment(
            scope: scope, isBare: isBare, name: name, value: valueStart..<valueEnd, isLiteral: isLiteral)
    }
}

/// Reads assignment after assignment from a scanner that stands behind `SET`.
struct AssignmentReader {
    /// `SET GLOBAL a = 1, b = 2`: the scope stays for names that have none.
    private var stickyScope = VariableAssignment.Scope.session
    /// What follows is not an assignment.
    private(set) var isBroken = false
    private var isFirst = true
    /// `SET NAMES` has been read, a `COLLATE` may follow.
    private var mayCollate = false

    /// The next assignment; nil at the end or if the rest is not understood (`isBroken`). Effects of the value's
    /// expression are added to the scanner's.
    mutating func next(_ scanner: inout StatementScanner) -> RawAssignment? {
        if mayCollate, scanner.token.keyword == .collate {
            mayCollate = false
            var collate = RawAssignment(target: .namesCollate, place: scanner.token)
            scanner.advance()
            readValue(&collate, &scanner)
            return collate
        }
        mayCollate = false
        if scanner.isAtStatementEnd { return nil }
        if !isFirst {
            guard scanner.token.kind == .comma else { return broken() }
            scanner.advance()
        }
        isFirst = false
        guard var assignment = readTarget(&scanner) else { return broken() }
        if assignment.target == .variable || assignment.target == .userVariable {
            guard scanner.acceptSymbol("=") || acceptAssignment(&scanner) else { return broken() }
        }
        readValue(&assignment, &scanner)
        mayCollate = assignment.target == .names
        return assignment
    }

    private mutating func broken() -> RawAssignment? {
        isBroken = true
        return nil
    }

    private func acceptAssignment(_ scanner: inout StatementScanner) -> Bool {
        guard scanner.token.kind == .assignment else { return false }
        scanner.advance()
        return true
    }

    private mutating func readTarget(_ scanner: inout StatementScanner) -> RawAssignment? {
        let place = scanner.token
        switch place.kind {
        case .userVariable: return userVariable(&scanner)
        case .systemVariable: return systemVariable(&scanner)
        case .word, .quotedIdentifier: break
        default: return nil
        }
        let isNamed = scanner.peek().isSymbol("=") || scanner.peek().kind == .assignment
        if !isNamed {
            switch place.keyword {
            case .names:
                scanner.advance()
                return RawAssignment(target: .names, place: place)
            case .charset:
                scanner.advance()
                return RawAssignment(target: .characterSet, place: place)
            case .character, .char:
                scanner.advance()
                guard scanner.accept(.set) else { return nil }
                return RawAssignment(target: .characterSet, place: place)
            case .global: stickyScope = .global
            case .session, .local: stickyScope = .session
            case .persist, .persistOnly: stickyScope = .persist
            default: return plainVariable(&scanner, place)
            }
            scanner.advance()
        }
        return plainVariable(&scanner, place)
    }

    /// `x` or `cache.x`.
    private func plainVariable(_ scanner: inout StatementScanner, _ place: Token) -> RawAssignment? {
        let first = scanner.token
        guard first.isName else { return nil }
        scanner.advance()
        var last = first
        while scanner.token.kind == .dot {
            scanner.advance()
            guard scanner.token.isName else { return nil }
            last = scanner.token
            scanner.advance()
        }
        var assignment = RawAssignment(target: .variable, scope: stickyScope, place: place)
        let isQuoted = first == last && first.kind == .quotedIdentifier
        assignment.nameStart = first.start + (isQuoted ? 1 : 0)
        assignment.nameEnd = last.end - (isQuoted ? 1 : 0)
        return assignment
    }

    private func userVariable(_ scanner: inout StatementScanner) -> RawAssignment {
        let token = scanner.token
        scanner.advance()
        var assignment = RawAssignment(target: .userVariable, scope: .user, place: token)
        let following = token.start + 1 < token.end ? scanner.text[token.start + 1] : 0
        let isQuoted =
            following == UInt8(ascii: "`") || following == UInt8(ascii: "'") || following == UInt8(ascii: "\"")
        assignment.nameStart = token.start + (isQuoted ? 2 : 1)
        assignment.nameEnd = token.end - (isQuoted ? 1 : 0)
        return assignment
    }

    private func systemVariable(_ scanner: inout StatementScanner) -> RawAssignment? {
        let token = scanner.token
        guard let name = scanner.lastNameOfSystemVariable(token) else { return nil }
        var assignment = RawAssignment(target: .variable, place: token)
        assignment.nameStart = name.start
        assignment.nameEnd = name.end
        let first = token.start + 2
        if scanner.hasPrefix("global.", first, token.end) {
            assignment.scope = .global
        } else if scanner.hasPrefix("persist", first, token.end), name.start > first {
            assignment.scope = .persist
        } else if !scanner.hasPrefix("session.", first, token.end), !scanner.hasPrefix("local.", first, token.end) {
            assignment.isBare = true
            let isCharacteristic =
                scanner.variableClass(name.start, name.end) == .transactionCharacteristic
            if isCharacteristic { assignment.scope = .nextTransaction }
        }
        scanner.advance()
        return assignment
    }

    // MARK: Values

    private func readValue(_ assignment: inout RawAssignment, _ scanner: inout StatementScanner) {
        assignment.valueStart = scanner.token.start
        assignment.valueEnd = scanner.token.start
        if scanner.token.isSymbol("-") || scanner.token.isSymbol("+") {
            scanner.advance()
            if scanner.token.kind == .number { assignment.value = .literal }
        } else {
            assignment.value = kindOfValue(scanner)
            // `_utf8mb4'x'`: the introducer belongs to the literal.
            if assignment.value == .word, scanner.text[scanner.token.start] == UInt8(ascii: "_"),
                scanner.peek().kind == .string
            {
                scanner.advance()
                assignment.value = .literal
            }
        }
        guard assignment.value != .expression else {
            return readExpression(&assignment, &scanner)
        }
        assignment.valueToken = scanner.token
        assignment.valueEnd = scanner.token.end
        scanner.advance()
        let collates = assignment.target == .names && scanner.token.keyword == .collate
        if !scanner.isAtStatementEnd, scanner.token.kind != .comma, !collates {
            assignment.value = .expression
            readExpression(&assignment, &scanner)
        }
    }

    private func kindOfValue(_ scanner: StatementScanner) -> RawAssignment.Value {
        let token = scanner.token
        switch token.kind {
        case .string, .number, .binaryLiteral: return .literal
        case .word:
            if token.keyword == .default { return .defaultWord }
            return token.flags.contains(.reserved) && !Self.isValueWord(token.keyword) ? .expression : .word
        case .quotedIdentifier: return .word
        default: return .expression
        }
    }

    /// Reserved words that stand for a value.
    private static func isValueWord(_ keyword: Keyword) -> Bool {
        switch keyword {
        case .on, .true, .false, .null, .binary, .all: true
        default: false
        }
    }

    /// Moves to the comma that ends the expression and notes what it uses.
    private func readExpression(_ assignment: inout RawAssignment, _ scanner: inout StatementScanner) {
        scanner.scanExpression()
        assignment.valueEnd = max(assignment.valueStart, scanner.previous.end)
    }
}
