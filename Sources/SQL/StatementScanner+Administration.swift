// Table locks, FLUSH, maintenance, replication control, KILL and the rest of the administrative verbs.

extension StatementScanner {
    mutating func parseLockingStatement() {
        let verb = token.keyword
        advance()
        switch verb {
        case .lock: parseLock()
        case .unlock: judge(.unlockTables, .primary, .tableLock, isAtTables ? .unlocksTables : [])
        case .flush: parseFlush()
        case .reset: judge(.reset, .primary, .flush, transaction: .implicitCommit)
        default: parseBackup()
        }
    }

    private var isAtTables: Bool { token.keyword == .table || token.keyword == .tables }

    private mutating func parseLock() {
        if isAtTables { return judge(.lockTables, .primary, .tableLock, .locksTables, transaction: .implicitCommit) }
        // `LOCK INSTANCE FOR BACKUP` leaves transactions alone, and `UNLOCK TABLES` leaves it alone.
        judge(.lockTables, .primary, .tableLock, [.locksTables, .setsUntracked])
    }

    private mutating func parseFlush() {
        judge(.flush, .primary, .flush, transaction: .implicitCommit)
        while !isAtStatementEnd {
            if token.keyword == .with, peek().keyword == .read { effects.insert(.flushesWithReadLock) }
            if token.keyword == .for, peek().keyword == .export { effects.insert(.locksTables) }
            advance()
        }
    }

    /// `BACKUP STAGE …`, `BACKUP LOCK t`, `BACKUP UNLOCK`.
    private mutating func parseBackup() {
        judge(.backup, .primary, .tableLock, .setsUntracked)
        if token.keyword == .lock { effects.insert(.locksTables) }
        if token.keyword == .unlock { effects.insert(.unlocksTables) }
    }

    mutating func parseAdministration() {
        let verb = token.keyword
        advance()
        switch verb {
        case .optimize: judgeMaintenance(.optimize)
        case .check: judgeMaintenance(.check)
        case .repair: judgeMaintenance(.repair)
        case .checksum: judge(.checksum, .primary, .administration)
        case .cache: judgeMaintenance(.cacheIndex)
        case .kill:
            judge(.kill, .primary, .kill, .kills)
            scanBody()
        case .signal, .resignal:
            judge(.signal, .primary, .signal)
            scanBody(reportsUnknownCalls: false)
        case .install, .uninstall: judgeMaintenance(.install)
        case .shutdown, .restart: judge(.shutdown, .primary, .administration)
        case .change: judge(.replication, .primary, .replicationControl, transaction: .implicitCommit)
        case .stop, .purge: judge(.replication, .primary, .replicationControl)
        case .binlog: judge(.binlog, .primary, .replicationControl)
        case .help: judge(.help, .read, .schemaInformation)
        case .clone, .import: judge(.other, .primary, .administration)
        default: judgeUnknown()
        }
    }

    private mutating func judgeMaintenance(_ kind: StatementKind) {
        judge(kind, .primary, .administration, transaction: .implicitCommit)
    }
}
