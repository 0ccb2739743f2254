// Pins for named things go with the last of them, and never before.
import Routing
import SQL
import Testing
import Wire

@testable import Frontend

private func held(_ statements: String..., failing: Set<String> = [], dialect: Dialect = .mariaDB) -> SessionPins {
    var state = SessionState(mode: SQLMode(dialect: dialect))
    state.schemaChanged(Array("app".utf8))
    for text in statements {
        let failed = failing.contains(text)
        Array(text.utf8).withUnsafeBytes { bytes in
            let traits = Classifier.classify(bytes, mode: state.sqlMode)
            let isRead = state.mayChangeNames(traits)
            state.statementEnded(
                traits,
                StatementEnd(
                    status: failed ? nil : .autocommit, ranOnMain: true, lastInsertID: 0, warnings: 0,
                    leftUnreported: false, failed: failed,
                    names: isRead ? NamedChanges.read(bytes, traits, mode: state.sqlMode) : []),
                positionIsKnown: false)
        }
    }
    return state.pins.subtracting(.diagnostics)
}

@Suite struct HeldNamesTests {
    @Test func `a temporary table pins until it is dropped, under whichever name`() {
        #expect(held("CREATE TEMPORARY TABLE t (a INT)", "DROP TABLE t") == [])
        #expect(held("CREATE TEMPORARY TABLE t (a INT)", "DROP TEMPORARY TABLE IF EXISTS app.t, u") == [])
        #expect(held("CREATE TEMPORARY TABLE t (a INT)", "ALTER TABLE t RENAME TO u", "DROP TABLE u") == [])
        #expect(held("CREATE TEMPORARY TABLE t (a INT)", "RENAME TABLE t TO u", "DROP TABLE u") == [])
        #expect(held("CREATE TEMPORARY TABLE other.t LIKE x", "DROP TABLE other.t") == [])
    }

    @Test func `a temporary table that may still be there pins`() {
        let create = "CREATE TEMPORARY TABLE t (a INT)"
        for other in ["DROP TABLE u", "DROP TABLE other.t", "DROP TABLE T", "DROP DATABASE app", "DROP VIEW t"] {
            #expect(held(create, other) == .temporaryTables, "\(other)")
        }
        #expect(held(create, "DROP TABLE t", failing: ["DROP TABLE t"]) == .temporaryTables)
        #expect(held(create, "CREATE TEMPORARY TABLE u (a INT)", "DROP TABLE t") == .temporaryTables)
        #expect(held(create, "ALTER TABLE t RENAME TO u", "DROP TABLE t") == .temporaryTables)
        // MySQL renames no temporary table so.
        #expect(held(create, "RENAME TABLE t TO u", "DROP TABLE u", dialect: .mySQL) == .temporaryTables)
        #expect(held("SELECT 1; CREATE TEMPORARY TABLE t (a INT)", "DROP TABLE t") == .temporaryTables)
    }

    @Test func `locks are counted by name`() {
        let take = "SELECT GET_LOCK('a', 1)"
        #expect(held(take, "SELECT RELEASE_LOCK('A')") == [])
        #expect(held(take, take, "DO RELEASE_LOCK('a')") == .userLocks)
        #expect(held(take, take, "DO RELEASE_LOCK('a')", "DO RELEASE_LOCK('a')") == [])
        #expect(held(take, "DO RELEASE_LOCK('b')") == .userLocks)
        #expect(held(take, "DO RELEASE_LOCK('a')", failing: ["DO RELEASE_LOCK('a')"]) == .userLocks)
        #expect(held(take, "SELECT RELEASE_LOCK('a') WHERE 0") == .userLocks)
        #expect(held("SELECT GET_LOCK(CONCAT('a', 'b'), 1)", "DO RELEASE_LOCK('ab')") == .userLocks)
        #expect(held("SELECT GET_LOCK(CONCAT('a', 'b'), 1)", take, "SELECT RELEASE_ALL_LOCKS()") == [])
        #expect(held("SELECT f()", "DO RELEASE_LOCK('a')").contains(.userLocks))
    }

    @Test func `handlers, distributed transactions and the binary log`() {
        #expect(held("HANDLER t OPEN AS h", "HANDLER h CLOSE") == [])
        #expect(held("HANDLER t OPEN", "HANDLER u OPEN", "HANDLER t CLOSE") == .handler)
        #expect(held("XA START 'x'", "XA END 'x'", "XA PREPARE 'x'") == .xa)
        #expect(held("XA START 'x'", "XA END 'x'", "XA COMMIT 'x' ONE PHASE") == [])
        #expect(held("XA START 'x'", "XA RECOVER") == .xa)
        #expect(held("XA RECOVER") == [])
        #expect(held("SET sql_log_bin = 0") == .binaryLogOff)
        #expect(held("SET sql_log_bin = 0", "SET sql_log_bin = 1") == [])
        #expect(held("SET sql_log_bin = 0", "SET sql_log_bin = 1", failing: ["SET sql_log_bin = 1"]) == .binaryLogOff)
    }

    @Test func `more names than are kept pin until the session ends`() {
        var names = HeldNames()
        let many = (0...FrontendLimits.heldNames).map { TableName(schema: [0x61], table: Array("t\($0)".utf8)) }
        names.apply(many.map { .temporaryTableCreated($0) }, failed: false, schema: [], dialect: .mariaDB)
        names.apply([.tablesDropped(many)], failed: false, schema: [], dialect: .mariaDB)
        #expect(names.pins == .temporaryTables)
        #expect(names.releaseRule(.temporaryTables) == nil)
    }

    @Test func `release rules name what is held`() {
        var names = HeldNames()
        names.apply(
            [
                .temporaryTableCreated(TableName(table: Array("t".utf8))), .lockTaken(Array("a".utf8)),
                .lockTaken(Array("a".utf8)), .handlerOpened(Array("h".utf8)),
            ], failed: false, schema: Array("app".utf8), dialect: .mariaDB)
        #expect(names.releaseRule(.temporaryTables) == "DROP TEMPORARY TABLE app.t")
        #expect(names.releaseRule(.userLocks) == "RELEASE_LOCK('a') 2 times, or RELEASE_ALL_LOCKS()")
        #expect(names.releaseRule(.handler) == "HANDLER … CLOSE of h")
    }

    @Test func `what a server reports and no text tells pins`() {
        for (text, isExplained) in [
            ("INSERT INTO t VALUES (1)", false), ("SELECT f()", false), ("SET @x = 1", true), ("USE db", true),
            ("DROP TEMPORARY TABLE t", true), ("PREPARE p FROM 'SELECT 1'", true),
            ("SET STATEMENT max_statement_time = 1 FOR SELECT 1", true),
        ] {
            var state = SessionState(mode: SQLMode())
            Array(text.utf8).withUnsafeBytes { bytes in
                state.statementEnded(
                    Classifier.classify(bytes, mode: state.sqlMode),
                    StatementEnd(
                        status: .autocommit, ranOnMain: true, lastInsertID: 0, warnings: 0, leftUnreported: false,
                        reportedStateChange: true), positionIsKnown: false)
            }
            #expect(state.pins.contains(.temporaryTables) == !isExplained, "\(text)")
        }
    }

    @Test func `a pin tells since when, by which statement, and what releases it`() throws {
        var state = SessionState(mode: SQLMode())
        state.pin(.tableLocks)
        state.recordPins(.tableLocks, 1_000, Array("LOCK TABLES t READ".utf8))
        let long = "LOCK TABLES t READ /* \(String(repeating: "x", count: 200)) */"
        #expect(
            state.pinSnapshots == [
                PinSnapshot(
                    reason: "LOCK TABLES", sinceUnixMilliseconds: 1_000, statement: "LOCK TABLES t READ",
                    releaseRule: "UNLOCK TABLES")
            ])
        state.recordPins(.tableLocks, 2_000, Array(("SELECT 'secret'," + long).utf8))
        let pin = try #require(state.pinSnapshots.first)
        #expect(pin.sinceUnixMilliseconds == 2_000 && !pin.statement.contains("secret"))
        #expect(pin.statement.utf8.count <= FrontendLimits.pinStatementBytes)
    }
}
