// Queries over the console's virtual tables.

import Testing

@testable import Admin

@Suite struct ConsoleDatabaseTests {
    @Test func `a select returns rows and the declared columns`() throws {
        let result = try SampleConsole.database().run("SELECT * FROM nodes")
        #expect(result.rows == SampleConsole.nodes)
        #expect(result.columns.map(\.name) == ["cluster", "node", "role", "lag_ms", "load", "since"])
        #expect(result.columns.map(\.type) == [.text, .text, .text, .integer, .real, .datetime])
    }

    @Test func `a join matches rows of two tables`() throws {
        let rows = try SampleConsole.rows(
            "SELECT s.id, n.role FROM sessions s JOIN nodes n ON n.node = s.node ORDER BY s.id DESC")
        #expect(rows == [[3, "replica"], [2, "replica"], [1, "primary"]])
    }

    @Test func `a left join keeps rows without a match`() throws {
        let rows = try SampleConsole.rows(
            "SELECT s.id, n.role FROM sessions s LEFT JOIN nodes n ON n.node = s.node WHERE n.node IS NULL")
        #expect(rows == [[4, .null]])
    }

    @Test func `aggregates, groups, order and limit work`() throws {
        let rows = try SampleConsole.rows(
            "SELECT user, COUNT(*) AS n FROM sessions GROUP BY user HAVING n > 0 ORDER BY n DESC, user LIMIT 2")
        #expect(rows == [["app", 2], ["idle", 1]])
    }

    @Test func `LIMIT with an offset before the comma works as in MySQL`() throws {
        #expect(try SampleConsole.rows("SELECT id FROM sessions ORDER BY id LIMIT 1, 2") == [[2], [3]])
    }

    @Test func `subselects reach the other table`() throws {
        let rows = try SampleConsole.rows(
            """
            SELECT node, (SELECT COUNT(*) FROM sessions s WHERE s.node = n.node) AS sessions FROM nodes n
            WHERE node IN (SELECT node FROM sessions) ORDER BY node
            """)
        #expect(rows == [["db1", 1], ["db2", 2]])
    }

    @Test func `equality on an integer, a text and a mixture finds what a scan finds`() throws {
        #expect(try SampleConsole.rows("SELECT user FROM sessions WHERE id = 3") == [["report"]])
        #expect(try SampleConsole.rows("SELECT user FROM sessions WHERE id = '3'") == [["report"]])
        #expect(try SampleConsole.rows("SELECT user FROM sessions WHERE id = 3.0") == [["report"]])
        #expect(try SampleConsole.rows("SELECT role FROM nodes WHERE load = 4") == [["replica"]])
        #expect(try SampleConsole.rows("SELECT id FROM sessions WHERE node = 'db2' AND id = 2") == [[2]])
        #expect(try SampleConsole.rows("SELECT id FROM sessions WHERE node = 'DB1'") == [])
        #expect(try SampleConsole.rows("SELECT id FROM sessions WHERE node = 'DB1' COLLATE NOCASE") == [[1]])
        #expect(try SampleConsole.rows("SELECT id FROM sessions WHERE node = NULL") == [])
        #expect(try SampleConsole.rows("SELECT id FROM sessions WHERE id IN (1, 4, 9) ORDER BY id") == [[1], [4]])
    }

    @Test func `times compare as times, also with a bare year`() throws {
        #expect(try SampleConsole.rows("SELECT node FROM nodes WHERE since > '2025-03-02 12:00:00'") == [["db3"]])
        #expect(try SampleConsole.rows("SELECT COUNT(*) FROM nodes WHERE since > '2025'") == [[3]])
    }

    @Test func `one statement takes one snapshot of a table`() throws {
        let counter = SnapshotCounter()
        let database = try SampleConsole.database(counter: counter)
        _ = try database.run("SELECT * FROM nodes a JOIN nodes b JOIN nodes c ON a.node <> b.node")
        #expect(counter.count == 1)
        _ = try database.run("SELECT 1 FROM nodes")
        #expect(counter.count == 2)
    }

    @Test func `a row that is too short is padded with NULL`() throws {
        let columns = [ConsoleColumn(name: "a", type: .integer), ConsoleColumn(name: "b", type: .text)]
        let table = ConsoleTable(name: "short", comment: "", columns: columns) { [[1], [2, "x"]] }
        let database = try ConsoleDatabase(tables: [table])
        #expect(try database.run("SELECT * FROM short WHERE b IS NULL").rows == [[1, .null]])
        #expect(try database.run("SELECT * FROM short WHERE b = 'x'").rows == [[2, "x"]])
    }

    @Test func `names with quotes and text of any kind survive`() throws {
        let columns = [ConsoleColumn(name: "we\"ird `col", type: .text)]
        let texts: [ConsoleValue] = ["", "zero\u{0}inside", "émigré", "'quoted'"]
        let table = ConsoleTable(name: "od'd \"name", comment: "", columns: columns) { texts.map { [$0] } }
        let result = try ConsoleDatabase(tables: [table]).run("SELECT * FROM `od'd \"name`")
        #expect(result.rows == texts.map { [$0] })
        #expect(result.columns.map(\.name) == ["we\"ird `col"])
    }

    @Test func `two tables of one name are refused`() throws {
        let table = ConsoleTable(name: "a", comment: "", columns: [ConsoleColumn(name: "x", type: .text)]) { [] }
        let twin = ConsoleTable(name: "A", comment: "", columns: table.columns) { [] }
        let error = try #require(throws: ConsoleError.self) { try ConsoleDatabase(tables: [table, twin]) }
        #expect(error.code == 1050)
    }

    @Test func `the schema name and backquotes are understood`() throws {
        #expect(try SampleConsole.rows("SELECT `id` FROM `switchyard`.`sessions` WHERE `id` = 1;") == [[1]])
    }

    @Test func `computed columns get the type of their values`() throws {
        let result = try SampleConsole.database().run("SELECT 1 AS a, 1.5 AS b, 'x' AS c, NULL AS d, since FROM nodes")
        #expect(result.columns.map(\.type) == [.integer, .real, .text, .text, .datetime])
    }

    @Test func `information_schema describes the tables`() throws {
        #expect(
            try SampleConsole.rows(
                "SELECT table_name, TABLE_COMMENT FROM information_schema.tables WHERE table_schema = DATABASE()")
                == [["nodes", "One row per node"], ["sessions", ""]])
        #expect(
            try SampleConsole.rows(
                """
                SELECT COLUMN_NAME, COLUMN_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'sessions'
                ORDER BY ORDINAL_POSITION
                """
            ) == [["id", "bigint"], ["node", "text"], ["user", "text"]])
        #expect(try SampleConsole.rows("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA") == [["switchyard"]])
    }

    @Test func `EXPLAIN of a query is answered`() throws {
        #expect(try !SampleConsole.rows("EXPLAIN QUERY PLAN SELECT * FROM nodes").isEmpty)
    }
}
