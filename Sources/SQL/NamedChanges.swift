// Reads the names that a statement creates and removes, for those who keep account of them.

/// Reads a text whose traits say that it does something to named things. What is not certain is told in the safe
/// direction: a thing without a name may be there, and nothing is gone.
package enum NamedChanges {
    /// Changes read from one text at most; with more, nothing that goes is told.
    package static let changesMaximum = 256

    /// The changes of a text with these traits. May allocate.
    package static func read(
        _ text: UnsafeRawBufferPointer, _ traits: StatementTraits, mode: SQLMode
    ) -> [NamedChange] {
        let changes = traits.statementCount == 1 ? exact(text, traits, mode) : nil
        return changes ?? nameless(traits)
    }

    /// What is there afterwards without a name that anybody knows.
    private static func nameless(_ traits: StatementTraits) -> [NamedChange] {
        var changes: [NamedChange] = []
        if traits.effects.contains(.createsTemporaryTable) { changes.append(.temporaryTableCreated(nil)) }
        if traits.effects.contains(.opensHandler) { changes.append(.handlerOpened(nil)) }
        if traits.effects.contains(.acquiresUserLock) { changes.append(.lockTaken(nil)) }
        if traits.effects.contains(.changesSQLLogBin) { changes.append(.binaryLogSwitched(on: false)) }
        if traits.kind == .xa { changes.append(.distributedTransactionBegan) }
        return changes
    }

    /// nil when the text is not one of those that are understood.
    private static func exact(
        _ text: UnsafeRawBufferPointer, _ traits: StatementTraits, _ mode: SQLMode
    ) -> [NamedChange]? {
        var scanner = StatementScanner(text, mode: mode)
        scanner.advance()
        guard scanner.skipEmptyStatements() else { return nil }
        scanner.beginStatement()
        let locks: StatementEffects = [.acquiresUserLock, .releasesUserLock]
        guard traits.effects.isDisjoint(with: locks) else { return LockCalls.read(&scanner) }
        switch traits.kind {
        case .create: return created(&scanner)
        case .drop: return dropped(&scanner)
        case .alter: return altered(&scanner)
        case .rename: return renamed(&scanner)
        case .handler: return handler(&scanner)
        case .xa: return distributed(&scanner)
        case .setVariables: return binaryLog(text, mode)
        default: return nil
        }
    }

    // MARK: Tables

    private static func created(_ scanner: inout StatementScanner) -> [NamedChange]? {
        guard scanner.accept(.create) else { return nil }
        if scanner.accept(.or) { _ = scanner.accept(.replace) }
        guard scanner.accept(.temporary) else { return [] }
        guard scanner.accept(.table) || scanner.accept(.sequence) else { return nil }
        TableNames.skipExistence(&scanner)
        return TableNames.name(&scanner).map { [.temporaryTableCreated($0)] }
    }

    private static func dropped(_ scanner: inout StatementScanner) -> [NamedChange] {
        guard scanner.accept(.drop) else { return [] }
        _ = scanner.accept(.temporary)
        guard scanner.accept(.table) || scanner.accept(.tables) || scanner.accept(.sequence) else { return [] }
        TableNames.skipExistence(&scanner)
        var names: [TableName] = []
        while names.count < changesMaximum, let name = TableNames.name(&scanner) {
            names.append(name)
            guard scanner.token.kind == .comma else { break }
            scanner.advance()
        }
        return [.tablesDropped(names)]
    }

    private static func altered(_ scanner: inout StatementScanner) -> [NamedChange] {
        guard scanner.accept(.alter) else { return [] }
        while scanner.token.keyword != .table, !scanner.isAtStatementEnd { scanner.advance() }
        guard scanner.accept(.table) else { return [] }
        TableNames.skipExistence(&scanner)
        guard let name = TableNames.name(&scanner) else { return [] }
        while !scanner.isAtStatementEnd {
            guard scanner.accept(.rename) else {
                scanner.advance()
                continue
            }
            // Of a part of the table.
            if isWord(scanner, "column") || isWord(scanner, "index") || isWord(scanner, "key") { continue }
            _ = scanner.accept(.to) || scanner.accept(.as) || scanner.acceptSymbol("=")
            return [.tableAltered(from: name, to: TableNames.name(&scanner))]
        }
        return []
    }

    /// Whether `token` is this word, given in lower case.
    private static func isWord(_ scanner: StatementScanner, _ word: StaticString) -> Bool {
        let token = scanner.token
        return token.kind == .word && token.end - token.start == word.utf8CodeUnitCount
            && scanner.hasPrefix(word, token.start, token.end)
    }

    private static func renamed(_ scanner: inout StatementScanner) -> [NamedChange] {
        guard scanner.accept(.rename), scanner.accept(.table) || scanner.accept(.tables) else { return [] }
        TableNames.skipExistence(&scanner)
        var changes: [NamedChange] = []
        while changes.count < changesMaximum, let from = TableNames.name(&scanner) {
            // `WAIT 5`, `NOWAIT`.
            while scanner.token.keyword != .to, !scanner.isAtStatementEnd { scanner.advance() }
            guard scanner.accept(.to), let to = TableNames.name(&scanner) else { break }
            changes.append(.tableRenamed(from: from, to: to))
            guard scanner.token.kind == .comma else { break }
            scanner.advance()
        }
        return changes
    }

    // MARK: The rest

    /// `HANDLER s.t OPEN [[AS] name]`, `HANDLER name CLOSE`. Without an alias the table's name alone is the handler's.
    private static func handler(_ scanner: inout StatementScanner) -> [NamedChange]? {
        guard scanner.accept(.handler), var name = TableNames.part(&scanner) else { return nil }
        while scanner.token.kind == .dot {
            scanner.advance()
            guard let next = TableNames.part(&scanner) else { return nil }
            name = next
        }
        if scanner.accept(.close) { return [.handlerClosed(name)] }
        guard scanner.accept(.open) else { return [] }
        let isNamed = scanner.accept(.as) || !scanner.isAtStatementEnd
        guard isNamed else { return [.handlerOpened(name)] }
        return [.handlerOpened(TableNames.part(&scanner))]
    }

    private static func distributed(_ scanner: inout StatementScanner) -> [NamedChange]? {
        guard scanner.accept(.xa) else { return nil }
        switch scanner.token.keyword {
        case .commit, .rollback: return [.distributedTransactionEnded]
        case .start, .begin: return [.distributedTransactionBegan]
        default: return isWord(scanner, "recover") ? [.distributedTransactionsListed] : []
        }
    }

    private static func binaryLog(_ text: UnsafeRawBufferPointer, _ mode: SQLMode) -> [NamedChange]? {
        let assignments = SetStatement.assignments(text, mode: mode).filter {
            $0.name.elementsEqual("sql_log_bin".utf8)
        }
        guard let last = assignments.last else { return nil }
        let value = text[last.value].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        let isOn = last.isLiteral && ["1", "on", "true", "'on'", "\"on\""].contains { value.elementsEqual($0.utf8) }
        return [.binaryLogSwitched(on: isOn)]
    }
}
