// MySQL spellings that reach SQLite, by what they answer.

import Testing

@testable import Admin

@Suite struct SQLiteTranslationTests {
    @Test(arguments: [
        ("SELECT 'it\\'s'", ConsoleValue.text("it's")), ("SELECT \"node\" FROM nodes LIMIT 1", "node"),
        ("SELECT 1 <=> NULL", 0), ("SELECT 1 && 0", 0), ("SELECT LEFT('switch', 2)", "sw"),
        ("SELECT RIGHT('switch', 2)", "ch"), ("SELECT _utf8mb4'x'", "x"), ("SELECT 7 FROM DUAL", 7),
        ("SELECT SQL_NO_CACHE 7", 7), ("SELECT @unset", .null), ("SELECT 5--1", 6),
        ("SELECT 'a' = 'A' COLLATE utf8mb4_general_ci", 1), ("SELECT 'a' = 'A' COLLATE utf8mb4_bin", 0),
        ("SELECT /*!40001 SQL_NO_CACHE */ 3 # last", 3),
    ])
    func `a spelling of MySQL means what it means there`(sql: String, expected: ConsoleValue) throws {
        #expect(try SampleConsole.rows(sql) == [[expected]])
    }

    @Test func `result columns are named as the client wrote them`() throws {
        let sql =
            "SELECT @@version_comment, @@session.sql_mode AS mode, CURRENT_USER, LEFT('a', 1), @u, VERSION() LIMIT 1"
        let names = try SampleConsole.database().run(sql).columns.map(\.name)
        #expect(names == ["@@version_comment", "mode", "CURRENT_USER", "LEFT('a', 1)", "@u", "VERSION()"])
    }

    @Test func `a system variable is a value like any other`() throws {
        let rows = try SampleConsole.rows("SELECT @@autocommit + 1, @@GLOBAL.VERSION_COMMENT, @@max_allowed_packet")
        #expect(rows == [[2, "Switchyard console", 16_777_216]])
    }

    @Test func `the opening query of a Java driver is answered`() throws {
        let sql = """
            /* mysql-connector-j-8.3.0 */SELECT  @@session.auto_increment_increment AS auto_increment_increment, \
            @@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection, \
            @@character_set_results AS character_set_results, @@character_set_server AS character_set_server, \
            @@collation_server AS collation_server, @@collation_connection AS collation_connection, \
            @@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS license, \
            @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, \
            @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, \
            @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, \
            @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout
            """
        let result = try SampleConsole.database().run(sql)
        #expect(result.columns.count == 19)
        #expect(result.columns.first?.name == "auto_increment_increment")
        #expect(result.rows.count == 1)
    }
}
