// The user variables that a statement may assign, for those who carry their values.

/// A user variable after a statement that may have assigned it.
package struct UserVariableChange: Sendable, Equatable {
    /// In lower case: letter case does not matter.
    package let name: [UInt8]
    /// The number that was assigned, as written; nil when only the server knows the value.
    package let number: [UInt8]?
    /// The string that was assigned, if it is of ASCII and so of the same bytes in whatever character set; nil for another
    /// value. Which set and collation it has, only the server knows.
    package let text: [UInt8]?

    /// A change by its parts.
    package init(name: [UInt8], number: [UInt8]? = nil, text: [UInt8]? = nil) {
        self.name = name
        self.number = number
        self.text = text
    }
}

/// Reads the names of user variables.
package enum UserVariableNames {
    /// Variables of one text at most.
    package static let variablesMaximum = 64
    /// Bytes of a name, as servers have it.
    static let nameBytes = 64
    /// Bytes of a literal whose content is told.
    static let textBytes = 16 * 1_024

    /// The variables that a text with these traits may have changed, in order; nil when it may have changed others. A
    /// variable that is only read counts too, unless the text is a `SET` of literals: asking once more does no harm.
    package static func changes(
        _ text: UnsafeRawBufferPointer, _ traits: StatementTraits, mode: SQLMode
    ) -> [UserVariableChange]? {
        if traits.kind == .setVariables, traits.statementCount == 1, let literals = literals(text, mode) {
            return literals
        }
        var tokenizer = Tokenizer(text, mode: mode)
        var changes: [UserVariableChange] = []
        while true {
            let token = tokenizer.next()
            switch token.kind {
            case .end: return changes.isEmpty ? nil : changes
            case .unterminated, .ambiguous: return nil
            case .userVariable:
                guard let name = name(text, token), changes.count < variablesMaximum else { return nil }
                if !changes.contains(where: { $0.name == name }) { changes.append(UserVariableChange(name: name)) }
            default: break
            }
        }
    }

    /// The assignments of a `SET` that has nothing but literals; nil for any other.
    private static func literals(_ text: UnsafeRawBufferPointer, _ mode: SQLMode) -> [UserVariableChange]? {
        let assignments = SetStatement.assignments(text, mode: mode)
        guard !assignments.isEmpty, assignments.count <= variablesMaximum, assignments.allSatisfy(\.isLiteral) else {
            return nil
        }
        var changes: [UserVariableChange] = []
        for assignment in assignments where assignment.scope == .user {
            guard isPlain(assignment.name) else { return nil }
            let value = text[assignment.value]
            changes.append(
                UserVariableChange(name: assignment.name, number: number(value), text: content(value, mode)))
        }
        return changes
    }

    /// What a string literal of ASCII means.
    private static func content(_ value: UnsafeRawBufferPointer.SubSequence, _ mode: SQLMode) -> [UInt8]? {
        guard value.count <= textBytes, value.allSatisfy({ $0 < 0x80 }) else { return nil }
        var tokenizer = Tokenizer(UnsafeRawBufferPointer(rebasing: value), mode: mode)
        let token = tokenizer.next()
        guard tokenizer.next().kind == .end else { return nil }
        return NamedStatement.plainLiteral(token, tokenizer)
    }

    /// A number whose text means the same wherever it stands.
    private static func number(_ value: UnsafeRawBufferPointer.SubSequence) -> [UInt8]? {
        let digits = value.first == UInt8(ascii: "-") ? value.dropFirst() : value
        guard let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first), digits.count <= 40,
            digits.allSatisfy({ $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Array(value)
    }

    /// The name in lower case; nil when servers might take it for another one (accents, spaces at its end).
    static func name(_ text: UnsafeRawBufferPointer, _ token: Token) -> [UInt8]? {
        let following = token.start + 1 < token.end ? text[token.start + 1] : 0
        let isQuoted =
            following == UInt8(ascii: "`") || following == UInt8(ascii: "'") || following == UInt8(ascii: "\"")
        let start = token.start + (isQuoted ? 2 : 1)
        let end = token.end - (isQuoted ? 1 : 0)
        guard start < end else { return nil }
        let name = text[start..<end].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        return isPlain(name) ? name : nil
    }

    private static func isPlain(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.count <= nameBytes
            && name.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "."), UInt8(ascii: "$"):
                    true
                default: false
                }
            }
    }
}
