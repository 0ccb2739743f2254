// Where prepared statements run: as their texts would.

import LocalCluster
import TestSupport
import Testing

extension MySQLStatement {
    /// The first cell of an execution.
    func value(_ parameters: [MySQLParameter] = []) throws(MySQLFailure) -> String? { try execute(parameters).value }
}

extension Integration {
    @Suite(.stage()) struct PreparedRoutingTests {
        private static let marker = "SELECT marker FROM app.node_marker WHERE marker >= ?"

        @Test func `a prepared read runs on the replicas, a prepared write on the primary, and the session stays free`()
            throws
        {
            let stage = try Scene.stage
            var seen: Set<String?> = []
            for _ in 0..<20 {
                let session = try stage.connect()
                let read = try MySQLStatement(session, Self.marker)
                for _ in 0..<5 { seen.insert(try read.value([.int(0)])) }
            }
            #expect(seen == ["1", "2"])
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE prepared_routes (marker INT)")
            let write = try MySQLStatement(
                session, "INSERT INTO prepared_routes SELECT marker FROM node_marker WHERE marker >= ?")
            try write.execute([.int(0)])
            #expect(try session.value("SELECT GROUP_CONCAT(marker) FROM prepared_routes") == "0")
            let pins = try stage.console().rows("SELECT reason FROM pins WHERE reason LIKE '%prepared%'")
            #expect(pins.isEmpty)
        }

        @Test func `an error behind the first rows of a replica is told, and no other answer follows those rows`()
            throws
        {
            let stage = try Scene.stage
            // A table that a function names is missed when it comes to that.
            try stage.cluster.execute(
                0,
                """
                DROP TABLE IF EXISTS app.erring;
                DROP VIEW IF EXISTS app.erring_view;
                DROP FUNCTION IF EXISTS app.errs;
                CREATE TABLE app.erring (id INT PRIMARY KEY);
                INSERT INTO app.erring VALUES (1), (2), (3), (4);
                DELIMITER //
                CREATE FUNCTION app.errs(i INT) RETURNS INT READS SQL DATA
                BEGIN
                    IF i > 2 THEN
                        RETURN (SELECT COUNT(*) FROM app.never_there);
                    END IF;
                    RETURN i;
                END //
                DELIMITER ;
                CREATE VIEW app.erring_view AS SELECT id, app.errs(id) AS result FROM app.erring;
                """)
            try stage.cluster.waitUntilReplicated()
            let session = try stage.connect()
            for _ in 0..<5 {
                let read = try MySQLStatement(session, "SELECT id, result FROM erring_view WHERE id > ? ORDER BY id")
                // The library keeps no number of an error behind rows (libmariadb 10.11); 2027 is a packet that is none.
                let failure = read.outcome(of: [.int(0)]).failure
                #expect(failure != nil && failure?.code != 2027, "\(String(describing: failure))")
                #expect(try session.value("SELECT 'in step'") == "in step")
            }
        }

        @Test func `types given once hold on every connection that executes the statement`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let read = try MySQLStatement(session, "SELECT marker, ? + 0, HEX(?), ? FROM app.node_marker")
            let parameters: [MySQLParameter] = [.double(2.5), .bytes([0, 255]), .unsignedLong(.max)]
            try read.bind(parameters)
            var seen: Set<String?> = []
            for round in 0..<20 {
                // In a transaction it runs on the primary, outside on replicas.
                if round % 2 == 1 { try session.run("BEGIN") }
                let outcome = read.executeBound()
                #expect(outcome.failure == nil)
                let row = outcome.replies.first?.rows.first ?? []
                #expect(row.dropFirst() == ["2.5", "00FF", "18446744073709551615"])
                seen.insert(row.first ?? nil)
                if round % 2 == 1 { try session.run("COMMIT") }
            }
            #expect(seen.contains("0") && seen.count > 1)
        }

        @Test func `a statement means what it meant when it was prepared, wherever it runs`() throws {
            let stage = try Scene.stage
            let admin = try stage.connect()
            try admin.run("CREATE OR REPLACE TABLE whose (name TEXT)", "INSERT INTO whose VALUES ('app')")
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                let read = try MySQLStatement(session, "SELECT DATABASE(), \"a\" || 'b', name, LENGTH('ä') FROM whose")
                try session.run("USE other", "SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'", "SET NAMES latin1")
                for begin in ["DO 0", "BEGIN", "START TRANSACTION READ ONLY"] {
                    try session.run(begin)
                    #expect(try read.execute().rows.first?.dropFirst() == ["0", "app", "2"], "\(begin)")
                    try session.run("ROLLBACK")
                }
                #expect(
                    try session.value("SELECT CONCAT(DATABASE(), @@sql_mode, @@character_set_client)")
                        == "otherPIPES_AS_CONCAT,ANSI_QUOTESlatin1")
            }
        }

        @Test func `a read-only transaction on a replica prepares and executes there`() throws {
            let session = try Scene.stage.connect()
            let before = try MySQLStatement(session, Self.marker)
            try session.run("START TRANSACTION READ ONLY")
            let place = try session.value("SELECT marker FROM app.node_marker")
            #expect(place != "0")
            let inside = try MySQLStatement(session, Self.marker)
            #expect(try inside.value([.int(0)]) == place && before.value([.int(0)]) == place)
            try session.run("COMMIT")
        }

        @Test func `a write is read through prepared statements, however late the replicas are`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE own_prepared (id INT)")
            let insert = try MySQLStatement(session, "INSERT INTO own_prepared VALUES (?)")
            let count = try MySQLStatement(session, "SELECT COUNT(*) FROM own_prepared")
            for id in 1...100 {
                try insert.execute([.int(Int32(id))])
                #expect(try count.value() == "\(id)")
            }
        }

        @Test func `a table that a replica does not have yet is no error`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try stage.connect().run("DROP TABLE IF EXISTS not_yet", "CREATE OR REPLACE TABLE not_yet0 (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { try? stage.cluster.startReplication(index) } }
            // By another session: nothing tells this one to wait for it.
            try stage.connect().run("CREATE TABLE not_yet (id INT)", "INSERT INTO not_yet VALUES (7)")
            let read = try MySQLStatement(session, "SELECT id FROM not_yet")
            #expect(try read.value() == "7")
            #expect(throws: MySQLFailure.self) { try MySQLStatement(session, "SELECT id FROM never") }
            #expect(try read.value() == "7")
        }

        @Test func `SET through a prepared statement holds for all that follows`() throws {
            let session = try Scene.stage.connect()
            let read = try MySQLStatement(session, "SELECT marker, @@time_zone, @@lc_time_names FROM app.node_marker")
            try MySQLStatement(session, "SET @@time_zone = '+05:00'").execute()
            try MySQLStatement(session, "SET SESSION lc_time_names = 'de_DE'").execute()
            let row = try read.execute().rows[0]
            #expect(row[0] != "0" && row.dropFirst() == ["+05:00", "de_DE"], "\(row)")
            // Of a value that is no literal nobody can tell what else it did: the session stays where it is known.
            try MySQLStatement(session, "SET @@time_zone = ?").execute([.text("+06:00")])
            #expect(try read.execute().rows[0].dropFirst() == ["+06:00", "de_DE"])
        }

        @Test func `closed statements are closed on the servers`() throws {
            let stage = try Scene.stage
            func prepared() throws -> [String?] {
                try (0...2).map { index in
                    try stage.cluster.execute(index, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")[0][1]
                }
            }
            try eventually("nothing is prepared") { try prepared() == ["0", "0", "0"] }
            let session = try stage.connect()
            for _ in 0..<50 {
                let statement = try MySQLStatement(session, Self.marker)
                try statement.execute([.int(0)])
                try session.run("BEGIN")
                try statement.execute([.int(0)])
                try session.run("COMMIT")
            }
            try eventually("nothing is left prepared") { try prepared() == ["0", "0", "0"] }
        }
    }
}
