// Why a statement was given its access, in words an administrator can read.

/// Why a statement got its `StatementAccess`.
@usableFromInline package enum ClassificationReason: UInt8, Sendable, CaseIterable {
    case emptyStatement, pureRead, schemaInformation, sessionState, previousStatement, transactionControl
    case write, loadData, definition, temporaryTable, lockingRead, selectInto, procedureAnalyse, writeInsideRead
    case unknownFunction, storedProcedure, evaluatesExpression
    case userVariableWrite, lastInsertID, lastInsertIDWrite, userLock, sequence, replicationWait, serverFile
    case setAutocommit, setUserVariable, setGlobal, setBareVariable, setCollation, setUntrackedVariable
    case setExpression
    case setNextTransaction, accountChange, writability, oneServer
    case explainsWrite, tableLock, flush, handler, preparedText, executedText, kill, signal, administration
    case replicationControl, distributedTransaction, compoundBlock
    case multipleStatements, unknownStatement, unterminated, ambiguousBytes

    /// The reason in plain words: a clause without a full stop.
    package var text: String {
        switch self {
        case .emptyStatement: "there is no statement in the text"
        case .pureRead: "a read that uses nothing but tables and built-in functions"
        case .schemaInformation: "shows definitions, which replicas share"
        case .sessionState: "changes session state that the proxy carries from server to server"
        case .previousStatement: "asks about the statement before it, so it follows that statement"
        case .transactionControl: "begins or ends a transaction or a savepoint"
        case .write: "changes data"
        case .loadData: "loads data"
        case .definition: "changes definitions or accounts"
        case .temporaryTable: "creates or drops a temporary table, which lives on one connection"
        case .lockingRead: "FOR UPDATE, FOR SHARE or LOCK IN SHARE MODE locks rows"
        case .selectInto: "SELECT INTO writes to a variable or a file"
        case .procedureAnalyse: "SELECT with a PROCEDURE clause"
        case .writeInsideRead: "a word of a writing statement stands inside the read"
        case .unknownFunction: "calls a stored or unknown function, which may write"
        case .storedProcedure: "calls a stored procedure, which may write"
        case .evaluatesExpression: "DO evaluates expressions for their effects"
        case .userVariableWrite: "assigns a user variable inside a statement"
        case .lastInsertID: "LAST_INSERT_ID belongs to the primary"
        case .lastInsertIDWrite: "LAST_INSERT_ID with an argument changes the session"
        case .userLock: "user locks live on the primary"
        case .sequence: "uses a sequence, which only the primary may advance"
        case .replicationWait: "waits for a replication position of one server"
        case .serverFile: "reads a file of one server"
        case .setAutocommit: "changes autocommit"
        case .setUserVariable: "sets a user variable"
        case .setGlobal: "sets a global or persisted variable of a server"
        case .setBareVariable: "SET @@variable without a scope is not reported by the server"
        case .setCollation: "sets a collation that only the server can work out"
        case .setUntrackedVariable: "sets a variable that belongs to one connection"
        case .setExpression: "SET with a value that only the server can work out"
        case .setNextTransaction: "sets the characteristics of the next transaction only"
        case .accountChange: "changes a password or role"
        case .writability: "asks which server this is or whether it can be written"
        case .oneServer: "asks about the state of one server"
        case .explainsWrite: "explains or analyses a statement that writes"
        case .tableLock: "locks or unlocks tables for the connection"
        case .flush: "FLUSH or RESET acts on one server"
        case .handler: "HANDLER keeps a cursor on one connection"
        case .preparedText: "PREPARE or DEALLOCATE of a statement by name"
        case .executedText: "executes a statement whose text is not here"
        case .kill: "KILL names a connection of one server"
        case .signal: "raises a condition"
        case .administration: "administers one server"
        case .replicationControl: "controls replication or binary logs of one server"
        case .distributedTransaction: "an XA transaction lives on the primary"
        case .compoundBlock: "a block of statements may do anything"
        case .multipleStatements: "several statements in one text"
        case .unknownStatement: "the statement is not known"
        case .unterminated: "the text ends inside a string, a quoted name or a comment"
        case .ambiguousBytes: "bytes whose meaning depends on the character set"
        }
    }

    /// Inlined across targets, which the compiler's own is not.
    @inlinable package static func == (one: Self, other: Self) -> Bool {
        unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
    }
}
