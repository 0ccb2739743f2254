// What a statement does to its session, in words.
internal import SQL

extension StatementEffects {
    private static let named: [(effect: StatementEffects, name: String)] = [
        (.readsUserVariables, "reads user variables"), (.writesUserVariables, "writes user variables"),
        (.createsTemporaryTable, "creates a temporary table"), (.dropsTemporaryTable, "drops a temporary table"),
        (.dropsTable, "drops a table"), (.readsLastInsertID, "reads LAST_INSERT_ID"),
        (.writesLastInsertID, "sets LAST_INSERT_ID"), (.readsFoundRows, "reads FOUND_ROWS"),
        (.calculatesFoundRows, "calculates FOUND_ROWS"), (.readsRowCount, "reads ROW_COUNT"),
        (.readsWarnings, "reads warnings"), (.acquiresUserLock, "takes a user lock"),
        (.releasesUserLock, "releases a user lock"), (.checksUserLock, "checks a user lock"),
        (.locksTables, "locks tables"), (.unlocksTables, "unlocks tables"),
        (.flushesWithReadLock, "takes the global read lock"), (.opensHandler, "opens a HANDLER"),
        (.closesHandler, "closes a HANDLER"), (.preparesText, "prepares a statement by name"),
        (.executesText, "executes a statement by name"), (.deallocatesText, "deallocates a statement by name"),
        (.setsSystemVariable, "sets a session variable"),
        (.setsBareSystemVariable, "sets a session variable without a scope"), (.setsGlobal, "sets a global variable"),
        (.setsUntracked, "changes state that no server reports"), (.changesSchema, "changes the default schema"),
        (.changesCharacterSet, "changes the character set"), (.changesSQLLogBin, "changes sql_log_bin"),
        (.multiStatement, "several statements"), (.lockingRead, "locks the rows it reads"),
        (.selectInto, "selects into variables or a file"), (.readsWritability, "asks about the server"),
        (.callsUnknownFunction, "calls a stored or unknown function"), (.usesSequence, "uses a sequence"),
        (.readsPlaceholders, "has placeholders"), (.changesRole, "changes the role"), (.kills, "kills a connection"),
        (.showsProcesslist, "shows the process list"), (.readsConnectionID, "reads the connection id"),
        (.unterminated, "ends inside a string, quoted name or comment"), (.localInfile, "reads a file of the client"),
        (.savepoint, "handles a savepoint"), (.namesProxyVariable, "names a variable of Switchyard's own"),
        (.setsAccessMode, "may let transactions write"), (.readsLastSequenceValue, "reads LASTVAL"),
    ]

    /// The effects in words, in the order of the bits.
    var names: [String] { Self.named.filter { contains($0.effect) }.map(\.name) }
}
