// What the proxy knows of a session: image, pins, transaction, the position of its last write. A pure machine.
internal import Backend
internal import Routing
internal import SQL
internal import Wire

/// How one statement ended, as far as the session's state is concerned.
struct StatementEnd {
    /// The final status flags of the reply; nil when it ended in an error, which carries none.
    var status: StatusFlags?
    /// Whether the session's main connection ran it.
    var ranOnMain: Bool
    /// The insert id of the OK packet, 0 for none.
    var lastInsertID: UInt64
    /// Warnings counted in the last packet.
    var warnings: UInt16
    /// Whether it set variables whose values nobody told.
    var leftUnreported: Bool
    /// Whether an error ended it: `SHOW WARNINGS` tells it to the next statement.
    var failed = false
}

/// State of one session. Changed only by what servers reported and by statements that were run.
struct SessionState {
    private(set) var image = SessionImage()
    private(set) var pins: SessionPins = []
    private(set) var isInTransaction = false
    private(set) var position: Position?
    /// The session wrote, and the server did not say where: only the primary is known to have it.
    private(set) var wroteWithoutPosition = false
    /// The open transaction may have written; its position comes with its end.
    private var wroteInTransaction = false
    /// LAST_INSERT_ID() went with a lost connection.
    private(set) var lastInsertIDIsLost = false
    private(set) var statusFlags: StatusFlags = [.autocommit]
    /// Whether reads take locks.
    private(set) var isSerializable = false
    /// The parts of session tracking that the client set up itself.
    private(set) var ownTracking: OwnTracking = []
    /// How the classifier must read this session's statements.
    private(set) var sqlMode: SQLMode
    /// What the login fixed of it.
    private let loginMode: SQLMode

    /// - Parameter mode: dialect and version of the cluster, `ignoreSpace` and the character set as of the login.
    init(mode: SQLMode) {
        sqlMode = mode
        loginMode = mode
    }

    // MARK: What servers report

    /// Variables whose reported values are not settings of the session: carrying them to another connection would be
    /// wrong, or is done otherwise.
    static let notCarried: Set<String> = [
        "last_gtid", "identity", "insert_id", "timestamp", "rand_seed1", "rand_seed2", "statement_id",
        "pseudo_thread_id", "warning_count", "error_count", "gtid_next", "gtid_seq_no", "server_id", "gtid_domain_id",
        "in_transaction", "sql_log_bin", "skip_replication", "pseudo_slave_mode", "proxy_user", "external_user",
    ]

    mutating func variableReported(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let text = String(decoding: name, as: UTF8.self)
        if text == "last_gtid" { return positionReported(value, .mariaDB) }
        guard !Self.notCarried.contains(text) else { return }
        // The client turned the proxy's own eyes: nothing later is certain.
        if text.hasPrefix("session_track_") { pins.insert(.untrackedState) }
        if !image.setVariable(name, value) { pins.insert(.untrackedState) }
        switch text {
        case "sql_mode": sqlModeReported(String(decoding: value, as: UTF8.self))
        case "character_set_client":
            sqlMode.ambiguousCharacterSet = Self.ambiguousCharacterSets.contains(String(decoding: value, as: UTF8.self))
        case "tx_isolation", "transaction_isolation": isSerializable = value.elementsEqual("SERIALIZABLE".utf8)
        default: break
        }
    }

    /// Character sets whose second bytes may look like quotes or backslashes.
    static let ambiguousCharacterSets: Set<String> = ["big5", "cp932", "gbk", "gb18030", "sjis"]

    /// The collation of the connection by what a `SET` said, where no server tells it; nil: that of the character set.
    mutating func collationSet(_ collation: [UInt8]?) {
        guard let collation else { return image.removeVariable("collation_connection") }
        let isNoted = Array("collation_connection".utf8).withUnsafeBytes { name in
            collation.withUnsafeBytes { image.setVariable(name, $0) }
        }
        if !isNoted { pins.insert(.untrackedState) }
    }

    /// A `SET NAMES` of literals took effect; `later` as for the image.
    mutating func namesSet(_ statement: [UInt8], except later: [String]) {
        if !image.setNames(statement, except: later) { pins.insert(.untrackedState) }
    }

    mutating func schemaReported(_ name: UnsafeRawBufferPointer) { image.setSchema(Array(name)) }

    mutating func schemaChanged(_ name: [UInt8]) { image.setSchema(name) }

    /// COM_SET_OPTION said whether one text may hold several statements.
    mutating func multiStatementsAllowed(_ allowed: Bool) { image.setMultiStatements(allowed) }

    mutating func positionReported(_ text: UnsafeRawBufferPointer, _ flavor: PositionFlavor) {
        guard text.count > 0, let reported = try? Position.parse(text, flavor: flavor) else { return }
        if var known = position {
            known.merge(reported)
            position = known
        } else {
            position = reported
        }
        wroteWithoutPosition = false
    }

    private mutating func sqlModeReported(_ value: String) {
        let words = value.uppercased().split(separator: ",")
        sqlMode.ansiQuotes = words.contains("ANSI_QUOTES") || words.contains("ANSI")
        sqlMode.noBackslashEscapes = words.contains("NO_BACKSLASH_ESCAPES")
        sqlMode.ignoreSpace = loginMode.ignoreSpace || words.contains("IGNORE_SPACE")
    }

    // MARK: What statements do

    /// A statement ended, with or without success: a failed one may have done a part of its work.
    mutating func statementEnded(_ traits: StatementTraits, _ end: StatementEnd, positionIsKnown: Bool) {
        // Reading the diagnostics leaves them as they are.
        if !traits.effects.contains(.readsWarnings) { pins.remove(.diagnostics) }
        notePins(traits, end)
        if end.warnings > 0 || end.failed || traits.effects.contains(.calculatesFoundRows) { pins.insert(.diagnostics) }
        if end.lastInsertID != 0 || traits.effects.contains(.writesLastInsertID) {
            pins.insert(.lastInsertID)
            lastInsertIDIsLost = false
        }
        let wasInTransaction = isInTransaction
        noteStatus(traits, end)
        noteWrite(traits, end, positionIsKnown: positionIsKnown, wasInTransaction: wasInTransaction)
    }

    /// A write in an open transaction gets its position at the end of the transaction.
    private mutating func noteWrite(
        _ traits: StatementTraits, _ end: StatementEnd, positionIsKnown: Bool, wasInTransaction: Bool
    ) {
        guard end.ranOnMain else { return }
        let writes = mayHaveWritten(traits)
        guard end.status != nil else {
            // A failed statement may have committed a part of its work, or what came before it, and no error packet
            // says where.
            let commitsBefore = traits.transaction == .implicitCommit && wroteInTransaction
            if (writes && !wasInTransaction) || commitsBefore { wroteWithoutPosition = true }
            if writes && wasInTransaction { wroteInTransaction = true }
            return
        }
        if isInTransaction {
            if writes { wroteInTransaction = true }
            guard traits.transaction == .commitAndChain else { return }
        }
        let undone = traits.transaction == .rollback || traits.transaction == .rollbackAndRelease
        let committed = wasInTransaction && wroteInTransaction && !undone
        if (committed || (writes && !isInTransaction)) && !positionIsKnown { wroteWithoutPosition = true }
        wroteInTransaction = false
    }

    private mutating func noteStatus(_ traits: StatementTraits, _ end: StatementEnd) {
        guard let status = end.status else { return }
        isInTransaction = status.contains(.inTransaction)
        if end.ranOnMain {
            statusFlags = status
            if status.contains(.autocommit) {
                pins.remove(.autocommitOff)
            } else {
                pins.insert(.autocommitOff)
            }
            // MySQL has no flag for ANSI_QUOTES: there only the reported value tells.
            if sqlMode.dialect == .mariaDB { sqlMode.ansiQuotes = status.contains(.ansiQuotes) }
        }
        sqlMode.noBackslashEscapes = status.contains(.noBackslashEscapes)
        if isInTransaction { pins.insert(.transaction) } else { pins.remove(.transaction) }
        if traits.transaction == .setNext {
            pins.insert(.nextTransaction)
        } else if pins.contains(.nextTransaction) && !isInTransaction && usesUpNextTransaction(traits) {
            pins.remove(.nextTransaction)
        }
    }

    /// `SET TRANSACTION` is meant for the next transaction; a `SET` or `SHOW` in between does not begin one.
    private func usesUpNextTransaction(_ traits: StatementTraits) -> Bool {
        switch traits.kind {
        case .setVariables, .setNames, .setTransaction, .use, .show, .describe, .empty: false
        default: true
        }
    }

    private mutating func notePins(_ traits: StatementTraits, _ end: StatementEnd) {
        let effects = traits.effects
        if effects.contains(.writesUserVariables) { pins.insert(.userVariables) }
        if effects.contains(.createsTemporaryTable) { pins.insert(.temporaryTables) }
        if effects.contains(.acquiresUserLock) { pins.insert(.userLocks) }
        if effects.contains(.opensHandler) { pins.insert(.handler) }
        if effects.contains(.preparesText) { pins.insert(.textStatements) }
        if effects.contains(.unlocksTables) { pins.subtract([.tableLocks, .globalReadLock]) }
        if effects.contains(.locksTables) { pins.insert(.tableLocks) }
        if effects.contains(.flushesWithReadLock) { pins.insert(.globalReadLock) }
        if traits.kind == .xa { pins.insert(.xa) }
        // A function may assign user variables and take locks; it cannot create what only a reader would miss.
        if effects.contains(.callsUnknownFunction) { pins.formUnion([.userVariables, .userLocks]) }
        if changesWhatNobodyReports(traits, end) { pins.insert(.untrackedState) }
    }

    /// Procedures and text built at run time may do anything; some settings are reported by no server.
    private func changesWhatNobodyReports(_ traits: StatementTraits, _ end: StatementEnd) -> Bool {
        let effects = traits.effects
        if traits.kind == .call || traits.kind == .beginNotAtomic || traits.kind == .executeImmediate { return true }
        if !effects.isDisjoint(with: [.executesText, .setsUntracked, .changesRole, .changesSQLLogBin, .unterminated]) {
            return true
        }
        return end.leftUnreported && !effects.isDisjoint(with: [.setsBareSystemVariable, .changesCharacterSet])
    }

    /// A statement that may have committed something got no answer. Whoever looks for it must see it: reads go to the
    /// primary until the position of a later write is known.
    mutating func outcomeBecameUnknown() { wroteWithoutPosition = true }

    /// Whether a statement may have changed tables. When in doubt it has: it costs some reads on the primary.
    private func mayHaveWritten(_ traits: StatementTraits) -> Bool {
        guard traits.access == .primary else { return false }
        let effects: StatementEffects = [.multiStatement, .callsUnknownFunction, .usesSequence]
        if !traits.effects.isDisjoint(with: effects) { return true }
        switch traits.kind {
        case .select, .values, .table, .setVariables, .setNames, .setTransaction, .setOther, .prepare, .deallocate,
            .show,
            .describe, .explain, .lockTables, .unlockTables, .savepoint, .releaseSavepoint, .rollbackToSavepoint, .kill,
            .getDiagnostics, .signal, .handler, .use, .help, .empty, .other:
            return false
        default: return true
        }
    }

    /// A statement of the client's set up a part of session tracking.
    mutating func tracks(_ own: OwnTracking) { ownTracking.formUnion(own) }

    mutating func pin(_ reason: SessionPins) { pins.insert(reason) }
    mutating func unpin(_ reason: SessionPins) { pins.remove(reason) }

    /// The main connection went, and with it everything that only it knew. A read-only transaction on a replica goes on.
    mutating func mainLost(transactionGoesOn: Bool = false) {
        lastInsertIDIsLost = lastInsertIDIsLost || pins.contains(.lastInsertID)
        pins.subtract(SessionPins.lostWithConnection.union([.lastInsertID, .diagnostics]))
        guard !transactionGoesOn else { return }
        transactionLost()
    }

    /// A server told what LAST_INSERT_ID() says: the image has it, and any connection will do. False when it cannot.
    mutating func lastInsertIDTold(_ value: [UInt8]) -> Bool {
        guard !value.isEmpty, value.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return false
        }
        let isNoted = Array("last_insert_id".utf8).withUnsafeBytes { name in
            value.withUnsafeBytes { image.setVariable(name, $0) }
        }
        if isNoted { pins.remove(.lastInsertID) }
        return isNoted
    }

    /// The transaction went with its connection.
    mutating func transactionLost() {
        isInTransaction = false
        wroteInTransaction = false
        pins.remove(.transaction)
    }

    /// COM_CHANGE_USER: the session is new. What its client wrote stays written, and COM_SET_OPTION stays in force.
    mutating func inherit(from former: SessionState) {
        position = former.position
        wroteWithoutPosition = former.wroteWithoutPosition
        image.setMultiStatements(former.image.multiStatements)
    }

    /// COM_RESET_CONNECTION: as after a login. What was written stays written.
    mutating func reset() {
        var fresh = SessionState(mode: loginMode)
        // Servers keep the schema and COM_SET_OPTION's effect too (seen on MariaDB 10.11).
        fresh.image.setSchema(image.schema)
        fresh.image.setMultiStatements(image.multiStatements)
        fresh.position = position
        fresh.wroteWithoutPosition = wroteWithoutPosition
        self = fresh
    }
}
