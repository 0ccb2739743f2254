// Programs put together at random from statements that depend on each other: a proxy must never show.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct RandomProgramTests {
        /// Repeatable random numbers (splitmix64).
        private struct Dice {
            var state: UInt64

            mutating func roll(_ bound: Int) -> Int {
                state &+= 0x9E37_79B9_7F4A_7C15
                var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
                return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
            }
        }

        /// Statements that neither keep state in the session nor write: they may stand in a read-only transaction.
        private static let reads = [
            "SELECT * FROM rolled ORDER BY id", "SELECT COUNT(*), SUM(n) FROM rolled",
            "SELECT n FROM rolled WHERE id = #",
            "SELECT GROUP_CONCAT(n ORDER BY id) FROM rolled", "SELECT DATABASE()", "SELECT # + 1",
            "SELECT @@autocommit, @@sql_mode",
            "SELECT 1/0", "SHOW WARNINGS", "SHOW COUNT(*) WARNINGS", "SHOW ERRORS",
            "SELECT @@warning_count, @@error_count", "SELECT * FROM missing", "SHOW TABLES LIKE 'rolled'",
            "SELECT @@in_transaction", "SELECT @v", "SELECT @v, @W, COLLATION(@w), HEX(@w)",
            "SELECT @@group_concat_max_len, @@time_zone, @@character_set_client, @@tx_isolation",
            "SELECT \"n\" FROM rolled LIMIT 1",
        ]

        private static let writes = [
            "INSERT INTO rolled (n) VALUES (#)", "INSERT INTO rolled (n) VALUES (#), (#), (#)",
            "UPDATE rolled SET n = n + # WHERE id % 3 = 1",
            "DELETE FROM rolled WHERE id = #", "REPLACE INTO rolled VALUES (#, #)",
            "INSERT IGNORE INTO rolled VALUES (#, 1)",
            "SELECT * FROM rolled WHERE id = # FOR UPDATE", "INSERT INTO rolled VALUES (1, 2), (1, 3)",
        ]

        private static let state = [
            "SET @v = #", "SET @v = @v + 1", "SET @v = -#.50, @w = 'text #'", "SET @w = CONCAT(@v, 'é'), @v = NULL",
            "SET @w = _latin1 X'E9', @v = # / 3", "SELECT RELEASE_ALL_LOCKS()",
            "SELECT GET_LOCK('other', 0), GET_LOCK('rolled', 0)",
            "ALTER TABLE passing RENAME TO passed", "DROP TABLE IF EXISTS passed, passing", "SELECT * FROM passed",
            "SELECT @v := COUNT(*) FROM rolled", "SELECT LAST_INSERT_ID()",
            "SELECT ROW_COUNT()",
            "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "ROLLBACK TO s", "SET autocommit = 0", "SET autocommit = 1",
            "SET @@autocommit = 1",
            "SET sql_mode = 'ANSI_QUOTES'", "SET @@sql_mode = DEFAULT", "SET SESSION sql_mode = DEFAULT",
            "SET group_concat_max_len = 1##",
            "SET @@group_concat_max_len = 2##", "SET time_zone = '+0#:00'", "SET NAMES latin1", "SET NAMES utf8mb4",
            "USE other", "USE app",
            "CREATE TEMPORARY TABLE IF NOT EXISTS passing (x INT)", "INSERT INTO passing VALUES (#)",
            "SELECT * FROM passing",
            "DROP TEMPORARY TABLE IF EXISTS passing", "PREPARE p FROM 'SELECT COUNT(*) + # FROM rolled'", "EXECUTE p",
            "DEALLOCATE PREPARE p", "EXECUTE p", "PREPARE p FROM 'SELECT n + ? FROM rolled WHERE id < #'",
            "EXECUTE p USING @v", "PREPARE q FROM 'INSERT INTO rolled (n) VALUES (#), (?)'", "EXECUTE q USING @v",
            "PREPARE q FROM 'SET group_concat_max_len = 3##'", "EXECUTE q", "PREPARE p FROM 'SELECT 1/0, DATABASE()'",
            "PREPARE p FROM 'SELECT wrong FROM rolled'", "PREPARE q FROM 'SELECT \"n\", # FROM rolled LIMIT 2'",
            "SELECT GET_LOCK('rolled', 3)", "SELECT RELEASE_LOCK('rolled')", "LOCK TABLES rolled WRITE",
            "LOCK TABLES rolled READ",
            "UNLOCK TABLES", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SET @@tx_isolation = 'REPEATABLE-READ'", "SELECT LAST_INSERT_ID(#)",
            "INSERT INTO rolled (n) VALUES (#); SELECT COUNT(*) FROM rolled",
            "SELECT COUNT(*) INTO @v FROM rolled", "DO # + 1", "SET insert_id = 5##",
        ]

        private func program(seed: Int) -> [DifferentialStep] {
            var dice = Dice(state: UInt64(seed))
            var steps: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE rolled (id INT PRIMARY KEY AUTO_INCREMENT, n INT)",
                "INSERT INTO rolled (n) VALUES (1), (2), (3)",
            ]
            func draw(_ pool: [String]) -> DifferentialStep {
                var sql = pool[dice.roll(pool.count)]
                while let place = sql.firstIndex(of: "#") {
                    sql.replaceSubrange(place...place, with: "\(1 + dice.roll(9))")
                }
                return .query(sql)
            }
            while steps.count < 200 {
                switch dice.roll(20) {
                case 0..<7: steps.append(draw(Self.reads))
                case 7..<11: steps.append(draw(Self.writes))
                case 11..<16: steps.append(draw(Self.state))
                case 16:
                    steps.append(
                        .prepared("SELECT id, n, ? FROM rolled WHERE id < ?", [[.int(1), .int(Int32(dice.roll(9)))]]))
                case 17:
                    steps.append(
                        .prepared("INSERT INTO rolled (n) VALUES (?)", [[.int(Int32(dice.roll(9)))], [.null]]))
                case 18 where dice.roll(4) == 0: steps += [.reset, .schema("app"), "SET NAMES utf8mb4"]
                case 18:
                    steps += ["SELECT SQL_CALC_FOUND_ROWS id FROM rolled ORDER BY id LIMIT 1", "SELECT FOUND_ROWS()"]
                default:
                    // What is open or locked ends here, then nothing in between leaves anything in the session.
                    steps += [
                        "UNLOCK TABLES", "COMMIT", "SET autocommit = 1", "USE app", "START TRANSACTION READ ONLY",
                    ]
                    for _ in 0..<dice.roll(6) { steps.append(draw(Self.reads)) }
                    steps.append(dice.roll(3) == 0 ? "ROLLBACK" : "COMMIT")
                }
            }
            return steps
        }

        @Test(arguments: 1...24)
        func `a random program gives the server's answers`(seed: Int) throws {
            let stage = try Scene.stage
            let differences = try stage.differential.differences(program(seed: seed))
            // One difference leads to others: the first is the one to look at.
            #expect(differences.isEmpty, "\(differences.count) differences, the first: \(differences[0])")
        }
    }
}
