// Warnings, errors and counts of the statement before, wherever it ran.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct DiagnosticsTests {
        /// Statements after which the warnings of the one before are still there, or not, as the server has it.
        private static let between = [
            "SET @v = 1", "DO 1", "SELECT 5", "SELECT 5 FROM DUAL", "SELECT id FROM noted LIMIT 1", "BEGIN", "COMMIT",
            "USE app", "SET NAMES utf8mb4", "SET SESSION group_concat_max_len = 5000", "SET @@sql_mode = DEFAULT",
            "SELECT id FROM noted LIMIT 1 FOR UPDATE", "UPDATE noted SET n = n WHERE id = 1", "SHOW TABLES",
            "PREPARE p FROM 'SELECT 7'", "EXECUTE p", "SELECT (SELECT 1)", "START TRANSACTION READ ONLY", "ROLLBACK",
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "SELECT EXTRACT(YEAR FROM '2020-01-01')",
            "SELECT GET_LOCK('noted', 0)", "SELECT RELEASE_LOCK('noted')", "SELECT id FROM missing",
        ]

        private static let origins = [
            "SELECT 1/0", "SELECT 1/0 FROM noted LIMIT 1", "INSERT IGNORE INTO noted VALUES (1, 1)",
            "SELECT id FROM missing", "SELECT 1/0 FOR UPDATE", "UPDATE missing SET a = 1",
        ]

        @Test func `a session sees the warnings that it would see with one server`() throws {
            var program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE noted (id INT PRIMARY KEY, n INT)", "INSERT INTO noted VALUES (1, 1), (2, 2)",
                "SHOW WARNINGS", "SELECT id FROM noted LIMIT 1", "PREPARE p FROM 'SELECT 7'",
            ]
            for origin in Self.origins {
                for statement in Self.between {
                    program += [.query(origin), .query(statement), "SHOW WARNINGS", "SHOW COUNT(*) WARNINGS"]
                }
                program += [.query(origin), .reset, .schema("app"), "SHOW WARNINGS", "PREPARE p FROM 'SELECT 7'"]
            }
            let differences = try Scene.stage.differential.differences(program)
            #expect(differences.isEmpty, "\(differences.count) differences: \(differences.prefix(5))")
        }

        @Test func `a new session sees no warnings of another one and none of the proxy`() throws {
            let stage = try Scene.stage
            let proxy = try ProxyProcess.start(narrow(stage), until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            for _ in 0..<4 {
                let spoiler = try MySQLSession(login)
                try spoiler.run("SELECT 1/0", "SELECT 1/0 FROM node_marker", "SELECT 1/0 FOR UPDATE")
                _ = spoiler.error(of: "UPDATE missing SET a = 1")
                spoiler.close()
                let session = try MySQLSession(login)
                #expect(try session.rows("SHOW WARNINGS") == [])
                #expect(try session.value("SELECT @@warning_count") == "0")
                try session.run("SELECT 5", "DO 1")
                #expect(try session.rows("SHOW WARNINGS") == [])
                session.close()
            }
        }

        @Test func `a connection with warnings is given away after a moment, and they are not made up`() throws {
            let stage = try Scene.stage
            let proxy = try ProxyProcess.start(narrow(stage), until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let session = try MySQLSession(login)
            let other = try MySQLSession(login)
            _ = session.error(of: "UPDATE missing SET a = 1")
            #expect(try session.rows("SHOW WARNINGS").count == 1)
            // Others wait for it, but not for as long as a statement may wait.
            try other.run("SELECT 1 FOR UPDATE")
            #expect(session.error(of: "SHOW WARNINGS")?.code == 9511)
            try session.run("SELECT marker FROM node_marker")
            #expect(try session.rows("SHOW WARNINGS") == [])
        }

        @Test func `a session that causes warnings without a pause does not keep the connection from others`() throws {
            let stage = try Scene.stage
            // Shorter than a statement may wait otherwise, and longer than warnings are kept.
            let proxy = try ProxyProcess.start(
                narrow(stage).with { $0.limits["wait_timeout"] = "5s" }, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            try stage.connect().run(
                "CREATE OR REPLACE TABLE noisy (id INT PRIMARY KEY)", "INSERT INTO noisy VALUES (1)")
            let (began, isServed) = (Signal(), Signal())
            let noise = Background { () throws -> Int in
                let session = try MySQLSession(login)
                let deadline = monotonicSeconds() + 30
                var statements = 0
                while !isServed.isRaised && monotonicSeconds() < deadline {
                    try session.run("INSERT IGNORE INTO noisy VALUES (1)")
                    statements += 1
                    began.raise()
                }
                return statements
            }
            try eventually("the noise began") { began.isRaised }
            let failure = try MySQLSession(login).error(of: "SELECT id FROM noisy FOR UPDATE")
            isServed.raise()
            #expect(failure == nil, "\(String(describing: failure))")
            #expect(try noise.value() > 0)
        }

        @Test func `the warnings of a SET are there whatever it sets, and what it sets is carried`() throws {
            let program: [DifferentialStep] = [
                "SET @@group_concat_max_len = 1", "SHOW WARNINGS", "SELECT @@group_concat_max_len",
                "SET SESSION group_concat_max_len = 2", "SHOW WARNINGS", "SELECT @@group_concat_max_len",
                "SET @@sort_buffer_size = 1, @@group_concat_max_len = 1", "SHOW WARNINGS", "SELECT @@sort_buffer_size",
            ]
            try expectSameAnswers(Scene.stage.differential, program)
        }

        @Test func `what is read of diagnostics into variables is there afterwards`() throws {
            let session = try Scene.stage.connect()
            _ = session.error(of: "UPDATE missing SET a = 1")
            try session.run("GET DIAGNOSTICS CONDITION 1 @number = MYSQL_ERRNO")
            #expect(try session.value("SELECT @number") == "1146")
            try session.run("SET @count = 0", "SELECT 1/0 FROM node_marker", "GET DIAGNOSTICS @count = NUMBER")
            #expect(try session.value("SELECT @count") == "1")
            try session.run(
                "SET @count = 0", "BEGIN", "SELECT 1/0 FROM node_marker", "GET DIAGNOSTICS @count = NUMBER", "COMMIT")
            #expect(try session.value("SELECT @count") == "1")
        }

        @Test func `what is read of diagnostics into variables is there for a statement of more than a megabyte`()
            throws
        {
            let session = try Scene.stage.connect()
            let filler = String(repeating: "x", count: 2 << 20)
            try session.run("SET @count = 0", "SELECT 1/0 FROM node_marker", "GET DIAGNOSTICS @count = NUMBER")
            #expect(try session.value("SELECT @count /* \(filler) */") == "1")
        }

        private func narrow(_ stage: Stage) -> ProxyConfiguration {
            ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
        }
    }
}
