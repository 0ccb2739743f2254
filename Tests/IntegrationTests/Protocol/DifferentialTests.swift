// The same statements against a server and through the proxy: rows, metadata, figures and errors must be the same.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct DifferentialTests {
        @Test(arguments: StatementTable.programs)
        func `answers are those of the server`(program: StatementTable.Program) throws {
            let stage = try Scene.stage
            try expectSameAnswers(stage.differential, program.steps)
        }

        @Test(arguments: [MySQLParameter.date(2024, 2, 29)])
        func `answers to prepared statements are those of the server`(date: MySQLParameter) throws {
            let stage = try Scene.stage
            let values: [[MySQLParameter]] = [
                [
                    .tiny(-1), .short(-2), .int(-3), .long(-4), .unsignedLong(.max), .float(1.5), .double(2.25),
                    .text("ä€😀"),
                    .bytes([0, 1, 255, 39, 92]), date, .time(negative: true, 30, 1, 2, 3),
                    .timestamp(2024, 2, 29, 23, 59, 58, 999_999),
                ],
                [MySQLParameter](repeating: .null, count: 12),
                [
                    .tiny(127), .short(.max), .int(.max), .long(.max), .unsignedLong(0), .float(-0.5), .double(1e300),
                    .text(""),
                    .bytes([]), .date(1000, 1, 1), .time(negative: false, 838, 59, 59, 0),
                    .timestamp(1000, 1, 1, 0, 0, 0, 0),
                ],
            ]
            let columns =
                "a TINYINT, b SMALLINT, c INT, d BIGINT, e BIGINT UNSIGNED, f FLOAT, g DOUBLE, h TEXT, i BLOB, j DATE, "
                + "k TIME(6), l DATETIME(6)"
            let program: [DifferentialStep] = [
                .query("CREATE OR REPLACE TABLE typed (id INT PRIMARY KEY AUTO_INCREMENT, \(columns))"),
                .prepared("INSERT INTO typed VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values),
                .prepared("SELECT * FROM typed", [[], []]),
                .prepared(
                    "SELECT * FROM typed WHERE id > ? ORDER BY id", [[.int(0)], [.int(2)], [.text("1")], [.null]]),
                .prepared("SELECT ? + 1, ?", [[.int(1), .text("x")], [.double(1.5), .null]]),
                .prepared(
                    "UPDATE typed SET a = ? WHERE id = ?",
                    [[.int(5), .int(1)], [.int(5), .int(1)], [.int(5), .int(99)]]),
                .prepared("DELETE FROM typed WHERE id = ?", [[.int(1)], [.int(1)]]),
                .prepared("SELECT COUNT(*) FROM typed", [[]]),
                .prepared("INSERT INTO typed (id) VALUES (?)", [[.int(2)]]), .prepared("SELECT nonsense", [[]]),
                .prepared("SELECT * FROM typed WHERE", [[]]), .prepared("", [[]]),
                .prepared("SELECT 1; SELECT 2", [[]]),
                .prepared("SHOW TABLES LIKE ?", [[.text("typed")]]), .prepared("SET @p = ?", [[.text("set")]]),
                "SELECT @p",
                .prepared("BEGIN", [[]]), .prepared("INSERT INTO typed (a) VALUES (?)", [[.int(3)]]),
                "SELECT COUNT(*) FROM typed",
                .prepared("ROLLBACK", [[]]), "SELECT COUNT(*) FROM typed", .prepared("COMMIT", [[]]),
                .prepared("DO 1", [[]]),
                .query(
                    "CREATE OR REPLACE PROCEDURE with_results(IN n INT, OUT m INT) "
                        + "BEGIN SELECT n; SELECT n + 1, 'x'; SET m = n; END"),
                .prepared("CALL with_results(?, @m)", [[.int(4)]]), "SELECT @m",
                .prepared("SELECT REPEAT(?, 100000)", [[.text("ab")]]),
                .prepared("CREATE OR REPLACE TABLE made (id INT)", [[]]), .prepared("SELECT LAST_INSERT_ID()", [[]]),
                .prepared("INSERT INTO typed (a) VALUES (?) RETURNING a", [[.int(8)]]),
            ]
            try expectSameAnswers(stage.differential, program)
        }

        @Test func `a statement prepared once is executed a hundred times between others`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE many (id INT PRIMARY KEY)")
            let insert = try MySQLStatement(session, "INSERT INTO many VALUES (?)")
            let select = try MySQLStatement(session, "SELECT id FROM many WHERE id = ?")
            for id in 1...100 {
                try insert.execute([.int(Int32(id))])
                #expect(try select.execute([.int(Int32(id))]).rows == [["\(id)"]])
                #expect(try session.value("SELECT COUNT(*) FROM many") == "\(id)")
            }
            try select.reset()
            #expect(try select.execute([.int(7)]).rows == [["7"]])
        }

        @Test func `statements are closed and more are prepared than one connection keeps alive`() throws {
            let session = try Scene.stage.connect()
            for number in 0..<300 {
                let statement = try MySQLStatement(session, "SELECT \(number), ?")
                #expect(try statement.execute([.int(1)]).rows == [["\(number)", "1"]])
            }
            #expect(try session.marker() ?? 0 > 0)
        }

        @Test func `a cursor gives all rows in portions`() throws {
            let stage = try Scene.stage
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                let statement = try MySQLStatement(session, "SELECT seq FROM seq_1_to_1000 WHERE seq > ?")
                statement.useCursor(rows: 7)
                for _ in 0..<2 {
                    let rows = try statement.execute([.int(100)]).rows
                    #expect(rows.count == 900 && rows.last == ["1000"])
                    #expect(try session.value("SELECT 1") == "1")
                }
            }
        }

        @Test func `long data in pieces, larger than a packet`() throws {
            let stage = try Scene.stage
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                try session.run("CREATE OR REPLACE TABLE lengthy (id INT, data LONGBLOB)")
                let statement = try MySQLStatement(session, "INSERT INTO lengthy VALUES (?, ?)")
                for (id, count) in [(1, 10), (2, 1 << 20), (3, 17 << 20)] {
                    try statement.bind([.int(Int32(id)), .longData])
                    let piece = [UInt8](repeating: 65 + UInt8(id), count: count)
                    for _ in 0..<3 { try statement.sendLongData(1, piece) }
                    let outcome = statement.executeBound()
                    #expect(outcome.failure == nil)
                    let rows = try session.rows("SELECT LENGTH(data), RIGHT(data, 1) FROM lengthy WHERE id = \(id)")
                    #expect(rows == [["\(3 * count)", String(UnicodeScalar(65 + UInt8(id)))]])
                }
            }
        }

        @Test func `the client's CLIENT_FOUND_ROWS holds`() throws {
            let stage = try Scene.stage
            for flags in [UInt(0), UInt(2)] {
                let session = try stage.connect { $0.flags |= flags }
                try session.run("CREATE OR REPLACE TABLE matched (id INT)", "INSERT INTO matched VALUES (1), (2)")
                #expect(try session.query("UPDATE matched SET id = 1").affectedRows == (flags == 0 ? 1 : 2))
            }
        }

        @Test func `without CLIENT_MULTI_STATEMENTS several statements are a syntax error`() throws {
            let stage = try Scene.stage
            let session = try stage.connect { $0.flags = 0 }
            #expect(session.error(of: "SELECT 1; SELECT 2")?.code == 1064)
            try session.setMultiStatements(true)
            #expect(session.outcome(of: "SELECT 1; SELECT 2").replies.map(\.value) == ["1", "2"])
            #expect(try session.marker() != nil)
            try session.setMultiStatements(false)
            #expect(session.error(of: "SELECT 1; SELECT 2")?.code == 1064)
        }

        @Test func `COM_STATISTICS, COM_PING and COM_FIELD_LIST are answered`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            #expect(try session.statistics().contains("Uptime"))
            try session.ping()
            #expect(try session.fieldList("node_marker") == stage.connectDirectly().fieldList("node_marker"))
            #expect(throws: MySQLFailure.self) { try session.fieldList("missing") }
            #expect(try session.value("SELECT 1") == "1")
        }

        @Test(arguments: ["latin1", "utf8mb3", "utf8mb4", "cp1251", "binary"])
        func `text in the client's character set`(characterSet: String) throws {
            let stage = try Scene.stage
            let login = stage.login.with { $0.characterSet = characterSet }
            let direct = stage.direct().with { $0.characterSet = characterSet }
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE texts (t VARCHAR(20) CHARACTER SET utf8mb4)",
                "INSERT INTO texts VALUES (0xC3A4), ('x')",
                "SELECT t, LENGTH(t), HEX(t) FROM texts",
                "SELECT @@character_set_client, @@character_set_results, @@collation_connection",
                "INSERT INTO texts VALUES ('ä')", "SELECT HEX(t) FROM texts ORDER BY 1",
            ]
            try expectSameAnswers(Differential(direct: direct, proxied: login), program)
        }
    }
}
