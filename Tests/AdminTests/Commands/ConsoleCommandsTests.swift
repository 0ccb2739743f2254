// The SHOW family and the statements that clients send by habit.

import Testing

@testable import Admin

@Suite struct ConsoleCommandsTests {
    @Test func `SHOW TABLES lists the tables, filtered and full`() throws {
        let database = try SampleConsole.database()
        #expect(try database.run("SHOW TABLES").rows == [["nodes"], ["sessions"]])
        #expect(try database.run("show tables from switchyard like 'SESS%'").rows == [["sessions"]])
        #expect(try database.run("SHOW TABLES").columns.map(\.name) == ["Tables_in_switchyard"])
        #expect(
            try database.run("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE' AND Tables_in_switchyard LIKE 'n%'")
                .rows == [["nodes", "BASE TABLE"]])
        #expect(
            try database.run("SHOW TABLES FROM `information_schema`").rows == [["SCHEMATA"], ["TABLES"], ["COLUMNS"]])
        #expect(throws: ConsoleError.self) { try database.run("SHOW TABLES FROM elsewhere") }
        #expect(throws: ConsoleError.self) { try database.run("SHOW TABLES nonsense") }
    }

    @Test func `SHOW CREATE TABLE carries the comments`() throws {
        let rows = try SampleConsole.rows("SHOW CREATE TABLE `switchyard`.`nodes`;")
        let expected = """
            CREATE TABLE `nodes` (
              `cluster` text COMMENT 'Its cluster',
              `node` text COMMENT 'Its name, the admin''s',
              `role` text,
              `lag_ms` bigint COMMENT 'Milliseconds behind',
              `load` double,
              `since` datetime(6)
            ) ENGINE=SWITCHYARD COMMENT='One row per node'
            """
        #expect(rows == [["nodes", .text(expected)]])
        #expect(try SampleConsole.error("SHOW CREATE TABLE nope").code == 1146)
    }

    @Test(arguments: [
        "DESCRIBE sessions", "desc switchyard.sessions", "EXPLAIN sessions", "SHOW COLUMNS FROM sessions",
    ])
    func `a table is described in every spelling`(sql: String) throws {
        let result = try SampleConsole.database().run(sql)
        #expect(result.columns.map(\.name) == ["Field", "Type", "Null", "Key", "Default", "Extra"])
        #expect(result.rows.first == ["id", "bigint", "YES", "", .null, ""])
        #expect(result.rows.count == 3)
    }

    @Test func `SHOW FULL COLUMNS has comments and filters`() throws {
        let rows = try SampleConsole.rows("SHOW FULL COLUMNS FROM nodes FROM switchyard LIKE 'lag\\_%'")
        #expect(rows == [["lag_ms", "bigint", .null, "YES", "", .null, "", "select", "Milliseconds behind"]])
        #expect(try SampleConsole.rows("DESCRIBE nodes lag_ms").count == 1)
        #expect(try SampleConsole.rows("SHOW FIELDS IN nodes WHERE Field = 'role' AND Type = \"text\"").count == 1)
    }

    @Test func `databases, engines and character sets are listed`() throws {
        #expect(try SampleConsole.rows("SHOW DATABASES") == [["switchyard"]])
        #expect(try SampleConsole.rows("SHOW SCHEMAS LIKE 'x%'") == [])
        #expect(try SampleConsole.rows("SHOW ENGINES").first?.first == "SWITCHYARD")
        #expect(try SampleConsole.rows("SHOW STORAGE ENGINES").count == 1)
        #expect(try SampleConsole.rows("SHOW COLLATION WHERE Charset = 'utf8mb4' AND Id = 45").count == 1)
        #expect(try SampleConsole.rows("SHOW CHARACTER SET LIKE 'utf8%'").first?.first == "utf8mb4")
        #expect(try SampleConsole.rows("SHOW TABLE STATUS LIKE 'nodes'").first?.last == "One row per node")
    }

    @Test func `SHOW VARIABLES and SHOW STATUS filter by name`() throws {
        #expect(try SampleConsole.rows("SHOW VARIABLES LIKE 'version_comment'").first?.last == "Switchyard console")
        #expect(
            try SampleConsole.rows("SHOW SESSION VARIABLES WHERE Variable_name IN ('sql_mode', 'time_zone')")
                == [["sql_mode", "STRICT_TRANS_TABLES"], ["time_zone", "+00:00"]])
        let database = try SampleConsole.database()
        _ = try database.run("SELECT 1")
        #expect(try database.run("SHOW GLOBAL STATUS LIKE 'Questions'").rows == [["Questions", "2"]])
    }

    @Test func `a condition cannot break out of SHOW`() throws {
        #expect(try SampleConsole.error("SHOW TABLES WHERE 1) UNION SELECT 1; --").code == 1064)
        #expect(try SampleConsole.rows("SHOW TABLES WHERE 1 -- all") == [["nodes"], ["sessions"]])
    }

    @Test(arguments: [
        "SHOW WARNINGS", "SHOW ERRORS", "SHOW INDEX FROM nodes", "SHOW KEYS FROM nodes", "SHOW TRIGGERS",
        "SHOW EVENTS", "SHOW PROCEDURE STATUS WHERE Db = 'switchyard'", "SHOW PLUGINS",
    ])
    func `what the console does not have is an empty list`(sql: String) throws {
        let result = try SampleConsole.database().run(sql)
        #expect(!result.columns.isEmpty)
        #expect(result.rows.isEmpty)
    }

    @Test(arguments: [
        "SET NAMES utf8mb4", "SET autocommit=1, sql_mode = 'x'", "/*!40101 SET x = 1 */", "BEGIN", "START TRANSACTION",
        "COMMIT", "ROLLBACK", "USE switchyard", "use `Switchyard`;", "/* ApplicationName=GUI */ SET x = 1",
    ])
    func `what clients send by habit is acknowledged`(sql: String) throws {
        let result = try SampleConsole.database().run(sql)
        #expect(result == .ok())
    }

    @Test func `another database cannot be used`() throws {
        #expect(try SampleConsole.error("USE mysql").code == 1049)
        #expect(try SampleConsole.error("USE").code == 1064)
    }
}
