// Which statements wait while a cluster is paused.

import SQL
import Testing

@testable import Routing

@Suite struct PauseRuleTests {
    private func waits(_ statement: String, _ session: RoutingContext = RoutingContext()) -> Bool {
        let traits = Array(statement.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
        return Router.waitsForPause(traits, session)
    }

    @Test(arguments: [
        "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "SELECT * FROM t FOR UPDATE", "BEGIN",
        "START TRANSACTION READ WRITE", "CREATE TABLE t (a INT)", "CALL p()", "LOCK TABLES t WRITE", "XA START 'x'",
        "EXECUTE s", "COMMIT AND CHAIN", "SET GLOBAL max_connections = 1", "SET @a = f()", "SELECT f(1)",
        "GRANT SELECT ON *.* TO a", "SHOW TABLES; DELETE FROM t",
        "nonsense",
    ])
    func `what may write, and what begins a transaction, waits`(statement: String) {
        #expect(waits(statement))
    }

    @Test(arguments: [
        "SELECT 1", "SELECT * FROM t", "START TRANSACTION READ ONLY", "COMMIT", "ROLLBACK", "SET @a = 1",
        "SET autocommit = 0", "SET autocommit = 1", "USE s", "SET @@sql_mode = ''", "SHOW WARNINGS", "SHOW TABLES",
        "SHOW MASTER STATUS",
        "UNLOCK TABLES", "SAVEPOINT a",
    ])
    func `reads, session state and ends go on`(statement: String) {
        #expect(!waits(statement))
    }

    @Test func `what has begun goes on`() {
        let write = "INSERT INTO t VALUES (1)"
        #expect(!waits(write, RoutingContext(isInTransaction: true)))
        for pins: SessionPins in [.tableLocks, .globalReadLock, .xa] {
            #expect(!waits(write, RoutingContext(pins: pins)))
        }
        for pins: SessionPins in [.temporaryTables, .userLocks, .userVariables] {
            #expect(waits(write, RoutingContext(pins: pins)))
        }
    }

    @Test func `where every statement begins a transaction, reads wait too`() {
        let off = RoutingContext(pins: .autocommitOff)
        for statement in ["SELECT * FROM t", "SAVEPOINT a", "DELETE FROM t", "SET @a = (SELECT 1)"] {
            #expect(waits(statement, off))
        }
        for statement in ["COMMIT", "SET autocommit = 1", "SET NAMES utf8mb4"] { #expect(!waits(statement, off)) }
    }

    @Test func `on a listener of mode primary reads go on, and with mode replica everything`() {
        #expect(!waits("SELECT * FROM t", RoutingContext(mode: .primary)))
        #expect(waits("DELETE FROM t", RoutingContext(mode: .primary)))
        #expect(!waits("DELETE FROM t", RoutingContext(mode: .replica)))
    }
}
