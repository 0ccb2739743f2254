// Statements prepared by name in SQL: carried by their text, so that they bind a session to nothing.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct NamedStatementTests {
        @Test func `an execution runs where its text would`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("PREPARE m FROM 'SELECT marker FROM app.node_marker'")
            try session.run("PREPARE w FROM 'SELECT marker FROM app.node_marker FOR UPDATE'")
            for _ in 0..<3 {
                #expect(try session.value("EXECUTE m").flatMap { Int($0) } ?? 0 > 0)
                #expect(try session.value("EXECUTE w") == "0")
                #expect(try session.marker() ?? 0 > 0)
            }
            try session.run("START TRANSACTION READ ONLY", "PREPARE r FROM 'SELECT marker + 10 FROM app.node_marker'")
            #expect(try session.value("EXECUTE r").flatMap { Int($0) } ?? 0 > 10)
            try session.run("COMMIT")
            #expect(try session.value("EXECUTE r").flatMap { Int($0) } ?? 0 > 10)
        }

        @Test func `every connection has the last text under a name, or none`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            for round in 1...3 {
                try session.run("PREPARE p FROM 'SELECT \(round) + 0 * marker FROM app.node_marker'")
                #expect(try session.value("EXECUTE p") == "\(round)")
            }
            // A PREPARE that fails takes the name with it; one that is none does not.
            #expect(session.error(of: "PREPARE p FRM 'SELECT 1'")?.code == 1064)
            #expect(try session.value("EXECUTE p") == "3")
            #expect(session.error(of: "PREPARE p FROM 'SELEC 1'")?.code == 1064)
            #expect(session.error(of: "EXECUTE p")?.code == 1243)
            try session.run("PREPARE p FROM 'SELECT 4 + 0 * marker FROM app.node_marker'")
            #expect(try session.value("EXECUTE P") == "4")
            try session.run("DEALLOCATE PREPARE p")
            #expect(session.error(of: "EXECUTE p")?.code == 1243)
            #expect(session.error(of: "DEALLOCATE PREPARE p")?.code == 1243)
        }

        @Test func `what names a connection uses the proxy's ids`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("PREPARE p FROM 'SELECT 1'")
            #expect(session.error(of: "PREPARE p FROM 'KILL 5'")?.code == 1295)
            #expect(session.error(of: "EXECUTE p")?.code == 1243)
            try session.run("PREPARE p FROM 'SELECT CONNECTION_ID(), ''it''''s'', ?'", "SET @a = 7")
            #expect(try session.rows("EXECUTE p USING @a") == [["\(session.connectionID)", "it's", "7"]])
            try session.run("PREPARE l FROM 'SHOW PROCESSLIST'")
            let ids = try session.rows("EXECUTE l").map { $0[0] }
            #expect(ids.contains("\(session.connectionID)"))
        }

        @Test func `names outlive the connection on which they were prepared`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run(
                "CREATE OR REPLACE TABLE named (id INT PRIMARY KEY AUTO_INCREMENT, n INT)",
                "PREPARE i FROM 'INSERT INTO named (n) VALUES (5)'", "EXECUTE i")
            try stage.killConnections(of: stage.cluster.appUser, on: 0)
            try eventually("the session writes again") { session.error(of: "EXECUTE i") == nil }
            #expect(try session.value("SELECT COUNT(*) FROM named").flatMap { Int($0) } ?? 0 >= 2)
        }

        @Test func `names outlive the loan of the connection to other sessions`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let sessions = try (0..<3).map { _ in try MySQLSession(login) }
            for (index, session) in sessions.enumerated() {
                try session.run("PREPARE p FROM 'SELECT \(index) + marker FROM node_marker FOR UPDATE'")
            }
            for _ in 0..<2 {
                for (index, session) in sessions.enumerated() { #expect(try session.value("EXECUTE p") == "\(index)") }
            }
            for session in sessions { try session.run("DEALLOCATE PREPARE p") }
            for session in sessions {
                #expect(session.error(of: "EXECUTE p")?.code == 1243)
                // The error might be asked for: until the next statement its connection is kept.
                _ = try session.marker()
            }
        }

        @Test func `a name of one session means nothing to the next one on its connection`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            for round in 1...4 {
                let session = try MySQLSession(login)
                #expect(session.error(of: "EXECUTE p")?.code == 1243)
                try session.run("PREPARE p FROM 'SELECT \(round) + 0 * marker FROM node_marker'")
                #expect(try session.value("EXECUTE p") == "\(round)")
                session.close()
            }
        }

        @Test func `a text keeps the schema and the mode under which it was prepared`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run(
                "SET sql_mode = 'ANSI_QUOTES'", "PREPARE p FROM 'SELECT \"marker\", DATABASE() FROM node_marker'",
                "USE other", "SET sql_mode = DEFAULT")
            let row = try session.rows("EXECUTE p")[0]
            #expect(row[0] != "marker")
            #expect(row[1] == "app")
            #expect(try session.value("SELECT DATABASE()") == "other")
            #expect(try session.value("SELECT \"marker\" FROM app.node_marker") == "marker")
        }

        @Test func `a schema that was dropped ends nothing but the execution`() throws {
            let stage = try Scene.stage
            try stage.cluster.execute(
                0, "CREATE DATABASE passing_by; GRANT ALL ON passing_by.* TO '\(stage.cluster.appUser)'@'%'")
            let session = try stage.connect()
            try session.run("USE passing_by")
            try session.run(
                "PREPARE p FROM 'SELECT marker FROM app.node_marker'", "USE app", "DROP DATABASE passing_by")
            try stage.killConnections(of: stage.cluster.appUser, on: 0)
            try eventually("there is a new main connection") { session.error(of: "SELECT 1 FOR UPDATE") == nil }
            try session.run("BEGIN")
            #expect(session.error(of: "EXECUTE p")?.code == 1049)
            #expect(session.status & 1 != 0)
            try session.run("COMMIT")
            #expect(session.error(of: "EXECUTE p")?.code == 1049)
            #expect(try session.value("SELECT DATABASE()") == "app")
            try session.run("DEALLOCATE PREPARE p")
        }

        @Test func `programs with names give the server's answers`() throws {
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE named (id INT PRIMARY KEY, n INT)", "INSERT INTO named VALUES (1, 1), (2, 2)",
                "CREATE OR REPLACE PROCEDURE uses_names() BEGIN EXECUTE a; PREPARE b FROM 'SELECT 8'; END",
                "PREPARE c FROM 'INSERT INTO named VALUES (?, ?)'", "SET @id = 3, @n = 4", "EXECUTE c USING @id, @n",
                "EXECUTE c USING @id, @n", "SHOW WARNINGS", "PREPARE d FROM 'SELECT ROW_COUNT()'",
                "UPDATE named SET n = n + 1", "EXECUTE d", "PREPARE e FROM 'SELECT FOUND_ROWS()'",
                "SELECT SQL_CALC_FOUND_ROWS id FROM named LIMIT 1", "EXECUTE e", "SELECT 1/0", "EXECUTE d",
                "PREPARE f FROM 'SELECT @n := @n + 1'", "EXECUTE f", "EXECUTE f", "SELECT @n",
                "PREPARE g FROM 'CREATE TEMPORARY TABLE named_passing (id INT)'", "EXECUTE g",
                "SELECT * FROM named_passing", "EXECUTE g", "PREPARE h FROM 'SELECT LAST_INSERT_ID(77)'", "EXECUTE h",
                "SELECT LAST_INSERT_ID()", "PREPARE a FROM 'SELECT id FROM named ORDER BY id'", "EXECUTE a",
                "SELECT COUNT(*) FROM named", "CALL uses_names()", "EXECUTE b", "EXECUTE a", "DEALLOCATE PREPARE a",
                "EXECUTE a", "PREPARE a FROM @nothing", "EXECUTE a", "SET @text = 'SELECT 5'", "PREPARE a FROM @text",
                "EXECUTE a", .reset, .schema("app"), "EXECUTE a", "EXECUTE c USING @id, @n",
                "PREPARE a FROM 'SELECT 1; SELECT 2'", "PREPARE a FROM 'SELECT 1'; EXECUTE a; DROP PREPARE a",
                "EXECUTE a",
            ]
            try expectSameAnswers(Scene.stage.differential, program)
        }

        @Test(arguments: [true, false])
        func `a procedure finds the names that were last used elsewhere`(throughStatement: Bool) throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run(
                "CREATE OR REPLACE PROCEDURE runs_name() EXECUTE m",
                "PREPARE m FROM 'SELECT marker FROM app.node_marker'")
            try stage.killConnections(of: stage.cluster.appUser, on: 0)
            try eventually("there is a new main connection") {
                session.error(of: "SELECT marker FROM app.node_marker FOR UPDATE") == nil
            }
            if throughStatement {
                #expect(try MySQLStatement(session, "CALL runs_name()").outcome(of: []).failure == nil)
            } else {
                #expect(try session.value("CALL runs_name()") == "0")
            }
        }
    }
}
