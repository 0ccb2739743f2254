// Gathers the word lists into the entries of the lexicon; runs once per process.

struct LexiconBuilder {
    /// Entry 0 stands for unknown words.
    private(set) var entries = [LexiconEntry(spelling: FoldedWord())]
    private var indices: [[UInt8]: Int] = [:]

    mutating func addEverything() {
        for keyword in Keyword.allCases where keyword != .none {
            change(Array(keyword.rawValue.utf8)) { $0.keyword = keyword }
        }
        add(ReservedWords.both, [.reserved, .capitals])
        add(ReservedWords.mySQL, .reservedInMySQL)
        add(ReservedWords.types, .reserved)
        add(ReservedWords.writing, [.writing, .watched])
        add(ReservedWords.instanceTables, [.instanceTable, .watched])
        add(ReservedWords.commonlyNamedInstanceTables, .instanceTable)
        add(ReservedWords.digestCapitals, .capitals)
        for group in BuiltInFunctions.pure { add(group, .function) }
        for group in BuiltInFunctions.special { add(group, [.function, .specialFunction]) }
        add(BuiltInFunctions.adjacentOnly, .adjacentOnly)
        add(BuiltInFunctions.adjacentOnlyMariaDB, .adjacentOnlyMariaDB)
        add(BuiltInFunctions.byArguments, .byArguments)
        for (variable, names) in VariableClass.names {
            for name in Self.words(names) { change(name) { $0.variable = variable } }
        }
        add("into for procedure sql_calc_found_rows nextval currval", .watched)
    }

    private mutating func add(_ names: StaticString, _ flags: WordFlags) {
        for name in Self.words(names) { change(name) { $0.flags.formUnion(flags) } }
    }

    private mutating func add(_ group: FunctionGroup, _ flags: WordFlags) {
        for name in Self.words(group.names) {
            change(name) { entry in
                entry.flags.formUnion(flags)
                entry.mariaDB = min(entry.mariaDB, group.mariaDB)
                entry.mySQL = min(entry.mySQL, group.mySQL)
            }
        }
    }

    private mutating func change(_ name: [UInt8], _ body: (inout LexiconEntry) -> Void) {
        if let index = indices[name] { return body(&entries[index]) }
        let spelling = name.withUnsafeBytes { FoldedWord($0, 0, $0.count) }
        guard let spelling else { preconditionFailure("a known word is empty or longer than 32 bytes") }
        var entry = LexiconEntry(spelling: spelling)
        body(&entry)
        indices[name] = entries.count
        entries.append(entry)
    }

    private static func words(_ names: StaticString) -> [[UInt8]] {
        names.withUTF8Buffer { buffer in
            buffer.split { $0 == 0x20 || $0 == 0x0A }.map { Array($0) }
        }
    }
}
