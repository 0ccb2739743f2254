// What a session has set, created or asked for is there wherever its next statement runs.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct SessionStateTests {
        /// The value of an expression on a replica. After a write that takes until one has caught up.
        private func onReplica(_ session: MySQLSession, _ expression: String) throws -> String? {
            try eventually("\(expression) is read on a replica") {
                let row = try session.rows("SELECT \(expression), marker FROM app.node_marker")[0]
                return row[1] == "0" ? nil : .some(row[0])
            }
        }

        @Test func `a user variable is there on every node`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @a = 41, @b := 'text'")
            #expect(try session.rows("SELECT @a + 1, @b, @c") == [["42", "text", nil]])
            try session.run("SELECT @a := @a + 10")
            #expect(try session.value("SELECT @a") == "51")
            try session.run("SELECT marker INTO @m FROM app.node_marker")
            #expect(try session.value("SELECT @m IS NOT NULL") == "1")
            try session.run("SET @a = NULL")
            #expect(try session.rows("SELECT @a") == [[nil]])
        }

        @Test func `session variables are in force on replicas`() throws {
            let stage = try Scene.stage
            for (set, read, value) in [
                ("SET group_concat_max_len = 4096", "@@group_concat_max_len", "4096"),
                ("SET SESSION group_concat_max_len = 4097", "@@session.group_concat_max_len", "4097"),
                ("SET @@group_concat_max_len = 4098", "@@group_concat_max_len", "4098"),
                ("SET @@session.group_concat_max_len = 4099", "@@group_concat_max_len", "4099"),
                ("SET time_zone = '+05:30'", "@@time_zone", "+05:30"),
                ("SET @@time_zone = '-03:00'", "HOUR(FROM_UNIXTIME(86400))", "21"),
                ("SET sql_mode = 'ANSI_QUOTES'", "\"marker\" + 0 = marker", "1"),
                ("SET @@sql_mode = 'ANSI_QUOTES'", "\"marker\" + 0 = marker", "1"),
                ("SET sql_mode = 'PIPES_AS_CONCAT'", "'a' || 'b'", "ab"),
                ("SET @@sql_mode = 'NO_BACKSLASH_ESCAPES'", "LENGTH('\\\\')", "2"),
                ("SET lc_time_names = 'de_DE'", "MONTHNAME('2024-03-01')", "März"),
                ("SET div_precision_increment = 8", "1/3", "0.33333333"),
                ("SET NAMES latin1", "@@character_set_client", "latin1"),
                ("SET NAMES utf8mb4 COLLATE utf8mb4_bin", "@@collation_connection", "utf8mb4_bin"),
                ("SET CHARACTER SET latin1", "@@character_set_results", "latin1"),
                ("SET character_set_results = NULL", "@@character_set_results IS NULL", "1"),
                ("SET sql_select_limit = 7, max_join_size = 1234567", "@@max_join_size", "1234567"),
                ("SET STATEMENT group_concat_max_len = 5000 FOR SELECT 1", "@@group_concat_max_len", "1048576"),
            ] where TestServer.isMariaDB || !set.hasPrefix("SET STATEMENT") {
                // It does not say which collation it chose, so the session stays where that holds.
                if TestServer.flavor == .mariaDBCurrent, set.hasPrefix("SET CHARACTER SET") { continue }
                let session = try stage.connect()
                // A connection to a replica that already is at hand must learn of it, too.
                _ = try session.marker()
                try session.run(set)
                #expect(try onReplica(session, read) == value, "\(set)")
                #expect(
                    try session.value("SELECT \(read) FROM app.node_marker FOR UPDATE") == value,
                    "\(set), on the primary")
            }
        }

        @Test func `the session's clock stands still when told to`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET timestamp = 1000000000")
            #expect(
                try session.rows("SELECT UNIX_TIMESTAMP(), marker >= 0 FROM app.node_marker") == [["1000000000", "1"]])
            try session.run("SET timestamp = DEFAULT")
            #expect(try session.value("SELECT UNIX_TIMESTAMP() > 1000000000") == "1")
        }

        @Test func `a variable set to its default is as if never set`() throws {
            let session = try Scene.stage.connect()
            let original = try onReplica(session, "@@sort_buffer_size")
            try session.run("SET sort_buffer_size = 1048576")
            #expect(try onReplica(session, "@@sort_buffer_size") == "1048576")
            try session.run("SET sort_buffer_size = DEFAULT")
            #expect(try onReplica(session, "@@sort_buffer_size") == original)
        }

        @Test func `USE and COM_INIT_DB change the schema on every node`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try stage.cluster.execute(
                0,
                "DROP TABLE IF EXISTS other.place; CREATE TABLE other.place (name TEXT); INSERT INTO other.place VALUES ('o')"
            )
            try session.run("CREATE OR REPLACE TABLE place (name TEXT)", "INSERT INTO place VALUES ('a')")
            try stage.cluster.waitUntilReplicated()
            #expect(try session.value("SELECT name FROM place") == "a")
            try session.run("USE other")
            #expect(try session.value("SELECT name FROM place") == "o")
            #expect(try onReplica(session, "DATABASE()") == "other")
            try session.selectSchema("app")
            #expect(try session.value("SELECT name FROM place") == "a")
            #expect(try session.value("SELECT name FROM place FOR UPDATE") == "a")
            let refusal = session.error(of: "USE nowhere")
            #expect(refusal != nil)
            #expect(refusal == (try stage.connectDirectly().error(of: "USE nowhere")))
            #expect(try session.value("SELECT name FROM place") == "a")
            try session.run("USE `other`")
            #expect(try session.value("SELECT name FROM place LIMIT 1") == "o")
        }

        @Test func `temporary tables are there for the session that made them`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE TEMPORARY TABLE passing (id INT)", "INSERT INTO passing VALUES (1), (2)")
            #expect(try session.value("SELECT COUNT(*) FROM passing") == "2")
            #expect(try session.value("SELECT COUNT(*) FROM passing JOIN node_marker") == "2")
            #expect(try stage.connect().error(of: "SELECT * FROM passing")?.code == 1146)
            // It hides a table of the same name.
            try session.run("CREATE OR REPLACE TABLE hidden (id INT)", "INSERT INTO hidden VALUES (1)")
            try session.run("CREATE TEMPORARY TABLE hidden (id INT)")
            #expect(try session.value("SELECT COUNT(*) FROM hidden") == "0")
            try session.run("DROP TEMPORARY TABLE hidden")
            #expect(try session.value("SELECT COUNT(*) FROM hidden") == "1")
        }

        @Test func `LAST_INSERT_ID is that of this session`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE numbered (id INT PRIMARY KEY AUTO_INCREMENT, name TEXT)")
            #expect(try session.query("INSERT INTO numbered (name) VALUES ('a'), ('b')").insertID == 1)
            #expect(try session.value("SELECT LAST_INSERT_ID()") == "1")
            _ = try session.marker()
            #expect(try session.value("SELECT name FROM numbered WHERE id = LAST_INSERT_ID()") == "a")
            #expect(try session.value("SELECT @@last_insert_id") == "1")
            #expect(try session.value("SELECT @@identity") == "1")
            try session.run("INSERT INTO numbered (name) VALUES ('c')")
            #expect(try session.value("SELECT LAST_INSERT_ID()") == "3")
            try session.run("UPDATE numbered SET id = LAST_INSERT_ID(id + 100) WHERE name = 'c'")
            #expect(try session.value("SELECT LAST_INSERT_ID()") == "103")
            #expect(try session.value("SELECT LAST_INSERT_ID(77)") == "77")
            _ = try session.marker()
            #expect(try session.value("SELECT LAST_INSERT_ID()") == "77")
        }

        @Test func `FOUND_ROWS, ROW_COUNT and warnings are those of the statement before`() throws {
            let stage = try Scene.stage
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE found (id INT PRIMARY KEY, t TINYINT)",
                "INSERT INTO found VALUES (1,1),(2,2),(3,3)",
                "SELECT ROW_COUNT()", "SELECT SQL_CALC_FOUND_ROWS id FROM found LIMIT 1", "SELECT FOUND_ROWS()",
                "SELECT id FROM found WHERE id > 1", "SELECT FOUND_ROWS()", "UPDATE found SET t = 9 WHERE id < 3",
                "SELECT ROW_COUNT()", "SELECT ROW_COUNT()", "SET sql_mode = ''", "INSERT INTO found VALUES (4, 1000)",
                "SHOW WARNINGS", "SHOW COUNT(*) WARNINGS", "SELECT @@warning_count", "SELECT 1/0, id FROM found",
                "SHOW WARNINGS LIMIT 1", "SELECT CAST('x' AS SIGNED)", "SHOW WARNINGS", "SELECT * FROM missing",
                "SHOW ERRORS", "SHOW WARNINGS", "SELECT @@error_count", "SELECT 1", "SHOW WARNINGS",
                "INSERT IGNORE INTO found VALUES (1, 1)", "SHOW WARNINGS", "DROP TABLE IF EXISTS missing",
                "SHOW WARNINGS",
                "SELECT * FROM missing", "GET DIAGNOSTICS CONDITION 1 @t = MESSAGE_TEXT", "SELECT @t",
                "SELECT CAST('y' AS SIGNED)", "GET DIAGNOSTICS @n = NUMBER", "SELECT @n",
            ]
            try expectSameAnswers(stage.differential, program)
        }

        @Test func `FOUND_ROWS is that of the last select, whatever came between`() throws {
            let stage = try Scene.stage
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE found (id INT PRIMARY KEY)",
                "SELECT SQL_CALC_FOUND_ROWS * FROM seq_1_to_7 LIMIT 1",
                "INSERT INTO found VALUES (1)", "SELECT FOUND_ROWS()",
                "SELECT SQL_CALC_FOUND_ROWS * FROM seq_1_to_9 LIMIT 1",
                "SET @a = 1", "SELECT FOUND_ROWS()",
            ]
            try expectSameAnswers(stage.differential, program)
        }

        @Test func `SET TRANSACTION is for the next transaction only`() throws {
            let stage = try Scene.stage
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE isolated (id INT)", "SET TRANSACTION READ ONLY", "START TRANSACTION",
                "INSERT INTO isolated VALUES (1)", "COMMIT", "INSERT INTO isolated VALUES (2)",
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "BEGIN", "SELECT id FROM isolated", "COMMIT",
                "SET SESSION TRANSACTION READ ONLY", "BEGIN", "INSERT INTO isolated VALUES (3)", "COMMIT",
                "SELECT @@tx_read_only", "INSERT INTO isolated VALUES (4)", "SET SESSION TRANSACTION READ WRITE",
                "INSERT INTO isolated VALUES (5)", "SELECT id FROM isolated",
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SELECT @@tx_isolation",
                "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "SELECT @@session.tx_isolation",
                "BEGIN", "SET TRANSACTION READ ONLY", "ROLLBACK",
            ]
            try expectSameAnswers(stage.differential, program)
        }

        @Test func `the isolation level of the session holds on replicas`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            #expect(try onReplica(session, "@@tx_isolation") == "READ-COMMITTED")
        }

        @Test func `user locks belong to the session`() throws {
            let stage = try Scene.stage
            let (holder, other) = (try stage.connect(), try stage.connect())
            #expect(try holder.value("SELECT GET_LOCK('mine', 1)") == "1")
            #expect(try holder.value("SELECT IS_USED_LOCK('mine') = CONNECTION_ID()") == "1")
            #expect(try other.value("SELECT IS_FREE_LOCK('mine')") == "0")
            #expect(try other.value("SELECT GET_LOCK('mine', 0)") == "0")
            _ = try holder.marker()
            #expect(try holder.value("SELECT RELEASE_LOCK('mine')") == "1")
            #expect(try other.value("SELECT GET_LOCK('mine', 1)") == "1")
            // A lock goes with its session.
            other.close()
            try eventually("the lock is free") { try holder.value("SELECT IS_FREE_LOCK('mine')") == "1" }
        }

        @Test func `LOCK TABLES, HANDLER, PREPARE and CALL work as with one server`() throws {
            let stage = try Scene.stage
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE locked (id INT PRIMARY KEY)", "CREATE OR REPLACE TABLE free (id INT)",
                "INSERT INTO locked VALUES (1), (2)", "LOCK TABLES locked WRITE", "SELECT * FROM locked",
                "SELECT * FROM free",
                "INSERT INTO locked VALUES (3)", "SELECT COUNT(*) FROM locked", "UNLOCK TABLES", "SELECT * FROM free",
                "LOCK TABLES locked READ", "INSERT INTO locked VALUES (4)", "SELECT COUNT(*) FROM locked",
                "UNLOCK TABLES",
                "HANDLER locked OPEN", "HANDLER locked READ `PRIMARY` FIRST", "SELECT 1",
                "HANDLER locked READ `PRIMARY` NEXT",
                "HANDLER locked CLOSE", "HANDLER locked READ `PRIMARY` FIRST",
                "PREPARE p FROM 'SELECT id FROM locked WHERE id > ?'",
                "SET @least = 1", "EXECUTE p USING @least", "SELECT 1", "EXECUTE p USING @least",
                "DEALLOCATE PREPARE p",
                "EXECUTE p USING @least", "PREPARE w FROM 'INSERT INTO locked VALUES (?)'", "SET @id = 9",
                "EXECUTE w USING @id",
                "SELECT id FROM locked ORDER BY id DESC LIMIT 1", "DROP PREPARE w",
                "EXECUTE IMMEDIATE 'SELECT id FROM locked'",
                .query(
                    "CREATE OR REPLACE PROCEDURE twice() "
                        + "BEGIN SELECT 1 AS a; SELECT 2 AS b, 3 AS c; INSERT INTO free VALUES (7); END"),
                "CALL twice()", "SELECT * FROM free",
                "CREATE OR REPLACE PROCEDURE opens() BEGIN START TRANSACTION; INSERT INTO free VALUES (8); END",
                "CALL opens()", "SELECT COUNT(*) FROM free", "ROLLBACK", "SELECT COUNT(*) FROM free",
                "CREATE OR REPLACE PROCEDURE out_value(OUT x INT) SET x = 5", "CALL out_value(@out)", "SELECT @out",
                "CREATE OR REPLACE FUNCTION writes() RETURNS INT BEGIN INSERT INTO free VALUES (1); RETURN 1; END",
                "SELECT writes()", "SELECT COUNT(*) FROM free", "CREATE OR REPLACE SEQUENCE counter",
                "SELECT NEXTVAL(counter)",
                "SELECT NEXT VALUE FOR counter", "SELECT LASTVAL(counter)", "DO SLEEP(0)", "DO @done := 1",
                "SELECT @done",
                "BEGIN NOT ATOMIC SET @block = 6; END", "SELECT @block",
                "CREATE TEMPORARY TABLE passing SELECT 1 AS one",
                "SELECT * FROM passing", "DROP TEMPORARY TABLE passing", "SELECT * FROM passing",
            ]
            try expectSameAnswers(stage.differential, program, directFailures: TestServer.isMariaDB ? 5 : 11)
        }

        @Test func `several statements in one text`() throws {
            let stage = try Scene.stage
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE several (id INT)",
                "INSERT INTO several VALUES (1); SELECT COUNT(*) FROM several",
                "SELECT 1; SELECT 2; SELECT 3", "SELECT 1; SELECT nonsense; SELECT 3", "SET @v = 3; SELECT @v",
                "SELECT @v",
                "BEGIN; INSERT INTO several VALUES (2)", "SELECT COUNT(*) FROM several",
                "ROLLBACK; SELECT COUNT(*) FROM several",
                "USE other; SELECT DATABASE()", "SELECT DATABASE()", "USE app", "SELECT 1;", ";", "",
                "SELECT 1;; SELECT 2",
                "SELECT ';' AS a; SELECT '/*' AS b", "SET autocommit=0; INSERT INTO several VALUES (3)",
                "ROLLBACK", "SELECT COUNT(*) FROM several", "SET autocommit=1; SELECT 1",
            ]
            try expectSameAnswers(stage.differential, program)
        }

        @Test func `COM_RESET_CONNECTION forgets everything but the account`() throws {
            let stage = try Scene.stage
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE kept (id INT)", "SET @a = 1, group_concat_max_len = 1024", "BEGIN",
                "INSERT INTO kept VALUES (1)", "CREATE TEMPORARY TABLE gone (id INT)", "SELECT GET_LOCK('gone', 0)",
                "PREPARE p FROM 'SELECT 1'", .reset, "SELECT @a, @@group_concat_max_len, @@autocommit",
                "SELECT COUNT(*) FROM kept",
                "SELECT * FROM gone", "EXECUTE p", "SELECT IS_FREE_LOCK('gone')", "SELECT LAST_INSERT_ID()",
                "SELECT DATABASE()",
            ]
            try expectSameAnswers(stage.differential, program)
        }

        @Test func `a session leaves nothing to the next one`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE leftover (id INT)")
            let first = try inParallel(4) { _ in
                let session = try stage.connect()
                _ = try session.marker()
                try session.run(
                    "SET @secret = 'mine'",
                    "SET sql_mode = 'ANSI_QUOTES', time_zone = '+09:00', group_concat_max_len = 9999",
                    "SET NAMES latin1", "CREATE TEMPORARY TABLE remains (id INT)", "USE other",
                    "PREPARE remains FROM 'SELECT 1'", "SELECT GET_LOCK(CONCAT('remains', CONNECTION_ID()), 0)",
                    "SET SESSION TRANSACTION READ ONLY", "SET autocommit = 0")
                _ = try session.value("SELECT COUNT(*) FROM app.leftover")
                return session.connectionID
            }
            #expect(first.count == 4)
            for _ in 0..<12 {
                let session = try stage.connect()
                for suffix in ["", " FOR UPDATE"] {
                    let rows = try session.rows(
                        """
                        SELECT @secret, @@sql_mode LIKE '%ANSI%', @@time_zone, @@group_concat_max_len,
                            @@character_set_client,
                            DATABASE(), @@tx_read_only, @@autocommit FROM node_marker\(suffix)
                        """)
                    let longest = TestServer.isMariaDB ? "1048576" : "1024"
                    #expect(rows == [[nil, "0", "SYSTEM", longest, "utf8mb4", "app", "0", "1"]])
                }
                #expect(session.error(of: "SELECT * FROM remains")?.code == 1146)
                #expect(session.error(of: "EXECUTE remains")?.code == 1243)
                try session.run("INSERT INTO leftover VALUES (1)")
                #expect(try session.value("SELECT LAST_INSERT_ID()") == "0")
            }
        }

        @Test func `a transaction that its session abandons is rolled back`() throws {
            let stage = try Scene.stage
            let other = try stage.connect()
            try other.run("CREATE OR REPLACE TABLE abandoned (id INT PRIMARY KEY)")
            for vanishes in [false, true] {
                let session = try stage.connect()
                try session.run("BEGIN", "INSERT INTO abandoned VALUES (1)")
                if vanishes { session.vanish() } else { session.close() }
                try eventually("its lock is gone") {
                    other.error(of: "SELECT * FROM abandoned WHERE id = 1 FOR UPDATE NOWAIT") == nil
                }
                #expect(try other.value("SELECT COUNT(*) FROM abandoned") == "0")
            }
        }
    }
}
