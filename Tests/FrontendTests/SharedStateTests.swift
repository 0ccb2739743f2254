// What a statement may leave on a connection that goes to another session.
import SQL
import Testing

@testable import Frontend

@Suite struct SharedStateTests {
    private func traits(_ text: String) -> StatementTraits {
        Array(text.utf8).withUnsafeBytes { Classifier.classify($0, mode: SQLMode()) }
    }

    @Test(arguments: [
        "SELECT 1", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 1", "DELETE FROM t", "BEGIN", "COMMIT", "USE d",
        "SET time_zone = '+01:00'", "SET NAMES utf8mb4", "SELECT LAST_INSERT_ID()", "SELECT * FROM t FOR UPDATE",
    ])
    func `is known`(text: String) { #expect(SharedState.isKnown(after: traits(text))) }

    @Test(arguments: [
        "SET @a = 1", "SELECT 1 INTO @a", "CREATE TEMPORARY TABLE t (a INT)", "SELECT GET_LOCK('a', 1)",
        "LOCK TABLES t READ",
        "HANDLER t OPEN", "PREPARE s FROM 'SELECT 1'", "EXECUTE s", "CALL p()", "SELECT f()", "SET timestamp = 1",
        "SET sql_log_bin = 0", "SELECT 1; SELECT 2", "SET ROLE r", "SET TRANSACTION READ ONLY", "SELECT NEXTVAL(s)",
        "LOAD DATA LOCAL INFILE 'a' INTO TABLE t", "SELECT SQL_CALC_FOUND_ROWS 1", "CREATE TABLE t (a INT)",
        "XA BEGIN 'a'",
    ])
    func `is not known`(text: String) { #expect(!SharedState.isKnown(after: traits(text))) }

    @Test func `a change of the session by an INSERT is a trigger's`() {
        #expect(!SharedState.explainsChange(traits("INSERT INTO t VALUES (1)")))
        #expect(!SharedState.explainsChange(traits("SELECT a FROM v")))
        for text in ["SET @a = 1", "USE d", "SET NAMES latin1", "CALL p()", "CREATE TEMPORARY TABLE t (a INT)"] {
            #expect(SharedState.explainsChange(traits(text)))
        }
    }
}
