// Pins and their release, transactions, positions, loss and reset.
import Routing
import SQL
import Backend
import Testing
import Wire

@testable import Frontend

private func classify(_ text: String, _ state: SessionState) -> StatementTraits {
    Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: state.sqlMode) }
}

extension SessionState {
    /// A statement that ended with these flags; nil for an error.
    fileprivate mutating func run(
        _ text: String, _ status: StatusFlags? = .autocommit, onMain: Bool = true, insertID: UInt64 = 0,
        warnings: UInt16 = 0, reported: Bool = false, hadPosition: Bool = false, failed: Bool = false,
        stateChanged: Bool = false, role: String? = nil
    ) {
        let traits = classify(text, self)
        let names = Array(text.utf8).withUnsafeBytes { NamedChanges.read($0, traits, mode: sqlMode) }
        statementEnded(
            traits,
            StatementEnd(
                status: status, ranOnMain: onMain, lastInsertID: insertID, warnings: warnings,
                leftUnreported: !reported, failed: failed, names: names, reportedStateChange: stateChanged,
                role: role.map { Array($0.utf8) }),
            positionIsKnown: hadPosition)
    }

    fileprivate mutating func report(_ name: String, _ value: String) {
        Array(name.utf8).withUnsafeBytes { name in
            Array(value.utf8).withUnsafeBytes { _ = variableReported(name, $0) }
        }
    }
}

private func fresh() -> SessionState { SessionState(mode: SQLMode()) }

@Suite struct SessionStateTests {
    @Test(arguments: ["gtid_next", "gtid_seq_no", "gtid_domain_id", "server_id"])
    func `a session that sets what numbers its transactions is known for it until it is reset`(name: String) {
        var state = fresh()
        state.report("insert_id", "7")
        state.report("sql_mode", "ANSI")
        #expect(!state.choosesNumbers)
        state.report(name, "7")
        #expect(state.choosesNumbers)
        state.reset()
        #expect(!state.choosesNumbers)
    }

    @Test(
        arguments: [
            ("SET @x = 1", SessionPins.userVariables), ("SELECT 1 INTO @x", .userVariables),
            ("SELECT @x := 1", .userVariables),
            ("CREATE TEMPORARY TABLE t (a INT)", .temporaryTables), ("SELECT GET_LOCK('a', 1)", .userLocks),
            ("HANDLER t OPEN", .handler), ("PREPARE s FROM 'SELECT 1'", .textStatements),
            ("LOCK TABLES t READ", .tableLocks),
            ("FLUSH TABLES WITH READ LOCK", .globalReadLock), ("XA START 'x'", .xa), ("CALL p()", .untrackedState),
            ("EXECUTE s", .untrackedState), ("EXECUTE IMMEDIATE 'SELECT 1'", .untrackedState),
            ("SET @@sql_mode = ''", .untrackedState), ("SET ROLE r", .untrackedState),
            ("SET SESSION sql_log_bin = 0", .binaryLogOff),
            ("BEGIN NOT ATOMIC SELECT 1; END", .untrackedState), ("SELECT SQL_CALC_FOUND_ROWS 1", .diagnostics),
            ("SELECT LAST_INSERT_ID(5)", .lastInsertID), ("SELECT my_function(1)", [.userVariables, .userLocks]),
            ("SET TRANSACTION READ ONLY", .nextTransaction),
        ] as [(String, SessionPins)])
    func `a statement pins for what it leaves behind`(text: String, pin: SessionPins) {
        var state = fresh()
        state.run(text)
        #expect(state.pins.isSuperset(of: pin))
    }

    @Test(arguments: [
        "SELECT 1", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "SET NAMES utf8", "USE db", "SHOW TABLES",
        "SET SESSION sql_mode = ''", "COMMIT", "CREATE TABLE t (a INT)",
    ])
    func `an ordinary statement pins nothing`(text: String) {
        var state = fresh()
        state.run(text, reported: true)
        #expect(state.pins.isEmpty)
    }

    @Test func `UNLOCK TABLES releases both kinds of locks`() {
        var state = fresh()
        state.run("LOCK TABLES t READ")
        state.run("FLUSH TABLES WITH READ LOCK")
        state.run("UNLOCK TABLES")
        #expect(state.pins.isDisjoint(with: [.tableLocks, .globalReadLock]))
    }

    @Test func `tables and the instance are unlocked each by their own statement`() {
        var state = SessionState(mode: SQLMode(dialect: .mySQL))
        state.run("LOCK TABLES t READ")
        state.run("UNLOCK INSTANCE")
        #expect(state.pins == .tableLocks)
        state.run("LOCK INSTANCE FOR BACKUP")
        state.run("UNLOCK TABLES")
        #expect(!state.pins.isEmpty)
    }

    @Test func `an error is kept for SHOW WARNINGS, however often that asks`() {
        var state = fresh()
        state.run("SELECT nonsense", nil, failed: true)
        #expect(state.pins.contains(.diagnostics))
        for text in ["SHOW WARNINGS", "SHOW COUNT(*) ERRORS", "GET DIAGNOSTICS @n = NUMBER"] {
            state.run(text)
            #expect(state.pins.contains(.diagnostics))
        }
        state.run("SELECT 1; SELECT nonsense", .autocommit, failed: true)
        #expect(state.pins.contains(.diagnostics))
        state.run("SELECT 1")
        #expect(!state.pins.contains(.diagnostics))
    }

    @Test func `diagnostics are released by the next statement`() {
        var state = fresh()
        state.run("INSERT INTO t VALUES (1)", warnings: 2)
        #expect(state.pins.contains(.diagnostics))
        state.run("SELECT 1")
        #expect(!state.pins.contains(.diagnostics))
    }

    @Test func `a bare system variable pins only when the server does not report it`() {
        var state = fresh()
        state.run("SET @@time_zone = '+00:00'", reported: true)
        #expect(state.pins.isEmpty)
    }

    @Test func `a role that is told is carried, and one that is not pins`() {
        var state = fresh()
        state.run("SET ROLE r", reported: true, role: "`r`")
        #expect(state.pins.isEmpty && state.image.role == Array("`r`".utf8))
        state.run("SET ROLE NONE", reported: true, role: "NONE")
        #expect(state.pins.isEmpty && state.image.role == Array("NONE".utf8))
        state.run("SET ROLE x", nil, reported: true, failed: true, role: "`x`")
        #expect(state.pins == .diagnostics && state.image.role == Array("NONE".utf8))
        for text in ["SET ROLE @a", "SET @a = 1, ROLE r", "SELECT 1; SET ROLE r"] {
            var other = fresh()
            other.run(text, reported: true)
            #expect(other.pins.contains(.untrackedState), "\(text)")
        }
    }

    @Test func `a role under which the session could not come to its state again pins`() {
        var state = fresh()
        state.run("SET ROLE r", role: "`r`")
        #expect(state.pins.contains(.untrackedState) && state.image.role == nil)
        var other = fresh()
        other.report("time_zone", "+01:00")
        other.run("SET ROLE r", reported: true, role: "`r`")
        #expect(other.pins.isEmpty)
        // Some servers ask for a privilege, which the former role may have given.
        other.report("binlog_format", "ROW")
        other.run("SET ROLE NONE", reported: true, role: "NONE")
        #expect(other.pins.contains(.untrackedState))
    }

    @Test func `COM_RESET_CONNECTION leaves the role`() {
        var state = fresh()
        state.run("SET ROLE r", reported: true, role: "`r`")
        state.report("time_zone", "+01:00")
        state.reset()
        #expect(state.image.role == Array("`r`".utf8) && state.image.value(of: "time_zone") == nil)
    }

    @Test func `setting a role writes nothing`() {
        var state = fresh()
        state.run("SET ROLE r", reported: true, role: "`r`")
        #expect(!state.wroteWithoutPosition)
        state.run("SET DEFAULT ROLE r FOR u", reported: true)
        #expect(state.wroteWithoutPosition)
    }

    @Test func `a transaction begins and ends by the server's flags, not by words`() {
        var state = fresh()
        state.run("BEGIN", [.autocommit, .inTransaction])
        #expect(state.isInTransaction && state.pins.contains(.transaction))
        state.run("SELECT 1", nil)
        #expect(state.isInTransaction)
        state.run("ALTER TABLE t ADD b INT", .autocommit)
        #expect(!state.isInTransaction && !state.pins.contains(.transaction))
    }

    @Test func `autocommit off pins until it is on, and a reader's flags do not count`() {
        var state = fresh()
        state.run("SET autocommit = 0", [])
        #expect(state.pins.contains(.autocommitOff) && !state.statusFlags.contains(.autocommit))
        state.run("SELECT 1", .autocommit, onMain: false)
        #expect(state.pins.contains(.autocommitOff))
        state.run("SET autocommit = 1", .autocommit)
        #expect(!state.pins.contains(.autocommitOff))
    }

    @Test func `SET TRANSACTION holds until the transaction it is meant for ended`() {
        var state = fresh()
        state.run("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        for between in ["SET NAMES utf8", "SHOW TABLES", "USE db", "SET @x = 1"] {
            state.run(between, reported: true)
            #expect(state.pins.contains(.nextTransaction))
        }
        state.run("BEGIN", [.autocommit, .inTransaction])
        state.run("SELECT 1", [.autocommit, .inTransaction])
        #expect(state.pins.contains(.nextTransaction))
        state.run("COMMIT")
        #expect(!state.pins.contains(.nextTransaction))
        state.run("SET TRANSACTION READ ONLY")
        state.run("SELECT 1")
        #expect(!state.pins.contains(.nextTransaction))
    }

    @Test func `an insert id pins, and is known to be lost with its connection until there is a new one`() {
        var state = fresh()
        state.run("INSERT INTO t VALUES (1)", insertID: 7)
        #expect(state.pins.contains(.lastInsertID) && !state.lastInsertIDIsLost)
        state.mainLost()
        #expect(state.lastInsertIDIsLost && !state.pins.contains(.lastInsertID))
        state.mainLost()
        #expect(state.lastInsertIDIsLost)
        state.run("INSERT INTO t VALUES (1)", insertID: 8)
        #expect(!state.lastInsertIDIsLost)
    }

    @Test func `what the main connection knew goes with it, and what is carried stays`() {
        var state = fresh()
        state.report("time_zone", "+01:00")
        for text in [
            "SET @x = 1", "CREATE TEMPORARY TABLE t (a INT)", "HANDLER t OPEN", "SELECT NEXTVAL(s)",
        ] { state.run(text) }
        state.run("BEGIN", [.autocommit, .inTransaction])
        state.mainLost()
        #expect(state.pins.isEmpty && !state.isInTransaction)
        #expect(state.image.value(of: "time_zone") == Array("+01:00".utf8))
    }

    @Test func `a read-only transaction on a replica outlives the main connection`() {
        var state = fresh()
        state.run("START TRANSACTION READ ONLY", [.autocommit, .inTransaction], onMain: false)
        state.mainLost(transactionGoesOn: true)
        #expect(state.isInTransaction && state.pins.contains(.transaction))
        state.transactionLost()
        #expect(!state.isInTransaction && state.pins.isEmpty)
    }

    @Test func `a reported position is merged, and clears an unknown one`() throws {
        var state = fresh()
        state.run("INSERT INTO t VALUES (1)")
        #expect(state.wroteWithoutPosition)
        state.report("last_gtid", "0-1-10")
        #expect(!state.wroteWithoutPosition)
        state.report("last_gtid", "1-1-3")
        state.report("last_gtid", "0-1-9")
        #expect(state.position == (try Position.parse("0-1-10,1-1-3", flavor: .mariaDB)))
        state.report("last_gtid", "")
        state.report("last_gtid", "nonsense")
        #expect(state.position == (try Position.parse("0-1-10,1-1-3", flavor: .mariaDB)))
    }

    @Test(arguments: [
        ("INSERT INTO t VALUES (1)", true), ("UPDATE t SET a = 1", true), ("DELETE FROM t", true),
        ("CREATE TABLE t (a INT)", true),
        ("CALL p()", true), ("SELECT 1; DELETE FROM t", true),
        ("SET STATEMENT max_statement_time=1 FOR DELETE FROM t", true),
        ("SELECT 1", false), ("SELECT * FROM t FOR UPDATE", false), ("SET NAMES utf8", false), ("COMMIT", false),
        ("SHOW TABLES", false), ("EXPLAIN SELECT 1", false),
    ])
    func `a write whose position nobody told is remembered`(text: String, writes: Bool) {
        var state = fresh()
        state.run(text, reported: true)
        #expect(state.wroteWithoutPosition == writes)
        var told = fresh()
        told.run(text, reported: true, hadPosition: true)
        #expect(!told.wroteWithoutPosition)
        var failed = fresh()
        failed.run(text, nil, reported: true)
        // A part of it may have been committed, and an error says nothing of positions.
        #expect(failed.wroteWithoutPosition == writes)
    }

    @Test(
        arguments: [
            ("SELECT f(1)", .endOfRows, true), ("DO f(1)", .ok, true), ("CALL p()", .ok, true),
            ("SET STATEMENT max_statement_time=1 FOR ALTER TABLE t ADD b INT", .ok, true),
            ("ANALYZE INSERT INTO t VALUES (1)", .endOfRows, true), ("XA COMMIT 'x'", .ok, true),
            ("INSERT INTO t VALUES (1) RETURNING a", .endOfRows, true), ("DROP TABLE t", .ok, true),
            ("INSERT INTO t VALUES (1)", .ok, false), ("UPDATE t SET a = 1", .ok, false),
            ("SELECT * FROM t FOR UPDATE", .endOfRows, false), ("SET NAMES utf8", .ok, false), ("COMMIT", .ok, false),
        ] as [(String, ResponseEvent, Bool)])
    func `what may commit without a word is known`(text: String, event: ResponseEvent, mayHide: Bool) {
        var state = fresh()
        let traits = classify(text, state)
        #expect(state.mayHideCommit(traits, event, transactionIsOpen: false) == mayHide)
        // In an open transaction nothing is committed.
        state.run("BEGIN", [.autocommit, .inTransaction])
        #expect(!state.mayHideCommit(traits, event, transactionIsOpen: true))
    }

    @Test func `a transaction that wrote and whose commit has no position is remembered`() {
        for base in [StatusFlags.autocommit, []] {
            var state = fresh()
            state.run("BEGIN", base.union(.inTransaction))
            state.run("UPDATE t SET a = 1", base.union(.inTransaction))
            state.run("SELECT 1", base.union(.inTransaction))
            #expect(!state.wroteWithoutPosition)
            state.run("COMMIT", base)
            #expect(state.wroteWithoutPosition)
        }
    }

    @Test func `a transaction that did not write, was rolled back, or whose position is known is not`() {
        for (statement, end, hadPosition) in [
            ("SELECT 1", "COMMIT", false), ("UPDATE t SET a = 1", "ROLLBACK", false),
            ("UPDATE t SET a = 1", "COMMIT", true),
        ] {
            var state = fresh()
            state.run("BEGIN", [.autocommit, .inTransaction])
            state.run(statement, [.autocommit, .inTransaction])
            state.run(end, .autocommit, hadPosition: hadPosition)
            #expect(!state.wroteWithoutPosition)
            // And nothing of it is left for the next transaction.
            state.run("BEGIN", [.autocommit, .inTransaction])
            state.run("COMMIT")
            #expect(!state.wroteWithoutPosition)
        }
    }

    @Test func `a reset is as a login, but what was written stays written`() {
        var state = SessionState(mode: SQLMode(ignoreSpace: true))
        state.report("sql_mode", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES")
        state.report("last_gtid", "0-1-10")
        state.run("SET @x = 1")
        state.run("INSERT INTO t VALUES (1)", insertID: 4)
        state.schemaChanged(Array("db".utf8))
        state.reset()
        #expect(state.pins.isEmpty && state.image.value(of: "sql_mode") == nil)
        #expect(state.image.schema == Array("db".utf8))
        #expect(state.sqlMode == SQLMode(ignoreSpace: true))
        #expect(state.position != nil && state.wroteWithoutPosition && !state.lastInsertIDIsLost)
    }

    @Test func `the reported sql_mode changes how text is read, and the login's own part stays`() {
        var state = SessionState(mode: SQLMode(ignoreSpace: true, dialect: .mySQL))
        state.report("sql_mode", "ansi_quotes,NO_BACKSLASH_ESCAPES")
        #expect(state.sqlMode.ansiQuotes && state.sqlMode.noBackslashEscapes && state.sqlMode.ignoreSpace)
        state.report("sql_mode", "")
        #expect(!state.sqlMode.ansiQuotes && !state.sqlMode.noBackslashEscapes && state.sqlMode.ignoreSpace)
    }

    @Test func `character sets and isolation are watched`() {
        var state = fresh()
        state.report("character_set_client", "gbk")
        #expect(state.sqlMode.ambiguousCharacterSet)
        state.report("character_set_client", "utf8mb4")
        #expect(!state.sqlMode.ambiguousCharacterSet)
        state.report("tx_isolation", "SERIALIZABLE")
        #expect(state.isSerializable)
        state.report("transaction_isolation", "REPEATABLE-READ")
        #expect(!state.isSerializable)
    }

    @Test(arguments: [
        "last_gtid", "timestamp", "insert_id", "statement_id", "pseudo_thread_id", "gtid_next",
    ])
    func `what is no setting is not carried`(name: String) {
        var state = fresh()
        state.report(name, "1")
        #expect(state.image.revision == 0)
    }

    @Test func `what LAST_INSERT_ID says is carried once the server told it`() {
        var state = fresh()
        state.pin(.lastInsertID)
        for nonsense in ["", "-1", "x", "7 "] {
            let isTold = state.lastInsertIDTold(Array(nonsense.utf8))
            #expect(!isTold)
        }
        #expect(state.pins == .lastInsertID)
        let isTold = state.lastInsertIDTold(Array("7".utf8))
        #expect(isTold)
        #expect(state.image.value(of: "last_insert_id") == Array("7".utf8))
        #expect(state.image.revision == 1)
        #expect(state.pins == [])
        let isToldAgain = state.lastInsertIDTold(Array("0".utf8))
        #expect(isToldAgain && state.image.value(of: "last_insert_id") == nil)
    }

    @Test func `a client that turns the tracker pins the session, and so does a full image`() {
        var state = fresh()
        state.report("session_track_system_variables", "")
        #expect(state.pins == .untrackedState)
        var full = fresh()
        for number in 0..<200 { full.report("v\(number)", "1") }
        #expect(full.pins == .untrackedState)
    }
}
