// The calls of user-lock functions in a statement that consists of nothing else.

/// Reads `SELECT GET_LOCK('a', 1), RELEASE_LOCK('b')` and `DO RELEASE_ALL_LOCKS()`: where each call is made exactly once.
/// Beside them may stand literals and questions about locks.
enum LockCalls {
    /// nil when there is anything else in the statement: a call may then be made never or often.
    static func read(_ scanner: inout StatementScanner) -> [NamedChange]? {
        guard scanner.accept(.select) || scanner.accept(.do) else { return nil }
        var changes: [NamedChange] = []
        while changes.count < NamedChanges.changesMaximum {
            guard skipHarmless(&scanner) || readCall(&scanner, &changes) else { return nil }
            if scanner.accept(.as) {
                guard scanner.token.isName || scanner.token.kind == .string else { return nil }
                scanner.advance()
            } else if scanner.token.kind == .quotedIdentifier
                || (scanner.token.kind == .word && scanner.token.keyword == .none
                    && !scanner.token.flags.contains(.reserved))
            {
                scanner.advance()
            }
            if scanner.isAtStatementEnd { return scanner.token.kind == .unterminated ? nil : changes }
            guard scanner.token.kind == .comma else { return nil }
            scanner.advance()
        }
        return nil
    }

    private static func readCall(_ scanner: inout StatementScanner, _ changes: inout [NamedChange]) -> Bool {
        guard let change = call(&scanner) else { return false }
        changes.append(change)
        return true
    }

    /// Moves behind a literal, or `IS_USED_LOCK('a')` and its like; false, and no move, at anything else.
    private static func skipHarmless(_ scanner: inout StatementScanner) -> Bool {
        let first = scanner.token
        if first.kind == .number || first.kind == .string {
            scanner.advance()
            return true
        }
        guard first.keyword == .isFreeLock || first.keyword == .isUsedLock || first.keyword == .connectionID else {
            return false
        }
        var ahead = scanner
        ahead.advance()
        guard ahead.token.kind == .leftParenthesis else { return false }
        ahead.advance()
        if first.keyword != .connectionID {
            guard ahead.token.kind == .string || ahead.token.kind == .placeholder else { return false }
            ahead.advance()
        }
        guard closes(&ahead) else { return false }
        scanner = ahead
        return true
    }

    private static func call(_ scanner: inout StatementScanner) -> NamedChange? {
        let function = scanner.token.keyword
        guard function == .getLock || function == .releaseLock || function == .releaseAllLocks else { return nil }
        scanner.advance()
        guard scanner.token.kind == .leftParenthesis else { return nil }
        scanner.advance()
        if function == .releaseAllLocks { return closes(&scanner) ? .allLocksReleased : nil }
        let argument = scanner.token
        scanner.advance()
        let name = argument.kind == .string ? lockName(scanner.text, argument) : nil
        guard function == .getLock else {
            guard let name, closes(&scanner) else { return nil }
            return .lockReleased(name)
        }
        guard argument.kind == .string || argument.kind == .placeholder, scanner.token.kind == .comma else {
            return nil
        }
        scanner.advance()
        _ = scanner.acceptSymbol("-")
        guard scanner.token.kind == .number || scanner.token.kind == .placeholder else { return nil }
        scanner.advance()
        return closes(&scanner) ? .lockTaken(name) : nil
    }

    private static func closes(_ scanner: inout StatementScanner) -> Bool {
        guard scanner.token.kind == .rightParenthesis else { return false }
        scanner.advance()
        return true
    }

    /// The name between plain quotes; nil when something in it would have to be decoded. Servers fold letters.
    private static func lockName(_ text: UnsafeRawBufferPointer, _ token: Token) -> [UInt8]? {
        let quote = text[token.start]
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""), token.end - token.start >= 3 else {
            return nil
        }
        let content = text[(token.start + 1)..<(token.end - 1)]
        guard content.allSatisfy({ $0 != quote && $0 != UInt8(ascii: "\\") && $0 < 0x80 }) else { return nil }
        return content.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    }
}
