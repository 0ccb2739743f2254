// Statement texts through the classifier and the router: where each goes, and why.
import SQL
import Testing

@testable import Routing

/// One row of the table.
struct RouteCase: Sendable, CustomTestStringConvertible {
    let text: String
    let context: RoutingContext
    let target: RouteTarget
    let reason: RoutingReason

    init(_ text: String, _ target: RouteTarget, _ reason: RoutingReason, _ context: RoutingContext = RoutingContext()) {
        self.text = text
        self.context = context
        self.target = target
        self.reason = reason
    }

    var testDescription: String {
        "\(text) [\(context.mode.rawValue) \(context.pins.names) \(context.isInTransaction)]"
    }
}

func decide(_ text: String, _ context: RoutingContext = RoutingContext()) -> RoutingDecision {
    Array(text.utf8).withUnsafeBytes { Router.decide(Classifier.classify($0, mode: SQLMode()), context) }
}

private func pinned(_ pins: SessionPins) -> RoutingContext { RoutingContext(pins: pins) }
private let inTransaction = RoutingContext(pins: .transaction, isInTransaction: true)
private let primaryMode = RoutingContext(mode: .primary)
private let replicaMode = RoutingContext(mode: .replica)
private let serializable = RoutingContext(isSerializable: true)

private let pureReads = [
    "SELECT 1", "select * from t", "  SELECT a FROM t WHERE b = 'x'", "/* c */ SELECT 1", "-- c\nSELECT 1",
    "SELECT 1;", "(SELECT 1)", "SELECT 1 UNION SELECT 2", "SELECT COUNT(*) FROM t GROUP BY a HAVING COUNT(*) > 1",
    "SELECT a FROM t ORDER BY b LIMIT 10", "SELECT NOW(), UUID(), RAND()", "WITH x AS (SELECT 1) SELECT * FROM x",
    "SELECT 'INSERT INTO t'", "SELECT * FROM `update`", "SELECT (SELECT MAX(a) FROM u) FROM t",
    "SELECT a FROM t JOIN u USING (id)", "SELECT CASE WHEN a THEN b ELSE c END FROM t", "SELECT @@version",
    "SELECT /* FOR UPDATE */ 1", "VALUES (1), (2)", "EXPLAIN SELECT 1", "DESCRIBE t", "DESC t",
    "SHOW CREATE TABLE t", "SHOW COLUMNS FROM t", "SHOW TABLES", "SELECT CURDATE()", "SELECT CONCAT(a, b) FROM t",
    "SELECT DATABASE()",
].map { RouteCase($0, .reader, .pureRead) }

private let writes = [
    "INSERT INTO t VALUES (1)", "REPLACE INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t",
    "insert into t select * from u", "WITH x AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM x)",
    "LOAD DATA INFILE 'f' INTO TABLE t", "CREATE TABLE t (a INT)", "ALTER TABLE t ADD b INT", "DROP TABLE t",
    "TRUNCATE TABLE t", "RENAME TABLE t TO u", "CREATE TEMPORARY TABLE t (a INT)", "DROP TEMPORARY TABLE t",
    "CREATE INDEX i ON t (a)", "CREATE VIEW v AS SELECT 1", "GRANT SELECT ON *.* TO u", "REVOKE SELECT ON *.* FROM u",
    "CREATE USER u", "CALL p()", "DO SLEEP(1)", "SELECT * FROM t FOR UPDATE", "SELECT * FROM t LOCK IN SHARE MODE",
    "SELECT a INTO @x FROM t", "SELECT a FROM t INTO OUTFILE 'f'", "SELECT @x := 1", "SELECT f(1)",
    "SELECT NEXTVAL(s)", "LOCK TABLES t WRITE", "UNLOCK TABLES",
    "FLUSH TABLES", "FLUSH TABLES WITH READ LOCK", "HANDLER t OPEN", "PREPARE s FROM 'SELECT 1'", "EXECUTE s",
    "DEALLOCATE PREPARE s", "KILL 1", "OPTIMIZE TABLE t", "ANALYZE TABLE t", "CHECK TABLE t", "SET GLOBAL x = 1",
    "SET @x = 1", "SET PASSWORD = 'x'", "SET autocommit = 0", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM t",
    "EXPLAIN DELETE FROM t", "XA START 'x'", "CHANGE MASTER TO MASTER_HOST = 'x'", "RESET MASTER", "SHUTDOWN",
    "NONSENSE", "SELECT 'open", "SELECT /* open", "SELECT LAST_INSERT_ID(5)", "SELECT LOAD_FILE('x')",
    "BEGIN NOT ATOMIC SELECT 1; END", "SET STATEMENT max_statement_time=1 FOR DELETE FROM t",
    "EXECUTE IMMEDIATE 'SELECT 1'", "SHOW PROCESSLIST", "INSTALL PLUGIN p SONAME 'x'", "BINLOG 'x'",
    "/*! DELETE FROM t */", "/*!50000 INSERT INTO t VALUES (1) */",
].map { RouteCase($0, .main, .notProvablyARead) }

private let sessionStatements = [
    RouteCase("SET NAMES utf8mb4", .anyAttached, .changesSessionState),
    RouteCase("SET SESSION sql_mode = ''", .anyAttached, .changesSessionState),
    RouteCase("SET sql_mode = 'ANSI'", .anyAttached, .changesSessionState),
    RouteCase("SET time_zone = '+00:00'", .anyAttached, .changesSessionState),
    RouteCase("USE db", .anyAttached, .changesSessionState),
    RouteCase("SET SESSION TRANSACTION READ WRITE", .main, .changesSessionState),
    RouteCase("SET SESSION tx_read_only = 0", .main, .changesSessionState),
    RouteCase("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE", .main, .changesSessionState),
    RouteCase("SET SESSION TRANSACTION READ ONLY", .anyAttached, .changesSessionState),
    RouteCase("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", .anyAttached, .changesSessionState),
    RouteCase("SET transaction_isolation = 'READ-COMMITTED'", .anyAttached, .changesSessionState),
    RouteCase("SHOW WARNINGS", .previous, .asksAboutLastStatement),
    RouteCase("SHOW ERRORS", .previous, .asksAboutLastStatement),
    RouteCase("SELECT FOUND_ROWS()", .previous, .asksAboutLastStatement),
    RouteCase("SELECT ROW_COUNT()", .previous, .asksAboutLastStatement),
    RouteCase("BEGIN", .main, .transactionControl),
    RouteCase("START TRANSACTION", .main, .transactionControl),
    RouteCase("START TRANSACTION READ WRITE", .main, .transactionControl),
    RouteCase("START TRANSACTION WITH CONSISTENT SNAPSHOT", .main, .transactionControl),
    RouteCase("START TRANSACTION READ ONLY", .reader, .beginsReadOnlyTransaction),
    RouteCase("COMMIT", .anyAttached, .endsNoTransaction),
    RouteCase("ROLLBACK", .anyAttached, .endsNoTransaction),
    RouteCase("COMMIT AND CHAIN", .main, .transactionControl),
    RouteCase("SAVEPOINT s", .main, .transactionControl),
    RouteCase("ROLLBACK TO SAVEPOINT s", .main, .transactionControl),
]

/// What the session is changes where a statement goes.
private let inContext =
    [
        "SELECT 1", "INSERT INTO t VALUES (1)", "COMMIT", "ROLLBACK", "SHOW WARNINGS", "SET NAMES utf8", "USE db",
        "SELECT LAST_INSERT_ID()", "START TRANSACTION READ ONLY", "SAVEPOINT s", "NONSENSE",
    ].map { RouteCase($0, .transaction, .insideTransaction, inTransaction) }
    + [
        SessionPins.autocommitOff, .nextTransaction, .temporaryTables, .tableLocks, .globalReadLock, .untrackedState,
        .unclassified, .xa,
    ].flatMap { pin in
        ["SELECT 1", "INSERT INTO t VALUES (1)", "SHOW WARNINGS", "SET NAMES utf8", "START TRANSACTION READ ONLY"].map {
            RouteCase($0, .main, .pinned, pinned(pin))
        }
    }
    + [
        SessionPins.userVariables, .userLocks, .handler, .textStatements, .preparedStatements, .lastInsertID,
        .diagnostics, .sequence,
    ].map { RouteCase("SELECT 1", .reader, .pureRead, pinned($0)) }
    + [
        SessionPins.userVariables, .userLocks, .handler, .textStatements, .preparedStatements, .lastInsertID,
        .sequence,
    ].map { RouteCase("START TRANSACTION READ ONLY", .main, .transactionControl, pinned($0)) }
    + [
        RouteCase("SELECT @x", .reader, .pureRead),
        RouteCase("SELECT @x", .main, .readsPinnedUserVariables, pinned(.userVariables)),
        RouteCase("SELECT * FROM t WHERE a = @x", .main, .readsPinnedUserVariables, pinned(.userVariables)),
        RouteCase("SELECT 1", .main, .serializableIsolation, serializable),
        RouteCase("INSERT INTO t VALUES (1)", .main, .notProvablyARead, serializable),
        RouteCase("SELECT 1", .main, .listenerSendsToPrimary, primaryMode),
        RouteCase("DELETE FROM t", .main, .listenerSendsToPrimary, primaryMode),
        RouteCase("SELECT 1", .main, .listenerSendsToReplica, replicaMode),
        RouteCase("DELETE FROM t", .main, .listenerSendsToReplica, replicaMode),
        RouteCase(
            "SELECT 1", .transaction, .listenerSendsToPrimary, RoutingContext(mode: .primary, isInTransaction: true)),
        RouteCase(
            "COMMIT", .transaction, .listenerSendsToReplica, RoutingContext(mode: .replica, isInTransaction: true)),
    ]

private let primaryOnlyReads = [
    RouteCase("SELECT LAST_INSERT_ID()", .main, .readsLastInsertID),
    RouteCase("SELECT @@last_insert_id", .main, .readsLastInsertID),
    RouteCase("SELECT @@identity", .main, .readsLastInsertID),
    RouteCase("SELECT @@read_only", .main, .asksAboutTheServer),
    RouteCase("SELECT @@hostname", .main, .asksAboutTheServer),
    RouteCase("SELECT GET_LOCK('a', 1)", .main, .touchesUserLocks),
    RouteCase("SELECT RELEASE_LOCK('a')", .main, .touchesUserLocks),
    RouteCase("SELECT IS_FREE_LOCK('a')", .main, .touchesUserLocks),
    RouteCase("SELECT IS_USED_LOCK('a')", .main, .touchesUserLocks),
]

@Suite struct RouterTableTests {
    static let table = pureReads + writes + sessionStatements + inContext + primaryOnlyReads

    @Test func `the table has its size`() { #expect(Self.table.count >= 120) }

    @Test(arguments: table) func `a statement goes where it belongs`(row: RouteCase) {
        let decision = decide(row.text, row.context)
        #expect(decision.target == row.target)
        #expect(decision.reason == row.reason)
    }

    @Test(arguments: pureReads) func `a pure read may be sent again`(row: RouteCase) {
        #expect(decide(row.text).isRepeatable)
    }

    @Test(arguments: writes + sessionStatements.filter { $0.target == .main })
    func `what may have an effect is never sent again`(row: RouteCase) {
        for mode in [RoutingMode.split, .primary, .replica] {
            #expect(!decide(row.text, RoutingContext(mode: mode)).isRepeatable)
        }
    }

    @Test func `nothing is sent again inside of a transaction`() {
        for mode in [RoutingMode.split, .primary, .replica] {
            #expect(!decide("SELECT 1", RoutingContext(mode: mode, isInTransaction: true)).isRepeatable)
        }
    }

    @Test func `a read on a listener with one target may be sent again unless state goes with the connection`() {
        #expect(decide("SELECT 1", primaryMode).isRepeatable)
        #expect(decide("SELECT 1", replicaMode).isRepeatable)
        #expect(!decide("SELECT 1", RoutingContext(mode: .primary, pins: .temporaryTables)).isRepeatable)
        #expect(!decide("SELECT @x", primaryMode).isRepeatable)
        #expect(!decide("SELECT LAST_INSERT_ID()", primaryMode).isRepeatable)
    }

    @Test func `in every context a write goes to the main connection or its transaction`() {
        for bits in 0..<(1 << 16) where bits.nonzeroBitCount <= 2 {
            let pins = SessionPins(rawValue: UInt32(bits))
            for open in [false, true] {
                let decision = decide("INSERT INTO t VALUES (1)", RoutingContext(pins: pins, isInTransaction: open))
                #expect(decision.target == (open ? .transaction : .main))
            }
        }
    }

    @Test func `every reason has its own words`() {
        let texts = RoutingReason.allCases.map(\.text)
        #expect(Set(texts).count == texts.count)
        #expect(!texts.contains(""))
    }
}
