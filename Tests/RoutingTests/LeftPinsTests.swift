// What a statement leaves behind, by its text.
import Routing
import SQL
import Testing

@Suite struct LeftPinsTests {
    @Test(
        arguments: [
            ("SET @x = 1", .userVariables), ("CREATE TEMPORARY TABLE t (a INT)", .temporaryTables),
            ("SELECT GET_LOCK('a', 1)", .userLocks), ("HANDLER t OPEN", .handler),
            ("PREPARE s FROM 'SELECT 1'", .textStatements), ("LOCK TABLES t READ", .tableLocks),
            ("FLUSH TABLES WITH READ LOCK", .globalReadLock), ("XA START 'x'", .xa), ("CALL p()", .untrackedState),
            ("SELECT 1; CALL p()", .untrackedState),
            ("EXECUTE s", .untrackedState), ("SELECT 1; SET ROLE r", .untrackedState),
            ("SET ROLE r; SELECT 1", .untrackedState), ("SET sql_log_bin = 0", .binaryLogOff),
            ("SELECT SQL_CALC_FOUND_ROWS 1", .diagnostics), ("SELECT LAST_INSERT_ID(5)", .lastInsertID),
            ("SELECT my_function(1)", [.userVariables, .userLocks]), ("SET TRANSACTION READ ONLY", .nextTransaction),
            ("BEGIN", .transaction), ("SET autocommit = 0", .autocommitOff),
            ("SELECT NEXTVAL(s)", .sequence), ("INSERT INTO t VALUES (NEXT VALUE FOR s)", .sequence),
        ] as [(String, SessionPins)])
    func `a statement pins for what it leaves behind`(text: String, pins: SessionPins) {
        let traits = Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
        #expect(SessionPins.left(by: traits).isSuperset(of: pins))
    }

    @Test(arguments: [
        "SELECT 1", "INSERT INTO t VALUES (1)", "SET NAMES utf8", "USE db", "SET SESSION sql_mode = ''", "COMMIT",
        "SET ROLE r", "SELECT @x", "DROP TEMPORARY TABLE t", "SELECT RELEASE_LOCK('a')", "UNLOCK TABLES",
    ])
    func `an ordinary statement leaves nothing`(text: String) {
        let traits = Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
        #expect(SessionPins.left(by: traits) == [])
    }
}
