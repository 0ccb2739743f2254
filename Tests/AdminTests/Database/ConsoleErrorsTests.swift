// What is refused, and with which MySQL error.

import Testing

@testable import Admin

@Suite struct ConsoleErrorsTests {
    @Test(arguments: [
        ("SELECT * FROM nodez", 1146, "42S02"), ("SELECT * FROM information_schema.nope", 1146, "42S02"),
        ("SELECT * FROM elsewhere.nodes", 1049, "42000"), ("SELECT nope FROM nodes", 1054, "42S22"),
        ("SELECT node FROM nodes, sessions", 1052, "23000"), ("SELECT nope(1)", 1305, "42000"),
        ("SELECT IF(1)", 1582, "42000"), ("SELECT FROM WHERE", 1064, "42000"), ("SELECT 'open", 1064, "42000"),
        ("SELECT /* open", 1064, "42000"), ("", 1065, "42000"), ("-- nothing", 1065, "42000"), (";", 1065, "42000"),
        ("SELECT 1; SELECT 2", 1064, "42000"), ("HELLO", 1064, "42000"), ("SHOW NONSENSE", 1064, "42000"),
        ("SELECT @@no_such_variable", 1193, "HY000"), ("SELECT 'a\\0b'", 1064, "42000"),
        ("SELECT ?", 1064, "42000"),
    ])
    func `a mistake gets MySQL's own error`(sql: String, code: UInt16, state: String) throws {
        let error = try SampleConsole.error(sql)
        #expect(error.code == code)
        #expect(error.sqlState == state)
    }

    @Test func `an unknown table is answered with the list of tables`() throws {
        let error = try SampleConsole.error("SELECT * FROM nodez")
        #expect(error.message.contains("'switchyard.nodez'"))
        #expect(error.message.contains("nodes, sessions"))
    }

    @Test(arguments: [
        "INSERT INTO nodes VALUES (1)", "UPDATE nodes SET node = 1", "DELETE FROM nodes", "DROP TABLE nodes",
        "CREATE TABLE x (a)", "CREATE VIRTUAL TABLE x USING console", "ATTACH '/tmp/x' AS x", "DETACH switchyard",
        "PRAGMA writable_schema = 1", "VACUUM", "REPLACE INTO nodes VALUES (1)", "ALTER TABLE nodes RENAME TO x",
        "WITH x AS (SELECT 1) DELETE FROM nodes", "WITH x AS (SELECT 1) INSERT INTO nodes SELECT * FROM x",
        "WITH x AS (SELECT 1) UPDATE switchyard.sqlite_master SET sql = ''",
        "SELECT * FROM pragma_database_list", "SELECT load_extension('x')", "SELECT 'a' GLOB 'b'",
        "SELECT json_patch('{}', '{}')",
        "SELECT * FROM main.sqlite_master", "SELECT * FROM dbstat", "EXPLAIN DELETE FROM nodes",
    ])
    func `everything but reading the console's tables is refused`(sql: String) throws {
        let database = try SampleConsole.database()
        let error = try #require(throws: ConsoleError.self) { try database.run(sql) }
        #expect(error.code == 1290)
        #expect(error.message.hasPrefix("The console is read-only for "))
        #expect(try database.run("SELECT COUNT(*) FROM nodes").rows == [[3]])
    }

    @Test func `a bomb of recursion is interrupted`() throws {
        var limits = ConsoleLimits()
        limits.statementTimeout = .milliseconds(50)
        let database = try SampleConsole.database(limits: limits)
        let bomb = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c"
        let error = try #require(throws: ConsoleError.self) { try database.run(bomb) }
        #expect(error.code == 3024)
        #expect(try database.run("SELECT 1").rows == [[1]])
    }

    @Test func `a statement out of time is interrupted inside a function too`() throws {
        var limits = ConsoleLimits()
        limits.statementTimeout = .zero
        #expect(try SampleConsole.error("SELECT CONCAT('a', 'b')", limits: limits).code == 3024)
    }

    @Test(arguments: [
        "INSTR(hex(zeroblob(100000)), hex(zeroblob(50000)) || '1')",
        "REPLACE(hex(zeroblob(100000)), hex(zeroblob(50000)) || '1', '')",
        "hex(zeroblob(100000)) LIKE CONCAT('%', hex(zeroblob(50000)), '1')",
    ])
    func `a statement out of time is interrupted within one call too`(call: String) throws {
        var limits = ConsoleLimits()
        limits.statementTimeout = .milliseconds(50)
        #expect(try SampleConsole.error("SELECT \(call)", limits: limits).code == 3024)
    }

    @Test func `a text that would grow beyond all bounds is an error`() throws {
        let sql = "SELECT REPLACE(hex(zeroblob(400000)), '0', hex(zeroblob(400000)))"
        #expect(try SampleConsole.error(sql).code == 1301)
    }

    @Test func `a result with too many rows is an error, one at the bound is not`() throws {
        var limits = ConsoleLimits()
        limits.resultRowsMaximum = 1_000
        let endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c"
        let error = try SampleConsole.error(endless, limits: limits)
        #expect(error.code == 1104)
        #expect(error.message.contains("1000 rows"))
        #expect(try SampleConsole.database(limits: limits).run(endless + " LIMIT 1000").rows.count == 1_000)
    }

    @Test func `a result with too many bytes is an error`() throws {
        var limits = ConsoleLimits()
        limits.resultBytesMaximum = 100_000
        let wide = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT hex(zeroblob(500)) FROM c"
        #expect(try SampleConsole.error(wide, limits: limits).code == 1104)
    }

    @Test func `a value that is too large is an error`() throws {
        #expect(try SampleConsole.error("SELECT zeroblob(100000000)").code == 1301)
        #expect(try SampleConsole.error("SELECT CONCAT(hex(zeroblob(500000)), hex(zeroblob(500000)))").code == 1301)
    }

    // In a process of its own: SQLite's heap bound is per process, and a full heap would fail tests that run beside.
    @Test func `a statement that fills the heap is an error, and the database stays usable`() async {
        await #expect(processExitsWith: .success) {
            let database = try SampleConsole.database()
            let hungry = """
                WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000)
                SELECT COUNT(*) FROM (SELECT DISTINCT hex(zeroblob(200000)) || n FROM c)
                """
            let error = try #require(throws: ConsoleError.self) { try database.run(hungry) }
            #expect(error.code == 1041)
            #expect(try database.run("SELECT COUNT(*) FROM nodes").rows == [[3]])
        }
    }

    @Test func `a statement that is too long is an error`() throws {
        let long = "SELECT '" + String(repeating: "x", count: ConsoleLimits().statementBytesMaximum) + "'"
        #expect(try SampleConsole.error(long).code == 1153)
    }

    @Test func `a deep expression is an error`() throws {
        let deep = "SELECT " + String(repeating: "(1+", count: 2_000) + "1" + String(repeating: ")", count: 2_000)
        #expect(try SampleConsole.error(deep).code == 1064)
    }
}
