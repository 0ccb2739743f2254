// Texts that come from user variables, and texts that are executed without a name.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct VariableTextTests {
        private func pins(_ session: MySQLSession) throws -> [String] {
            try Scene.stage.console().rows("SELECT reason FROM pins WHERE session = \(session.connectionID)")
                .compactMap { $0[0] }
        }

        private static let read = "SELECT marker FROM app.node_marker"

        @Test func `a text from a variable runs where it would if it were written there`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @text = '\(Self.read)'", "PREPARE p FROM @text")
            for _ in 0..<4 { #expect(try session.value("EXECUTE p") != "0") }
            try session.run("SET @text = '\(Self.read) FOR UPDATE'")
            #expect(try session.value("EXECUTE p") != "0")
            try session.run("PREPARE p FROM @text")
            #expect(try session.value("EXECUTE p") == "0")
            #expect(try session.marker() != 0)
            // Only the variable, which a server may still be asked for.
            #expect(try pins(session) == ["user variables"])
        }

        @Test func `a text that only the server knows stays with the main connection`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @text = CONCAT('\(Self.read)', '')", "PREPARE p FROM @text")
            #expect(try session.value("EXECUTE p") == "0")
            #expect(try pins(session).contains("untracked state"))
        }

        @Test func `a text from a variable that was asked for is known`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @text = CONCAT('\(Self.read)', '')")
            // In front of a SELECT that reads it on the primary.
            #expect(try session.value("SELECT @text") == Self.read)
            try session.run("PREPARE p FROM @text")
            for _ in 0..<4 { #expect(try session.value("EXECUTE p") != "0") }
            #expect(try pins(session) == [])
        }

        @Test func `what names a connection uses the proxy's ids, wherever its text comes from`() throws {
            let session = try Scene.stage.connect()
            let victim = try Scene.stage.connect()
            let id = "\(session.connectionID)"
            try session.run("SET @kill = 'KILL \(victim.connectionID)', @own = 'SELECT CONNECTION_ID(), ''it''''s'''")
            #expect(session.error(of: "PREPARE p FROM @kill")?.code == 1295)
            #expect(session.error(of: "EXECUTE p")?.code == 1243)
            try session.run("PREPARE p FROM @own")
            #expect(try session.rows("EXECUTE p") == [[id, "it's"]])
            if TestServer.isMariaDB {
                #expect(session.error(of: "EXECUTE IMMEDIATE @kill")?.code == 1295)
                #expect(try session.rows("EXECUTE IMMEDIATE @own") == [[id, "it's"]])
                #expect(try session.rows("EXECUTE IMMEDIATE 'SELECT CONNECTION_ID(), ?' USING 7") == [[id, "7"]])
                #expect(try session.rows("EXECUTE IMMEDIATE 'SHOW PROCESSLIST'").map { $0[0] }.contains(id))
            }
            // Also when nobody knows the names any more.
            try session.run("SET @any = CONCAT('SELECT 1', '')", "PREPARE q FROM @any", "EXECUTE q")
            try session.run("SET @kill = 'KILL \(victim.connectionID)'")
            for text in ["PREPARE p FROM @kill", "PREPARE p FROM 'KILL 5'"] {
                #expect(session.error(of: text)?.code == 1295)
            }
            #expect(try victim.value("SELECT 1") == "1")
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL has no EXECUTE IMMEDIATE"))
        func `EXECUTE IMMEDIATE runs where its text would`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @n = 5", "CREATE OR REPLACE TABLE immediate (n INT)")
            for _ in 0..<3 {
                try eventually("it reads on a replica") {
                    try session.value("EXECUTE IMMEDIATE '\(Self.read)'") != "0"
                }
                #expect(try session.value("EXECUTE IMMEDIATE 'SELECT marker + ? FROM app.node_marker' USING 0") != "0")
                #expect(try session.value("EXECUTE IMMEDIATE '\(Self.read) FOR UPDATE'") == "0")
            }
            try session.run("SET @text = 'INSERT INTO immediate VALUES (?)'", "EXECUTE IMMEDIATE @text USING @n")
            #expect(try session.value("EXECUTE IMMEDIATE 'SELECT n FROM immediate'") == "5")
            try session.run("EXECUTE IMMEDIATE 'SET time_zone = ''+05:00'''")
            try eventually("reads run on a replica again") { try session.marker() != 0 }
            #expect(try session.value("SELECT @@time_zone FROM app.node_marker") == "+05:00")
            #expect(try !pins(session).contains("untracked state"))
            try session.run("EXECUTE IMMEDIATE 'CREATE TEMPORARY TABLE immediate_held (id INT)'")
            #expect(try pins(session).contains("temporary table"))
            #expect(try session.marker() == 0)
        }

        @Test func `programs with texts from variables give the server's answers`() throws {
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE texts_here (id INT PRIMARY KEY, n INT)",
                "INSERT INTO texts_here VALUES (1, 1)", "SET @t = 'SELECT n FROM texts_here'", "PREPARE a FROM @t",
                "EXECUTE a", "SET @t = 'SELEC 1'", "PREPARE a FROM @t", "EXECUTE a", "SET @t = ''",
                "PREPARE a FROM @t", "SET @t = 5", "PREPARE a FROM @t", "SET @t = NULL", "PREPARE a FROM @t",
                "SET @t = 'UPDATE texts_here SET n = n + ?', @n = 2", "PREPARE b FROM @T", "EXECUTE b USING @n",
                "EXECUTE b USING @n", "SELECT n FROM texts_here", .query(#"SET @t = 'SELECT \'a\\b\', "c"'"#),
                "PREPARE c FROM @t", "EXECUTE c", "SELECT @t",
                "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", .query(#"SET @t = 'SELECT ''a\'' AS "c"'"#),
                "PREPARE d FROM @t", "EXECUTE d", "SET sql_mode = DEFAULT", "EXECUTE d",
            ]
            try expectSameAnswers(Scene.stage.differential, program)
        }

        @Test func `programs with EXECUTE IMMEDIATE give the server's answers`() throws {
            let program: [DifferentialStep] = [
                "CREATE OR REPLACE TABLE texts_here (id INT PRIMARY KEY, n INT)",
                "INSERT INTO texts_here VALUES (1, 1)", "EXECUTE IMMEDIATE 'SELECT n FROM texts_here'",
                "SET @t = 'SELECT n + ? FROM texts_here', @n = 5", "EXECUTE IMMEDIATE @t USING @n",
                "EXECUTE IMMEDIATE @t",
                "EXECUTE IMMEDIATE 'UPDATE texts_here SET n = ?' USING 9", "SELECT ROW_COUNT()",
                "UPDATE texts_here SET n = 10", "EXECUTE IMMEDIATE 'SELECT ROW_COUNT()'",
                "EXECUTE IMMEDIATE 'SELECT 1/0'", "SHOW WARNINGS", "EXECUTE IMMEDIATE 'SELECT ?, ?' USING @n",
                "EXECUTE IMMEDIATE 'PREPARE e FROM ''SELECT 1'''", "EXECUTE e",
                "EXECUTE IMMEDIATE 'SELECT 1; SELECT 2'", "EXECUTE IMMEDIATE NULL", "EXECUTE IMMEDIATE ''",
                "EXECUTE IMMEDIATE 'SELEC'",
            ]
            try expectSameAnswers(Scene.stage.differential, program)
        }
    }
}
