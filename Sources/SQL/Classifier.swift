// The entry of the classifier: joins the traits of the statements in a text.

/// Decides from SQL text alone where it may run and what it does to the session.
///
/// What is not provably a pure read gets `.primary`. One pass over the bytes, no allocation.
package enum Classifier {
    /// The traits of `text`, one or several statements as a client sent them.
    package static func classify(_ text: UnsafeRawBufferPointer, mode: SQLMode) -> StatementTraits {
        var scanner = StatementScanner(text, mode: mode)
        scanner.advance()
        var result: StatementTraits?
        while scanner.skipEmptyStatements() {
            scanner.beginStatement()
            scanner.parseStatement()
            scanner.skipToStatementEnd()
            let traits = scanner.finishStatement()
            result = result.map { join($0, traits) } ?? traits
        }
        guard var traits = result else {
            return StatementTraits(kind: .empty, access: .read, statementCount: 0, reason: .emptyStatement)
        }
        traits.hintOffset = scanner.tokenizer.hintOffset
        traits.hintLength = scanner.tokenizer.hintLength
        if mode.ambiguousCharacterSet, traits.access != .primary, text.contains(where: { $0 >= 0x80 }) {
            traits.access = .primary
            traits.reason = .ambiguousBytes
        }
        return traits
    }

    /// The traits of two statements of one text: always for the primary, with the effects of both.
    private static func join(_ first: StatementTraits, _ second: StatementTraits) -> StatementTraits {
        var joined = first
        joined.access = .primary
        joined.effects.formUnion(effectsBehind(first, second))
        joined.effects.insert(.multiStatement)
        joined.changesTablesLater = first.changesTablesLater || second.kind.changesTables
        joined.hasUnknownStatement = first.hasUnknownStatement || second.kind == .unknown
        joined.mentionsTables = first.mentionsTables || second.mentionsTables
        if second.transaction != .none { joined.transaction = second.transaction }
        if first.statementCount < UInt16.max { joined.statementCount = first.statementCount + 1 }
        if first.statementCount == 1 {
            joined.reason = .multipleStatements
            joined.decidingOffset = second.decidingOffset
            joined.decidingLength = second.decidingLength
        }
        if second.effects.contains(.unterminated) {
            joined.reason = .unterminated
            joined.kind = .unknown
        }
        return joined
    }

    /// The effects of a statement that stands behind others in its text. Where it asks about the one before it, and that
    /// is one of these, it does not ask about what the session ran before this text.
    private static func effectsBehind(_ first: StatementTraits, _ second: StatementTraits) -> StatementEffects {
        var effects = second.effects
        effects.remove(.readsRowCount)
        if first.mentionsTables { effects.remove(.readsWarnings) }
        if givesRows(first) { effects.remove(.readsFoundRows) }
        return effects
    }

    /// Whether FOUND_ROWS() counts rows of these statements from then on. When in doubt it does not.
    private static func givesRows(_ traits: StatementTraits) -> Bool {
        switch traits.kind {
        case .select, .values, .table: !traits.effects.contains(.selectInto)
        default: traits.effects.contains(.calculatesFoundRows)
        }
    }
}
