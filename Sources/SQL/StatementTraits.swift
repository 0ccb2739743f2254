// What the classifier says about a text: kind, access, transaction effect, session effects and the reason.

/// What a statement is, by its verb. Of several statements in one text, the first.
package enum StatementKind: UInt8, Sendable, CaseIterable {
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
}

/// Where a statement may run.
package enum StatementAccess: UInt8, Sendable, CaseIterable {
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
}

/// What a statement does to the transaction. Of several statements in one text, the last that does anything.
package enum TransactionEffect: UInt8, Sendable, CaseIterable {
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
}

/// What a statement reads or leaves behind in the session beyond its rows.
package struct StatementEffects: OptionSet, Sendable, Hashable {
    /// One bit per effect; the places of the bits are not for storage.
    package let rawValue: UInt64
    /// A set of the given bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }
    private init(bit: UInt64) { self.rawValue = 1 << bit }

    /// Uses `@x` without assigning it.
    package static let readsUserVariables = Self(bit: 0)
    /// Assigns `@x`: `SET @x`, `@x :=`, `INTO @x`, or hands it to a procedure.
    package static let writesUserVariables = Self(bit: 1)
    /// `CREATE TEMPORARY TABLE`.
    package static let createsTemporaryTable = Self(bit: 2)
    /// `DROP TEMPORARY TABLE`.
    package static let dropsTemporaryTable = Self(bit: 3)
    /// `DROP TABLE`, with or without `TEMPORARY`: either may remove a temporary table.
    package static let dropsTable = Self(bit: 4)
    /// `LAST_INSERT_ID()`, `@@last_insert_id`, `@@identity`.
    package static let readsLastInsertID = Self(bit: 5)
    /// `LAST_INSERT_ID(expression)`.
    package static let writesLastInsertID = Self(bit: 6)
    /// `FOUND_ROWS()`.
    package static let readsFoundRows = Self(bit: 7)
    /// `SQL_CALC_FOUND_ROWS`.
    package static let calculatesFoundRows = Self(bit: 8)
    /// `ROW_COUNT()`.
    package static let readsRowCount = Self(bit: 9)
    /// `SHOW WARNINGS`, `SHOW ERRORS`, `GET DIAGNOSTICS`, `@@warning_count`, `@@error_count`.
    package static let readsWarnings = Self(bit: 10)
    /// `GET_LOCK()`.
    package static let acquiresUserLock = Self(bit: 11)
    /// `RELEASE_LOCK()`, `RELEASE_ALL_LOCKS()`.
    package static let releasesUserLock = Self(bit: 12)
    /// `IS_FREE_LOCK()`, `IS_USED_LOCK()`.
    package static let checksUserLock = Self(bit: 13)
    /// `LOCK TABLES`, `LOCK INSTANCE`, `FLUSH TABLES … FOR EXPORT`, `BACKUP LOCK`.
    package static let locksTables = Self(bit: 14)
    /// `UNLOCK TABLES`, `UNLOCK INSTANCE`, `BACKUP UNLOCK`.
    package static let unlocksTables = Self(bit: 15)
    /// `FLUSH TABLES … WITH READ LOCK`.
    package static let flushesWithReadLock = Self(bit: 16)
    /// `HANDLER … OPEN`.
    package static let opensHandler = Self(bit: 17)
    /// `HANDLER … CLOSE`.
    package static let closesHandler = Self(bit: 18)
    /// `PREPARE … FROM`.
    package static let preparesText = Self(bit: 19)
    /// `EXECUTE`, `EXECUTE IMMEDIATE`.
    package static let executesText = Self(bit: 20)
    /// `DEALLOCATE PREPARE`, `DROP PREPARE`.
    package static let deallocatesText = Self(bit: 21)
    /// A session system variable is set.
    package static let setsSystemVariable = Self(bit: 22)
    /// `SET @@x = …`, a form MariaDB's session tracker does not report.
    package static let setsBareSystemVariable = Self(bit: 23)
    /// A global or persisted variable is set.
    package static let setsGlobal = Self(bit: 24)
    /// Changes session state to something that neither the text nor a tracker tells.
    package static let setsUntracked = Self(bit: 25)
    /// The default schema: `USE`.
    package static let changesSchema = Self(bit: 26)
    /// `SET NAMES`, `SET CHARACTER SET`, the `character_set_` and `collation_` variables.
    package static let changesCharacterSet = Self(bit: 27)
    /// `SET sql_log_bin`.
    package static let changesSQLLogBin = Self(bit: 28)
    /// More than one statement in the text.
    package static let multiStatement = Self(bit: 29)
    /// `FOR UPDATE`, `FOR SHARE`, `LOCK IN SHARE MODE`.
    package static let lockingRead = Self(bit: 30)
    /// `SELECT … INTO` variables, `OUTFILE` or `DUMPFILE`.
    package static let selectInto = Self(bit: 31)
    /// Asks for what a client decides on whether the server can be written: `@@read_only`, `@@hostname`.
    package static let readsWritability = Self(bit: 32)
    /// A stored, loadable or unknown function or procedure is called.
    package static let callsUnknownFunction = Self(bit: 33)
    /// Advances or asks a sequence.
    package static let usesSequence = Self(bit: 34)
    /// The text has `?`.
    package static let readsPlaceholders = Self(bit: 35)
    /// `SET ROLE`.
    package static let changesRole = Self(bit: 36)
    /// `KILL`.
    package static let kills = Self(bit: 37)
    /// `SHOW PROCESSLIST`.
    package static let showsProcesslist = Self(bit: 38)
    /// `CONNECTION_ID()`, `@@pseudo_thread_id`.
    package static let readsConnectionID = Self(bit: 39)
    /// The text ends inside a string, quoted name or comment.
    package static let unterminated = Self(bit: 40)
    /// `LOAD DATA LOCAL`: the server will ask the client for a file.
    package static let localInfile = Self(bit: 41)
    /// `SAVEPOINT`, `RELEASE SAVEPOINT`, `ROLLBACK TO SAVEPOINT`.
    package static let savepoint = Self(bit: 42)
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
