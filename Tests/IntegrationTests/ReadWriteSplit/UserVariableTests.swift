// User variables go where the session's statements go, with value, type and collation.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct UserVariableTests {
        private func onReplica(_ session: MySQLSession, _ expression: String) throws -> String? {
            try eventually("\(expression) is read on a replica") {
                let row = try session.rows("SELECT \(expression), marker FROM app.node_marker")[0]
                return row[1] == "0" ? nil : .some(row[0])
            }
        }

        @Test func `a number is known from the text, and its reads run on replicas at once`() throws {
            let session = try Scene.stage.connect()
            _ = try session.marker()
            for (literal, value) in [("41", "41"), ("-7", "-7"), ("1.50", "1.50")] {
                try session.run("SET @n = \(literal)")
                let row = try session.rows("SELECT @N, marker FROM node_marker")[0]
                #expect(row[0] == value && row[1] != "0", "\(row)")
            }
        }

        @Test func `what only the server knows is asked in front of the first read`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @a = 6 * 7, @b = CONCAT('x', 'y')", "SELECT @c := 5", "SELECT 8 INTO @d")
            let first = try session.rows("SELECT @a, @b, @c, @d, marker FROM node_marker")
            #expect(first == [["42", "xy", "5", "8", "0"]])
            let second = try session.rows("SELECT @a, @b, @c, @d, marker FROM node_marker")[0]
            #expect(second.dropLast() == ["42", "xy", "5", "8"] && second[4] != "0", "\(second)")
            try session.run("SET @a = @a + 1")
            #expect(try session.value("SELECT @a") == "43")
            #expect(try onReplica(session, "@a") == "43")
        }

        @Test(arguments: [
            "1", "-9223372036854775808", "18446744073709551615", "CAST(5 AS UNSIGNED)", "1.50", "-0.0", "5.",
            "CAST(7 AS DECIMAL(40,0))", "1e10", "1.5e0", "5e-301", "1/3", "NULL", "'abc'", "''", "'it''s \\\\ \\n'",
            "_latin1 X'E9'", "_utf8mb4 'x' COLLATE utf8mb4_bin", "X'00FF'", "b'101'", "NOW() > 0", "DATE('2020-01-01')",
            "JSON_OBJECT('a', 1)", "REPEAT('x', 5000)", "_ucs2 X'0041'", "(SELECT 1 WHERE 0)",
        ])
        func `value, type, character set and collation are the same on a replica`(expression: String) throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let direct = try stage.connectDirectly()
            let question = "SELECT @v, CHARSET(@v), COLLATION(@v), COERCIBILITY(@v), HEX(@v), @v IS NULL"
            for one in [session, direct] { try one.run("SET @v = \(expression)") }
            let expected = direct.outcome(of: question)
            #expect(session.outcome(of: question) == expected, "\(expression), on the primary")
            #expect(session.outcome(of: question) == expected, "\(expression), on a replica")
            _ = try onReplica(session, "1")
            for one in [session, direct] { try one.run("SET @v = 7", "SET @v = NULL") }
            let null = direct.outcome(of: question)
            for _ in 0..<2 { #expect(session.outcome(of: question) == null) }
        }

        @Test func `a question of the proxy's own shows nowhere`() throws {
            let session = try Scene.stage.connect()
            try session.run("SELECT 1 UNION SELECT 2 UNION SELECT 3", "SET @a = CONCAT('a')")
            #expect(try session.value("SELECT FOUND_ROWS()") == "3")
            try session.run("CREATE OR REPLACE TABLE counted (n INT)", "SET @a = CONCAT('b')")
            try session.run("INSERT INTO counted VALUES (1), (2)")
            #expect(try session.value("SELECT ROW_COUNT()") == "2")
            #expect(try session.value("SELECT @a") == "b")
        }

        @Test func `what GET DIAGNOSTICS set on a replica is there on every node`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            #expect(try session.marker() != 0)
            #expect(session.error(of: "SELECT nonsense FROM node_marker") != nil)
            try session.run("GET DIAGNOSTICS @number = NUMBER", "GET DIAGNOSTICS CONDITION 1 @code = MYSQL_ERRNO")
            #expect(try session.rows("SELECT @number, @code") == [["1", "1054"]])
            #expect(try session.rows("SELECT @number, @code FROM node_marker FOR UPDATE") == [["1", "1054"]])
            #expect(try onReplica(session, "@code") == "1054")
        }

        @Test func `a trigger may change what is known`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE numbered (id INT)")
            try stage.cluster.execute(
                0, "CREATE TRIGGER app.numbers BEFORE INSERT ON app.numbered FOR EACH ROW SELECT NEW.id INTO @last")
            try session.run("SET @last = 1")
            #expect(try session.value("SELECT @last") == "1")
            try session.run("INSERT INTO numbered VALUES (9)")
            #expect(try session.value("SELECT @last") == "9")
            #expect(try onReplica(session, "@last") == "9")
            try session.run("DROP TABLE numbered")
        }

        @Test func `variables outlive the loan of the connection to other sessions`() throws {
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
                try session.run("SET @mine = CONCAT('of ', \(index)), @n = \(index)")
                #expect(session.error(of: "SELECT marker FROM node_marker FOR UPDATE") == nil)
            }
            for (index, session) in sessions.enumerated() {
                #expect(try session.rows("SELECT @mine, @n, @none") == [["of \(index)", "\(index)", nil]])
            }
        }
    }
}
