// The console's SQL: an in-memory SQLite database whose tables are live snapshots, read-only, every cost bounded.

import CSQLite

/// Answers the SQL of console clients. Blocking and not thread-safe: confined to one serial queue, which the owner
/// provides; `rows` of the tables are called on that queue, at most once per table and statement.
package final class ConsoleDatabase {
    let catalog: ConsoleCatalog
    let context: StatementContext
    let limits: ConsoleLimits
    private let connection: OpaquePointer
    private let registry = TableRegistry()
    private let module: UnsafeMutablePointer<sqlite3_module>
    private let started = ContinuousClock.now
    private var statementsRun: Int64 = 0

    /// What `VERSION()` and the greeting say: drivers choose their start-up queries by the leading number.
    package static let standardVersion = "8.0.36-switchyard"

    /// Opens the database over `tables`, whose names must differ. Throws 1105 if SQLite refuses a table.
    package init(
        tables: [ConsoleTable], version: String = ConsoleDatabase.standardVersion, limits: ConsoleLimits = .init()
    ) throws(ConsoleError) {
        sqlite3_hard_heap_limit64(ConsoleLimits.sqliteHeapBytesMaximum)
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(":memory:", &opened, flags, nil) == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw ConsoleError(code: 1105, sqlState: "HY000", message: "SQLite cannot open a database in memory")
        }
        connection = opened
        catalog = ConsoleCatalog(tables: tables)
        context = StatementContext(variables: SystemVariables(version: version, limits: limits))
        self.limits = limits
        module = .allocate(capacity: 1)
        module.initialize(to: VirtualTableModule.makeModule())
        try prepareConnection()
    }

    deinit {
        sqlite3_close_v2(connection)
        module.deallocate()
    }

    /// Runs one statement to its end. Not reentrant.
    package func run(_ sql: String) throws(ConsoleError) -> ConsoleResult {
        try run(sql, session: ConsoleSession())
    }

    /// Runs one statement to its end on behalf of `session`. Not reentrant.
    package func run(_ sql: String, session: ConsoleSession) throws(ConsoleError) -> ConsoleResult {
        guard sql.utf8.count <= limits.statementBytesMaximum else {
            throw ConsoleError(
                code: 1153, sqlState: "08S01",
                message: "The console takes statements of up to \(limits.statementBytesMaximum) bytes")
        }
        statementsRun += 1
        context.begin(session: session, timeout: limits.statementTimeout)
        defer { context.end() }
        let text = try ConsoleText(sql)
        guard !text.tokens.isEmpty else {
            throw ConsoleError(code: 1065, sqlState: "42000", message: "Query was empty")
        }
        if let command = try ConsoleCommands.command(for: text) { return try command.answer(in: self) }
        return try query(text)
    }

    /// Seconds since the database was opened, and statements since then.
    var status: (uptimeSeconds: Int64, statements: Int64) {
        (started.duration(to: .now).components.seconds, statementsRun)
    }

    /// Runs text that is no command, through SQLite.
    func query(_ text: ConsoleText) throws(ConsoleError) -> ConsoleResult {
        try ConsoleCommands.checkIsQuery(text)
        let variables = context.variables
        let translation = try SQLiteTranslation(text) { variables[$0] != nil }
        return try SQLiteQuery(connection: connection, context: context, catalog: catalog, limits: limits)
            .run(translation)
    }

    private func prepareConnection() throws(ConsoleError) {
        let auxiliary = Unmanaged.passUnretained(registry).toOpaque()
        guard sqlite3_create_module_v2(connection, VirtualTableModule.name, module, auxiliary, nil) == SQLITE_OK else {
            throw setUpError()
        }
        // Sorts spill into memory, where the heap limit counts them, and not into files.
        try setUp("PRAGMA temp_store = MEMORY")
        for schema in [ConsoleCatalog.schema, ConsoleCatalog.informationSchema] {
            try setUp("ATTACH ':memory:' AS \(schema)")
            for table in try catalog.tables(in: schema) { try create(table, in: schema) }
        }
        guard ConsoleFunctions.install(on: connection, context: context) else { throw setUpError() }
        _ = switchyard_sqlite_set_option(connection, SQLITE_DBCONFIG_DEFENSIVE, 1)
        _ = switchyard_sqlite_set_option(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        setLimits()
        ConsoleAuthorizer.install(on: connection, context: context)
        sqlite3_progress_handler(
            connection, ConsoleLimits.instructionsBetweenClockReads,
            { auxiliary in
                guard let auxiliary else { return 0 }
                return Unmanaged<StatementContext>.fromOpaque(auxiliary).takeUnretainedValue().isLate ? 1 : 0
            }, Unmanaged.passUnretained(context).toOpaque())
    }

    private func create(_ table: ConsoleTable, in schema: String) throws(ConsoleError) {
        guard registry.add(TableBinding(table: table, schema: schema, context: context)) else {
            throw ConsoleError(code: 1050, sqlState: "42S01", message: "Table '\(table.name)' already exists")
        }
        let name = ConsoleValue.quoted(table.name, with: "\"")
        try setUp("CREATE VIRTUAL TABLE \(schema).\(name) USING \(VirtualTableModule.name)")
    }

    private func setUp(_ sql: String) throws(ConsoleError) {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw setUpError() }
    }

    private func setUpError() -> ConsoleError {
        ConsoleError(code: 1105, sqlState: "HY000", message: String(cString: sqlite3_errmsg(connection)))
    }

    private func setLimits() {
        let bounds: [(Int32, Int32)] = [
            (SQLITE_LIMIT_LENGTH, ConsoleLimits.valueBytesMaximum),
            (SQLITE_LIMIT_COLUMN, ConsoleLimits.columnsMaximum),
            (SQLITE_LIMIT_EXPR_DEPTH, ConsoleLimits.expressionDepthMaximum),
            (SQLITE_LIMIT_COMPOUND_SELECT, ConsoleLimits.compoundSelectMaximum),
            (SQLITE_LIMIT_VDBE_OP, ConsoleLimits.programInstructionsMaximum),
            (SQLITE_LIMIT_FUNCTION_ARG, ConsoleLimits.functionArgumentsMaximum),
            (SQLITE_LIMIT_VARIABLE_NUMBER, 0),
            (SQLITE_LIMIT_TRIGGER_DEPTH, 0),
            (SQLITE_LIMIT_WORKER_THREADS, 0),
        ]
        for (limit, value) in bounds { sqlite3_limit(connection, limit, value) }
    }
}
