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
    /// Whether the warnings and errors of a statement before are still there to be asked for.
    var keepsDiagnostics = false
    /// What it did to things that have names.
    var names: [NamedChange] = []
    /// The user variables that it may have changed; none when it may have changed any.
    var userVariables: [UserVariableChange] = []
    /// Whether the server said that something of the session changed.
    var reportedStateChange = false
    /// What its text says behind `SET ROLE`; nil when that does not tell what another connection would have to be told.
    var role: [UInt8]?
}

/// State of one session. Changed only by what servers reported and by statements that were run.
struct SessionState {
    private(set) var pins: SessionPins = []
    private(set) var isInTransaction = false
    /// What the flags of the last result said of the transaction.
    private(set) var transactionFlags: StatusFlags = []
    private(set) var statusFlags: StatusFlags = [.autocommit]
    /// How the classifier must read this session's statements.
    private(set) var sqlMode: SQLMode
    /// Whether reads take locks.
    private(set) var isSerializable = false
    /// The open transaction may have written; its position comes with its end.
    private(set) var wroteInTransaction = false
    /// The session wrote, and the server did not say where: only the primary is known to have it.
    private(set) var wroteWithoutPosition = false
    /// LAST_INSERT_ID() went with a lost connection.
    private(set) var lastInsertIDIsLost = false
    /// So did what LASTVAL() says.
    private(set) var lastSequenceValueIsLost = false
    /// The session set of itself what its transactions are numbered by.
    private(set) var choosesNumbers = false
    /// The parts of session tracking that the client set up itself.
    private(set) var ownTracking: OwnTracking = []
    private(set) var image = SessionImage()
    private(set) var position: Position?
    /// What the pins for things with names are about.
    private var names = HeldNames()
    private var pinRecords = PinRecords()
    private var variables = UserVariableState()
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

    /// Of these, the ones that say nothing of what the connection is left in.
    private static let harmless: Set<String> = [
        "identity", "statement_id", "warning_count", "error_count", "in_transaction",
    ]

    /// Of the others, those that say which number a transaction gets, and whose it seems.
    private static let numbering: Set<String> = ["gtid_next", "gtid_seq_no", "gtid_domain_id", "server_id"]

    /// False when the variable stays on its connection: no other session may have that then.
    @discardableResult
    mutating func variableReported(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
        let text = String(decoding: name, as: UTF8.self)
        if text == "last_gtid" {
            positionReported(value, .mariaDB)
            return true
        }
        guard !Self.notCarried.contains(text) else {
            if Self.numbering.contains(text) { choosesNumbers = true }
            return Self.harmless.contains(text)
        }
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
        return true
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
        positionReported(reported, coversAll: true)
    }

    /// - Parameter coversAll: whether nothing that was committed before it is beyond it.
    mutating func positionReported(_ reported: Position, coversAll: Bool) {
        if var known = position {
            known.merge(reported)
            position = known
        } else {
            position = reported
        }
        if coversAll { wroteWithoutPosition = false }
    }

    /// The primary told where it is, and it has all that this session wrote, but for what was lost.
    mutating func positionLearned(_ position: Position) {
        self.position = position
        wroteWithoutPosition = false
    }

    /// Whether a statement that is about to be acknowledged may have committed something.
    ///
    /// - Parameters:
    ///   - failed: whether it ends in an error.
    ///   - isOpen: whether a transaction is open after it.
    func mayCommit(_ traits: StatementTraits, failed: Bool, transactionIsOpen isOpen: Bool) -> Bool {
        let writes = mayHaveWritten(traits)
        guard !failed else {
            return (writes && !isInTransaction) || (traits.transaction == .implicitCommit && wroteInTransaction)
        }
        if isOpen && traits.transaction != .commitAndChain { return false }
        let undone = traits.transaction == .rollback || traits.transaction == .rollbackAndRelease
        return (isInTransaction && wroteInTransaction && !undone) || writes
    }

    /// Whether a result that neither has a position nor counts changed rows may be of a statement that committed
    /// something: what changes rows counts them, but for RETURNING; definitions, procedures and functions do not.
    ///
    /// - Parameter event: how the result ended.
    func mayHideCommit(_ traits: StatementTraits, _ event: ResponseEvent, transactionIsOpen isOpen: Bool) -> Bool {
        if event == .ok && traits.kind.countsRows { return false }
        return mayCommit(traits, failed: false, transactionIsOpen: isOpen)
    }

    private mutating func sqlModeReported(_ value: String) {
        let words = value.uppercased().split(separator: ",")
        sqlMode.ansiQuotes = words.contains("ANSI_QUOTES") || words.contains("ANSI")
        sqlMode.noBackslashEscapes = words.contains("NO_BACKSLASH_ESCAPES")
        sqlMode.ignoreSpace = loginMode.ignoreSpace || words.contains("IGNORE_SPACE")
    }

    // MARK: What statements do

    /// The status flags of a result behind which the session is what it was in front of it, outside of its pins, as a
    /// session with autocommit has them.
    var unchangedStatus: StatusFlags {
        var status = transactionFlags.union(.autocommit)
        if sqlMode.noBackslashEscapes { status.insert(.noBackslashEscapes) }
        if sqlMode.ansiQuotes { status.insert(.ansiQuotes) }
        return status
    }

    /// The main connection told this, and that the session is what it was.
    mutating func statusReported(_ status: StatusFlags) { statusFlags = status }

    /// Whether a statement that ended so leaves nothing to be noted; for assertions.
    func staysAsItIs(after traits: StatementTraits, _ end: StatementEnd) -> Bool {
        var after = self
        after.statementEnded(traits, end, positionIsKnown: false)
        return after.pins == pins && after.isInTransaction == isInTransaction && after.sqlMode == sqlMode
            && after.transactionFlags == transactionFlags && after.image.revision == image.revision
            && after.wroteInTransaction == wroteInTransaction && after.wroteWithoutPosition == wroteWithoutPosition
            && after.lastInsertIDIsLost == lastInsertIDIsLost
            && after.lastSequenceValueIsLost == lastSequenceValueIsLost && after.names.pins == names.pins
    }

    /// A statement ended, with or without success: a failed one may have done a part of its work.
    mutating func statementEnded(_ traits: StatementTraits, _ end: StatementEnd, positionIsKnown: Bool) {
        // Reading the diagnostics leaves them as they are.
        if !traits.effects.contains(.readsWarnings) && !end.keepsDiagnostics { pins.remove(.diagnostics) }
        notePins(traits, end)
        if end.warnings > 0 || end.failed || traits.effects.contains(.calculatesFoundRows) { pins.insert(.diagnostics) }
        if end.lastInsertID != 0 || traits.effects.contains(.writesLastInsertID) {
            pins.insert(.lastInsertID)
            lastInsertIDIsLost = false
        }
        if traits.effects.contains(.usesSequence) && !traits.effects.contains(.readsLastSequenceValue) {
            lastSequenceValueIsLost = false
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
        transactionFlags = status.intersection([.inTransaction, .inTransactionReadOnly])
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
        if effects.contains(.unlocksTables) { pins.subtract([.tableLocks, .globalReadLock]) }
        let left = SessionPins.left(by: traits)
        let hadDistributed = pins.contains(.xa)
        // The server's flags, and only those, tell of transactions.
        pins.formUnion(left.subtracting(Self.notedOtherwise))
        noteNames(left, end)
        // A function takes locks without a name.
        if effects.contains(.callsUnknownFunction) { names.addNameless(.userLocks) }
        if !hadDistributed, !end.names.isEmpty, end.names == [.distributedTransactionsListed] { pins.remove(.xa) }
        if end.leftUnreported && !effects.isDisjoint(with: [.setsBareSystemVariable, .changesCharacterSet]) {
            pins.insert(.untrackedState)
        }
        // A trigger, or a function, made something that the text does not tell (seen on 10.11, 11.8 and 9.7).
        if end.reportedStateChange && !tellsWhatItChanges(traits) {
            names.addNameless(.temporaryTables)
            pins.insert(.temporaryTables)
            variables.becomesUnknown()
        }
        noteUserVariables(traits, end, left)
        if effects.contains(.changesRole) { noteRole(end) }
    }

    /// A role that another connection cannot be given binds the session to this one.
    private mutating func noteRole(_ end: StatementEnd) {
        guard !end.failed else { return }
        guard let role = end.role, !end.leftUnreported, image.anyRoleMaySet,
            image.setRole(role, dependsOnGrants: SetRoleStatement.dependsOnGrants(role))
        else { return pin(.untrackedState) }
    }

    private static let notedOtherwise: SessionPins = [
        .userVariables, .transaction, .autocommitOff, .nextTransaction, .diagnostics,
    ]

    /// Whether servers say of such a statement that it changes something of the session, and its text says what.
    private func tellsWhatItChanges(_ traits: StatementTraits) -> Bool {
        let changing: StatementEffects = [
            .writesUserVariables, .createsTemporaryTable, .dropsTable, .preparesText, .executesText, .deallocatesText,
            .setsSystemVariable, .setsGlobal, .setsUntracked, .changesSchema, .changesCharacterSet, .changesRole,
        ]
        switch traits.kind {
        case .use, .setStatement, .setVariables, .setTransaction, .setNames, .setPassword, .setRole, .setDefaultRole,
            .setOther, .drop, .prepare, .deallocate:
            return true
        // MySQL reports that of a temporary table; no trigger or function runs in it.
        case .alter: return true
        default: return !traits.effects.isDisjoint(with: changing)
        }
    }

    /// A statement that may have committed something got no answer. Whoever looks for it must see it: reads go to the
    /// primary until the position of a later write is known.
    mutating func outcomeBecameUnknown() { wroteWithoutPosition = true }

    /// Whether a statement may have changed tables. When in doubt it has: it costs some reads on the primary.
    func mayHaveWritten(_ traits: StatementTraits) -> Bool {
        guard traits.access == .primary else { return false }
        let effects: StatementEffects = [.multiStatement, .callsUnknownFunction, .usesSequence]
        if !traits.effects.isDisjoint(with: effects) { return true }
        switch traits.kind {
        case .select, .values, .table, .setVariables, .setNames, .setTransaction, .setRole, .setOther, .prepare,
            .deallocate, .show,
            .describe, .explain, .lockTables, .unlockTables, .savepoint, .releaseSavepoint, .rollbackToSavepoint, .kill,
            .getDiagnostics, .signal, .handler, .use, .help, .empty, .other:
            return false
        default: return true
        }
    }

    /// A statement of the client's set up a part of session tracking.
    mutating func tracks(_ own: OwnTracking) { ownTracking.formUnion(own.subtracting(.beginsCharacteristics)) }

    // MARK: User variables

    /// The variables whose values only the main connection has, if asking for them is all that it takes to leave it.
    var variablesToAsk: [[UInt8]] { variables.isUnknown ? [] : variables.stale }

    /// The string of ASCII that a user variable holds, where that is known.
    func text(ofVariable name: [UInt8]) -> [UInt8]? { variables.text(of: name, image) }

    private mutating func noteUserVariables(_ traits: StatementTraits, _ end: StatementEnd, _ left: SessionPins) {
        // A trigger or a function may change any, and those that SELECT INTO changes there no server reports.
        if (!image.userVariables.isEmpty || variables.hasTexts) && mayHaveWritten(traits) {
            variables.allBecomeStale(&image)
        }
        if left.contains(.userVariables) {
            let isTold = traits.effects.isDisjoint(with: [.callsUnknownFunction, .executesText])
            if end.userVariables.isEmpty || !isTold { variables.becomesUnknown() }
            for change in end.userVariables {
                if let number = change.number, !end.failed {
                    variables.becomesKnown(UserVariable(name: change.name, expression: number), &image)
                } else {
                    variables.becomesStale(change.name, &image)
                    if let text = change.text, !end.failed { variables.textTold(change.name, text) }
                }
            }
        }
        pinForUserVariables()
    }

    private mutating func pinForUserVariables() {
        if variables.holdsConnection { pins.insert(.userVariables) } else { pins.remove(.userVariables) }
    }

    /// The main connection told what was asked.
    mutating func userVariablesTold(_ told: [UserVariable]) {
        for variable in told { variables.becomesKnown(variable, &image) }
        pinForUserVariables()
    }

    /// It cannot tell, or not in a form that another connection would take.
    mutating func userVariablesUntellable() {
        variables.becomesUnknown()
        pinForUserVariables()
    }

    // MARK: Names

    /// Whether the text of a statement must be read for the names in it.
    func mayChangeNames(_ traits: StatementTraits) -> Bool {
        let making: StatementEffects = [.createsTemporaryTable, .acquiresUserLock, .opensHandler, .changesSQLLogBin]
        if !traits.effects.isDisjoint(with: making) || traits.kind == .xa { return true }
        guard !pins.isDisjoint(with: HeldNames.kinds) else { return false }
        if !traits.effects.isDisjoint(with: [.dropsTable, .releasesUserLock, .closesHandler]) { return true }
        return traits.kind == .drop || traits.kind == .alter || traits.kind == .rename
    }

    private mutating func noteNames(_ left: SessionPins, _ end: StatementEnd) {
        let kinds = left.intersection(HeldNames.kinds)
        if end.names.isEmpty {
            // A text that nobody read makes things without a name.
            if !kinds.isEmpty { names.addNameless(kinds) }
            return
        }
        // A SELECT of at most no row may not make its calls.
        let isCertain = !end.failed && image.value(of: "sql_select_limit") != [UInt8(ascii: "0")]
        names.apply(end.names, failed: !isCertain, schema: image.schema, dialect: sqlMode.dialect)
        for change in end.names {
            switch change {
            case .distributedTransactionEnded: if !end.failed { pins.remove(.xa) }
            case .binaryLogSwitched(on: true): if !end.failed { pins.remove(.binaryLogOff) }
            default: break
            }
        }
        pins.subtract(HeldNames.kinds)
        pins.formUnion(names.pins)
    }

    /// These pins were set by this statement.
    mutating func recordPins(_ new: SessionPins, _ nowUnixMilliseconds: Int64, _ statement: [UInt8]) {
        pinRecords.note(new, nowUnixMilliseconds, statement, sqlMode)
    }

    /// The pins that hold, for the console.
    var pinSnapshots: [PinSnapshot] { pinRecords.snapshots(of: pins, names) }

    mutating func pin(_ reason: SessionPins) { pins.insert(reason) }
    mutating func unpin(_ reason: SessionPins) { pins.remove(reason) }

    /// The main connection went, and with it everything that only it knew. A read-only transaction on a replica goes on.
    mutating func mainLost(transactionGoesOn: Bool = false) {
        lastInsertIDIsLost = lastInsertIDIsLost || pins.contains(.lastInsertID)
        lastSequenceValueIsLost = lastSequenceValueIsLost || pins.contains(.sequence)
        pins.subtract(SessionPins.lostWithConnection.union([.lastInsertID, .sequence, .diagnostics]))
        names = HeldNames()
        variables = UserVariableState()
        guard !transactionGoesOn else { return }
        transactionLost()
    }

    /// A server told what LAST_INSERT_ID() says: the image has it, and any connection will do. False when it cannot.
    mutating func lastInsertIDTold(_ value: [UInt8]) -> Bool {
        guard !value.isEmpty, value.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return false
        }
        guard !value.elementsEqual("0".utf8) else {
            // As on any connection that has made none.
            image.removeVariable("last_insert_id")
            pins.remove(.lastInsertID)
            return true
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
        transactionFlags = []
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
        // So they do with the role.
        if let role = image.role {
            _ = fresh.image.setRole(role, dependsOnGrants: SetRoleStatement.dependsOnGrants(role))
        }
        fresh.position = position
        fresh.wroteWithoutPosition = wroteWithoutPosition
        self = fresh
    }
}

extension StatementKind {
    /// Whether the end of such a statement tells how many rows it changed.
    fileprivate var countsRows: Bool {
        switch self {
        case .insert, .replace, .update, .delete, .load: true
        default: false
        }
    }
}
