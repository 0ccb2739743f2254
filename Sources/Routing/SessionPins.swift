// The reasons for which a session cannot leave a server connection, and what releases each.

/// Why a session's statements must stay on one connection. Each reason has a release rule, shown in the console.
@usableFromInline package struct SessionPins: OptionSet, Sendable, Hashable {
    @usableFromInline package let rawValue: UInt32
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A transaction is open, or `autocommit` is off.
    @inlinable package static var transaction: SessionPins { SessionPins(rawValue: 1 << 0) }
    /// `autocommit=0`: every statement belongs to a transaction.
    @inlinable package static var autocommitOff: SessionPins { SessionPins(rawValue: 1 << 1) }
    /// `SET TRANSACTION` waits for the transaction it is meant for.
    @inlinable package static var nextTransaction: SessionPins { SessionPins(rawValue: 1 << 2) }
    /// Temporary tables exist on the connection only.
    @inlinable package static var temporaryTables: SessionPins { SessionPins(rawValue: 1 << 3) }
    /// User variables (`@x`) were assigned on the connection.
    @inlinable package static var userVariables: SessionPins { SessionPins(rawValue: 1 << 4) }
    /// `GET_LOCK` was called.
    @inlinable package static var userLocks: SessionPins { SessionPins(rawValue: 1 << 5) }
    /// `LOCK TABLES` is in force.
    @inlinable package static var tableLocks: SessionPins { SessionPins(rawValue: 1 << 6) }
    /// `FLUSH TABLES WITH READ LOCK` is in force.
    @inlinable package static var globalReadLock: SessionPins { SessionPins(rawValue: 1 << 7) }
    /// A `HANDLER` is open.
    @inlinable package static var handler: SessionPins { SessionPins(rawValue: 1 << 8) }
    /// Statements prepared with `PREPARE … FROM`.
    @inlinable package static var textStatements: SessionPins { SessionPins(rawValue: 1 << 9) }
    /// Statements prepared with COM_STMT_PREPARE whose text was too long to be kept.
    @inlinable package static var preparedStatements: SessionPins { SessionPins(rawValue: 1 << 10) }
    /// A `SET`, a procedure or the like changed something that no server reports.
    @inlinable package static var untrackedState: SessionPins { SessionPins(rawValue: 1 << 11) }
    /// A statement too long to be read as a whole may have changed anything.
    @inlinable package static var unclassified: SessionPins { SessionPins(rawValue: 1 << 12) }
    /// `LAST_INSERT_ID()` has a value on the connection.
    @inlinable package static var lastInsertID: SessionPins { SessionPins(rawValue: 1 << 13) }
    /// The next statement may ask for the warnings, the found rows or the row count of the last one.
    @inlinable package static var diagnostics: SessionPins { SessionPins(rawValue: 1 << 14) }
    /// An XA transaction was started.
    @inlinable package static var xa: SessionPins { SessionPins(rawValue: 1 << 15) }

    /// A cursor of a prepared statement is open, on whichever connection.
    @inlinable package static var cursor: SessionPins { SessionPins(rawValue: 1 << 16) }
    /// `sql_log_bin` is off: what is written does not replicate.
    @inlinable package static var binaryLogOff: SessionPins { SessionPins(rawValue: 1 << 17) }
    /// The connection knows what `LASTVAL()` of a sequence says (MariaDB).
    @inlinable package static var sequence: SessionPins { SessionPins(rawValue: 1 << 18) }

    /// While one of these holds, even pure reads must run on the pinned connection: they would see something else elsewhere.
    package static let allStatements: SessionPins = [
        .autocommitOff, .nextTransaction, .temporaryTables, .tableLocks, .globalReadLock, .untrackedState,
        .unclassified, .xa, .binaryLogOff,
    ]

    /// While one of these holds, the loss of the connection cannot be hidden from the client.
    package static let lostWithConnection: SessionPins = [
        .temporaryTables, .userVariables, .userLocks, .tableLocks, .globalReadLock, .handler, .textStatements,
        .preparedStatements, .untrackedState, .unclassified, .xa, .nextTransaction, .binaryLogOff,
    ]

    /// Name and release rule of each, in the order of the bits. What has names is told with them where they are known.
    private static let descriptions: [(name: String, release: String)] = [
        ("transaction", "the transaction ends"),
        ("autocommit off", "SET autocommit=1"),
        ("next transaction", "the transaction that SET TRANSACTION is meant for ends"),
        ("temporary table", "DROP TEMPORARY TABLE of each"),
        ("user variables", "a SELECT that reads them on the primary, or another that needs the connection"),
        ("GET_LOCK", "RELEASE_ALL_LOCKS()"),
        ("LOCK TABLES", "UNLOCK TABLES"),
        ("FLUSH TABLES WITH READ LOCK", "UNLOCK TABLES"),
        ("HANDLER", "HANDLER … CLOSE of each"),
        ("PREPARE", "the session ends or is reset"),
        ("prepared statements", "the last one is closed"),
        ("untracked state", "the session ends or is reset"),
        ("statement too long to classify", "the session ends or is reset"),
        ("LAST_INSERT_ID", "the session ends or is reset, or another needs the connection"),
        ("warnings or row counts", "the next statement"),
        ("XA transaction", "XA COMMIT or XA ROLLBACK"),
        ("cursor", "its last row is fetched, or its statement is reset, closed or executed again"),
        ("sql_log_bin off", "SET sql_log_bin=1"),
        ("LASTVAL", "the session ends or is reset, or another needs the connection"),
    ]

    /// How many reasons there are.
    package static var count: Int { descriptions.count }
    /// The reason of each bit, in the order of the bits.
    package static var allNames: [String] { descriptions.map(\.name) }
    /// The positions of the bits that are set.
    package var positions: [Int] { Self.descriptions.indices.filter { rawValue & (1 << UInt32($0)) != 0 } }

    /// The reasons in words, for the console.
    package var names: [String] {
        Self.descriptions.indices.filter { rawValue & (1 << UInt32($0)) != 0 }.map { Self.descriptions[$0].name }
    }

    /// What releases each reason that holds, in the order of `names`.
    package var releaseRules: [String] {
        Self.descriptions.indices.filter { rawValue & (1 << UInt32($0)) != 0 }.map { Self.descriptions[$0].release }
    }
}
