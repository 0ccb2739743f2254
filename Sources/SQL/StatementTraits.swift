// What the classifier says about a text: kind, access, transaction effect, session effects and the reason.

/// What a statement is, by its verb. Of several statements in one text, the first.
@usableFromInline package enum StatementKind: UInt8, Sendable, CaseIterable {
    /// Nothing but space, comments and semicolons.
    case empty
    case select, values, table, with
    case insert, replace, update, delete, load
    case call, do_, handler
    /// `BEGIN` and `START TRANSACTION`.
    case begin
    case commit, rollback, savepoint, releaseSavepoint, rollbackToSavepoint, xa
    /// `SET` of variables, system or user.
    case setVariables
    case setTransaction
    /// `SET NAMES` and `SET CHARACTER SET`.
    case setNames
    case setPassword, setRole, setDefaultRole
    /// `SET RESOURCE GROUP`, `SET SESSION AUTHORIZATION`.
    case setOther
    case use, show
    /// `DESCRIBE t`, also when spelt `EXPLAIN t`.
    case describe
    /// `EXPLAIN` of a statement, also when spelt `DESC`.
    case explain
    /// `ANALYZE TABLE` and MariaDB's `ANALYZE <statement>`, which executes the statement.
    case analyze
    case create, alter, drop, rename, truncate
    case lockTables, unlockTables, flush, reset
    case prepare, execute, executeImmediate, deallocate
    case kill, getDiagnostics
    /// `SIGNAL` and `RESIGNAL`.
    case signal
    case grant, revoke
    case optimize, check, repair, checksum
    /// `CACHE INDEX` and `LOAD INDEX INTO CACHE`.
    case cacheIndex
    /// `INSTALL` and `UNINSTALL` of plugins and components.
    case install
    /// `SHUTDOWN` and `RESTART`.
    case shutdown
    /// `CHANGE MASTER`, `START REPLICA`, `PURGE BINARY LOGS` and their like.
    case replication
    case binlog, help
    /// MariaDB's `BEGIN NOT ATOMIC … END` block outside a stored program.
    case beginNotAtomic
    /// MariaDB's `SET STATEMENT … FOR <statement>`; the other traits are those of the inner statement.
    case setStatement
    case backup
    /// A known statement that none of the above names (`CLONE`, `IMPORT TABLE`).
    case other
    /// Not recognised, or the text ends inside a string or comment.
    case unknown

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// Where a statement may run.
@usableFromInline package enum StatementAccess: UInt8, Sendable, CaseIterable {
    /// Provably a pure read: may run on a replica.
    case read
    /// Changes only session state that the proxy can carry: trackable `SET`, `SET NAMES`, `USE`.
    case sessionState
    /// Must run where the statement before it ran: `FOUND_ROWS()`, `SHOW WARNINGS`, `GET DIAGNOSTICS`.
    case previous
    /// Begins or ends a transaction or a part of it.
    case transactionControl
    /// Everything else.
    case primary

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// What a statement does to the transaction. Of several statements in one text, the last that does anything.
@usableFromInline package enum TransactionEffect: UInt8, Sendable, CaseIterable {
    case none
    /// `BEGIN`, `START TRANSACTION [READ WRITE] [WITH CONSISTENT SNAPSHOT]`.
    case beginReadWrite
    /// `START TRANSACTION READ ONLY`.
    case beginReadOnly
    case commit, rollback
    /// `COMMIT AND CHAIN`, `ROLLBACK AND CHAIN`: a transaction of the same characteristics follows.
    case commitAndChain, rollbackAndChain
    /// `COMMIT RELEASE`, `ROLLBACK RELEASE`: the server disconnects afterwards.
    case commitAndRelease, rollbackAndRelease
    /// The server commits before (and mostly after) the statement: definitions, `LOCK TABLES`, account changes.
    case implicitCommit
    /// `SET autocommit = 1`, which also commits an open transaction.
    case autocommitOn
    case autocommitOff
    /// `SET TRANSACTION …` without a scope, `SET @@transaction_isolation`: only for the next transaction.
    case setNext
    /// `SET SESSION TRANSACTION …`, `SET transaction_isolation = …`.
    case setSessionCharacteristics

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}

/// What a statement reads or leaves behind in the session beyond its rows.
@usableFromInline package struct StatementEffects: OptionSet, Sendable, Hashable {
    /// One bit per effect; the places of the bits are not for storage.
    @usableFromInline package let rawValue: UInt64
    /// A set of the given bits.
    @inlinable package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Uses `@x` without assigning it.
    @inlinable package static var readsUserVariables: StatementEffects { StatementEffects(rawValue: 1 << 0) }
    /// Assigns `@x`: `SET @x`, `@x :=`, `INTO @x`, or hands it to a procedure.
    @inlinable package static var writesUserVariables: StatementEffects { StatementEffects(rawValue: 1 << 1) }
    /// `CREATE TEMPORARY TABLE`.
    @inlinable package static var createsTemporaryTable: StatementEffects { StatementEffects(rawValue: 1 << 2) }
    /// `DROP TEMPORARY TABLE`.
    @inlinable package static var dropsTemporaryTable: StatementEffects { StatementEffects(rawValue: 1 << 3) }
    /// `DROP TABLE`, with or without `TEMPORARY`: either may remove a temporary table.
    @inlinable package static var dropsTable: StatementEffects { StatementEffects(rawValue: 1 << 4) }
    /// `LAST_INSERT_ID()`, `@@last_insert_id`, `@@identity`.
    @inlinable package static var readsLastInsertID: StatementEffects { StatementEffects(rawValue: 1 << 5) }
    /// `LAST_INSERT_ID(expression)`.
    @inlinable package static var writesLastInsertID: StatementEffects { StatementEffects(rawValue: 1 << 6) }
    /// `FOUND_ROWS()`.
    @inlinable package static var readsFoundRows: StatementEffects { StatementEffects(rawValue: 1 << 7) }
    /// `SQL_CALC_FOUND_ROWS`.
    @inlinable package static var calculatesFoundRows: StatementEffects { StatementEffects(rawValue: 1 << 8) }
    /// `ROW_COUNT()`.
    @inlinable package static var readsRowCount: StatementEffects { StatementEffects(rawValue: 1 << 9) }
    /// `SHOW WARNINGS`, `SHOW ERRORS`, `GET DIAGNOSTICS`, `@@warning_count`, `@@error_count`.
    @inlinable package static var readsWarnings: StatementEffects { StatementEffects(rawValue: 1 << 10) }
    /// `GET_LOCK()`.
    @inlinable package static var acquiresUserLock: StatementEffects { StatementEffects(rawValue: 1 << 11) }
    /// `RELEASE_LOCK()`, `RELEASE_ALL_LOCKS()`.
    @inlinable package static var releasesUserLock: StatementEffects { StatementEffects(rawValue: 1 << 12) }
    /// `IS_FREE_LOCK()`, `IS_USED_LOCK()`.
    @inlinable package static var checksUserLock: StatementEffects { StatementEffects(rawValue: 1 << 13) }
    /// `LOCK TABLES`, `LOCK INSTANCE`, `FLUSH TABLES … FOR EXPORT`, `BACKUP LOCK`.
    @inlinable package static var locksTables: StatementEffects { StatementEffects(rawValue: 1 << 14) }
    /// `UNLOCK TABLES`, `BACKUP UNLOCK`.
    @inlinable package static var unlocksTables: StatementEffects { StatementEffects(rawValue: 1 << 15) }
    /// `FLUSH TABLES … WITH READ LOCK`.
    @inlinable package static var flushesWithReadLock: StatementEffects { StatementEffects(rawValue: 1 << 16) }
    /// `HANDLER … OPEN`.
    @inlinable package static var opensHandler: StatementEffects { StatementEffects(rawValue: 1 << 17) }
    /// `HANDLER … CLOSE`.
    @inlinable package static var closesHandler: StatementEffects { StatementEffects(rawValue: 1 << 18) }
    /// `PREPARE … FROM`.
    @inlinable package static var preparesText: StatementEffects { StatementEffects(rawValue: 1 << 19) }
    /// `EXECUTE`, `EXECUTE IMMEDIATE`.
    @inlinable package static var executesText: StatementEffects { StatementEffects(rawValue: 1 << 20) }
    /// `DEALLOCATE PREPARE`, `DROP PREPARE`.
    @inlinable package static var deallocatesText: StatementEffects { StatementEffects(rawValue: 1 << 21) }
    /// A session system variable is set.
    @inlinable package static var setsSystemVariable: StatementEffects { StatementEffects(rawValue: 1 << 22) }
    /// `SET @@x = …`, a form MariaDB's session tracker does not report.
    @inlinable package static var setsBareSystemVariable: StatementEffects { StatementEffects(rawValue: 1 << 23) }
    /// A global or persisted variable is set.
    @inlinable package static var setsGlobal: StatementEffects { StatementEffects(rawValue: 1 << 24) }
    /// Changes session state to something that neither the text nor a tracker tells.
    @inlinable package static var setsUntracked: StatementEffects { StatementEffects(rawValue: 1 << 25) }
    /// The default schema: `USE`.
    @inlinable package static var changesSchema: StatementEffects { StatementEffects(rawValue: 1 << 26) }
    /// `SET NAMES`, `SET CHARACTER SET`, the `character_set_` and `collation_` variables.
    @inlinable package static var changesCharacterSet: StatementEffects { StatementEffects(rawValue: 1 << 27) }
    /// `SET sql_log_bin`.
    @inlinable package static var changesSQLLogBin: StatementEffects { StatementEffects(rawValue: 1 << 28) }
    /// More than one statement in the text.
    @inlinable package static var multiStatement: StatementEffects { StatementEffects(rawValue: 1 << 29) }
    /// `FOR UPDATE`, `FOR SHARE`, `LOCK IN SHARE MODE`.
    @inlinable package static var lockingRead: StatementEffects { StatementEffects(rawValue: 1 << 30) }
    /// `SELECT … INTO` variables, `OUTFILE` or `DUMPFILE`.
    @inlinable package static var selectInto: StatementEffects { StatementEffects(rawValue: 1 << 31) }
    /// Asks for what a client decides on whether the server can be written: `@@read_only`, `@@hostname`.
    @inlinable package static var readsWritability: StatementEffects { StatementEffects(rawValue: 1 << 32) }
    /// A stored, loadable or unknown function or procedure is called.
    @inlinable package static var callsUnknownFunction: StatementEffects { StatementEffects(rawValue: 1 << 33) }
    /// Advances or asks a sequence.
    @inlinable package static var usesSequence: StatementEffects { StatementEffects(rawValue: 1 << 34) }
    /// The text has `?`.
    @inlinable package static var readsPlaceholders: StatementEffects { StatementEffects(rawValue: 1 << 35) }
    /// `SET ROLE`.
    @inlinable package static var changesRole: StatementEffects { StatementEffects(rawValue: 1 << 36) }
    /// `KILL`.
    @inlinable package static var kills: StatementEffects { StatementEffects(rawValue: 1 << 37) }
    /// `SHOW PROCESSLIST`.
    @inlinable package static var showsProcesslist: StatementEffects { StatementEffects(rawValue: 1 << 38) }
    /// `CONNECTION_ID()`, `@@pseudo_thread_id`.
    @inlinable package static var readsConnectionID: StatementEffects { StatementEffects(rawValue: 1 << 39) }
    /// The text ends inside a string, quoted name or comment.
    @inlinable package static var unterminated: StatementEffects { StatementEffects(rawValue: 1 << 40) }
    /// `LOAD DATA LOCAL`: the server will ask the client for a file.
    @inlinable package static var localInfile: StatementEffects { StatementEffects(rawValue: 1 << 41) }
    /// `SAVEPOINT`, `RELEASE SAVEPOINT`, `ROLLBACK TO SAVEPOINT`.
    @inlinable package static var savepoint: StatementEffects { StatementEffects(rawValue: 1 << 42) }
    /// Reads or sets a variable of Switchyard's own (`switchyard_mode`): no server knows it.
    @inlinable package static var namesProxyVariable: StatementEffects { StatementEffects(rawValue: 1 << 43) }
    /// May end that transactions are read-only: `SET SESSION TRANSACTION READ WRITE`, `SET transaction_read_only = …`.
    @inlinable package static var setsAccessMode: StatementEffects { StatementEffects(rawValue: 1 << 44) }
    /// `LASTVAL()`, `PREVIOUS VALUE FOR`, `s.currval`: what the connection knows of a sequence.
    @inlinable package static var readsLastSequenceValue: StatementEffects { StatementEffects(rawValue: 1 << 45) }
}

extension StatementKind {
    /// Whether it changes more than the session: rows, definitions, accounts.
    package var changesTables: Bool {
        switch self {
        case .insert, .replace, .update, .delete, .load, .create, .alter, .drop, .rename, .truncate, .grant, .revoke:
            true
        default: false
        }
    }
}

/// Everything a text says about how it must be routed, found in one pass.
package struct StatementTraits: Sendable, Equatable {
    /// What the statement is.
    package var kind: StatementKind
    /// Where it may run.
    package var access: StatementAccess
    /// What it does to the transaction.
    package var transaction: TransactionEffect
    /// What it reads or leaves behind in the session.
    package var effects: StatementEffects
    /// Statements in the text that are not empty, at most 65535.
    package var statementCount: UInt16
    /// Why `access` is what it is.
    package var reason: ClassificationReason
    /// Where in the text, in bytes, stands what decided `access`.
    package var decidingOffset: UInt32
    /// Length in bytes of what decided; 0 when no single place did.
    package var decidingLength: UInt32
    /// Where in the text, in bytes, the hints of a comment for Switchyard begin.
    package var hintOffset: UInt32 = 0
    /// Their length in bytes; 0 when there are none.
    package var hintLength: UInt32 = 0
    /// Whether it names a table, as far as the text tells: MariaDB (10.11) forgets the warnings of the statement before
    /// only then.
    package var mentionsTables = false
    /// Whether a statement behind the first of the text changes more than the session; of the first, `kind` says it.
    package var changesTablesLater = false
    /// Whether a statement behind the first is one that nobody knows.
    package var hasUnknownStatement = false

    /// Traits with the given values.
    package init(
        kind: StatementKind, access: StatementAccess, transaction: TransactionEffect = .none,
        effects: StatementEffects = [], statementCount: UInt16 = 1, reason: ClassificationReason,
        decidingOffset: UInt32 = 0, decidingLength: UInt32 = 0
    ) {
        self.kind = kind
        self.access = access
        self.transaction = transaction
        self.effects = effects
        self.statementCount = statementCount
        self.reason = reason
        self.decidingOffset = decidingOffset
        self.decidingLength = decidingLength
    }
}
