// Sessions that take turns on one connection, with and without a reset between them: nobody sees the other's state.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct SharedConnectionTests {
        /// Two sessions that share the one connection to the primary, and the console.
        private func pair(_ body: (_ login: MySQLLogin, MySQLSession, MySQLSession, MySQLSession) throws -> Void) throws
        {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let console = try MySQLSession(proxy.console)
            let (one, other) = (try MySQLSession(login), try MySQLSession(login))
            try one.run("CREATE OR REPLACE TABLE passed (id INT PRIMARY KEY AUTO_INCREMENT, n INT)")
            try body(login, one, other, console)
        }

        /// Takes the connection.
        private static let taking = "SELECT COUNT(*) FROM passed FOR UPDATE"

        private func metric(_ console: MySQLSession, _ name: String) throws -> Int {
            Int(try console.value("SELECT SUM(value) FROM metrics WHERE name = '\(name)'") ?? "") ?? -1
        }

        @Test func `a connection passes from session to session, and nothing of them with it`() throws {
            try pair { _, one, other, console in
                // What made the table is reset away.
                let passed = try metric(console, "connections_passed_total")
                for round in 1...3 {
                    try one.run("SET time_zone = '+05:00'", "INSERT INTO passed (n) VALUES (\(round))")
                    #expect(try other.value(Self.taking) == "\(round)")
                    let zone = "SELECT @@time_zone = @@global.time_zone FROM passed LIMIT 1 FOR UPDATE"
                    #expect(try other.value(zone) == "1")
                    #expect(try other.value("SELECT LAST_INSERT_ID() FROM passed LIMIT 1 FOR UPDATE") == "0")
                    #expect(try one.value("SELECT @@time_zone FROM passed LIMIT 1 FOR UPDATE") == "+05:00")
                    #expect(try one.value("SELECT LAST_INSERT_ID()") == "\(round)")
                }
                if TestServer.isMariaDB { #expect(try metric(console, "connections_passed_total") >= passed + 5) }
            }
        }

        @Test func `warnings and errors stay with the session that caused them`() throws {
            try pair { _, one, other, _ in
                try one.run("INSERT INTO passed VALUES (1, 1)")
                for cause in ["INSERT IGNORE INTO passed VALUES (1, 2)", "INSERT INTO passed VALUES (1, 2)"] {
                    _ = one.error(of: cause)
                    try one.run(Self.taking)
                    try other.run(Self.taking)
                    #expect(try other.rows("SHOW WARNINGS").isEmpty)
                }
            }
        }

        @Test func `reading information_schema pins nobody`() throws {
            try pair { _, one, other, console in
                try one.run("BEGIN", "SELECT COUNT(*) FROM information_schema.tables", "COMMIT")
                try one.run("SELECT COUNT(*) FROM information_schema.tables")
                #expect(try console.value("SELECT COUNT(*) FROM pins WHERE session = \(one.connectionID)") == "0")
                #expect(other.error(of: Self.taking) == nil)
            }
        }

        @Test func `user variables and prepared names that are carried stay with their session`() throws {
            try pair { _, one, other, _ in
                try one.run(
                    "INSERT INTO passed VALUES (1, 1)", "SET @kept = 'mine'", "PREPARE kept FROM 'SELECT @kept'")
                for _ in 0..<3 {
                    try other.run(Self.taking)
                    #expect(try other.value("SELECT @kept IS NULL FROM passed LIMIT 1 FOR UPDATE") == "1")
                    #expect(other.error(of: "EXECUTE kept")?.code == 1243)
                    #expect(try one.value("SELECT @kept FROM passed LIMIT 1 FOR UPDATE") == "mine")
                    #expect(try one.value("EXECUTE kept") == "mine")
                }
            }
        }

        @Test func `a temporary table that a trigger made before its statement failed is seen by no other`() throws {
            try pair { login, one, other, _ in
                let cluster = try Scene.stage.cluster
                try one.run("INSERT INTO passed VALUES (1, 1)")
                one.close()
                // A procedure makes it: no trigger may do so itself in MySQL's words.
                try cluster.execute(
                    0,
                    "CREATE PROCEDURE app.hide() CREATE TEMPORARY TABLE IF NOT EXISTS app.hidden_here (id INT)")
                try cluster.execute(
                    0, "CREATE TRIGGER app.hides BEFORE INSERT ON app.passed FOR EACH ROW CALL app.hide()")
                defer {
                    _ = try? cluster.execute(0, "DROP TRIGGER app.hides")
                    _ = try? cluster.execute(0, "DROP PROCEDURE app.hide")
                }
                let fresh = try MySQLSession(login)
                #expect(fresh.error(of: "INSERT INTO passed VALUES (1, 2)") != nil)
                fresh.close()
                try other.run(Self.taking)
                #expect(other.error(of: "SELECT COUNT(*) FROM hidden_here FOR UPDATE")?.code == 1146)
            }
        }

        @Test func `what a trigger leaves in a session is seen by no other`() throws {
            try pair { login, one, other, _ in
                let cluster = try Scene.stage.cluster
                one.close()
                for (body, question) in [
                    ("SELECT NEW.n INTO @hidden", "SELECT @hidden IS NULL"),
                    ("SET @hidden = 1", "SELECT @hidden IS NULL"),
                    ("SET NEW.n = (@hidden := 5)", "SELECT @hidden IS NULL"),
                    ("SET NEW.n = GET_LOCK('passed', 0)", "SELECT IS_FREE_LOCK('passed')"),
                ] {
                    let made = "CREATE TRIGGER app.hides BEFORE INSERT ON app.passed FOR EACH ROW "
                    try cluster.execute(0, made + body)
                    let fresh = try MySQLSession(login)
                    try fresh.run("INSERT INTO passed (n) VALUES (1)")
                    fresh.close()
                    try other.run(Self.taking)
                    #expect(try other.value(question + " FROM passed LIMIT 1 FOR UPDATE") == "1", "\(body)")
                    try cluster.execute(0, "DROP TRIGGER app.hides")
                }
            }
        }
    }
}
