import SQL
import Testing

@Suite struct TableMentionTests {
    @Test(arguments: [
        "SELECT a FROM t", "SELECT (SELECT a FROM t)", "SELECT 1 FROM (SELECT 1) t", "INSERT INTO t VALUES (1)",
        "SET @a = (SELECT a FROM t)", "DO (SELECT 0 FROM (SELECT 0) x)", "SHOW TABLES", "SHOW STATUS LIKE 'x'",
        "SHOW CREATE TABLE t", "LOCK TABLES t READ", "CREATE TABLE t (a INT)", "EXPLAIN SELECT a FROM t",
        "SELECT 1; DELETE FROM t", "CALL p()",
    ])
    func `a statement with a table is known`(text: String) {
        #expect(classify(text).mentionsTables)
    }

    @Test(arguments: [
        ("SELECT 1; DELETE FROM t", true), ("SELECT 1; SELECT 2; DROP TABLE t; SELECT 3", true),
        ("DELETE FROM t; SELECT 1", false), ("SELECT 1; SELECT 2", false), ("DELETE FROM t", false),
        ("SELECT 1; SET @a = 1", false),
    ])
    func `a change of tables behind the first statement is known`(text: String, changes: Bool) {
        #expect(classify(text).changesTablesLater == changes)
    }

    @Test(arguments: [
        ("SELECT 1; NONSENSE", true), ("SELECT 1; NONSENSE; SELECT 2", true), ("SELECT 1; SELECT 2", false),
        ("NONSENSE; SELECT 1", false),
    ])
    func `a statement that nobody knows is noticed behind others`(text: String, isUnknown: Bool) {
        #expect(classify(text).hasUnknownStatement == isUnknown)
    }

    @Test(arguments: [
        "SELECT 1", "SELECT 1 FROM DUAL", "SET @a = 1", "SET NAMES utf8", "DO 1", "BEGIN", "COMMIT", "USE db",
        "SELECT EXTRACT(YEAR FROM '2020-01-01')", "SELECT TRIM(BOTH 'x' FROM @a)",
        "SHOW WARNINGS", "SHOW PROCESSLIST", "SELECT 1 UNION SELECT 2", "UNLOCK TABLES", "SAVEPOINT s",
    ])
    func `a statement without one, too`(text: String) {
        #expect(!classify(text).mentionsTables)
    }
}
