// What a statement asks about the one before it: right, or refused, wherever that one ran.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct PreviousStatementRegressionTests {
        /// 9511: what is asked about went to another session. 9512: it is on another connection.
        private static let refusals = [9511, 9512]

        private static let counted =
            "SELECT SQL_CALC_FOUND_ROWS id, (SELECT marker FROM node_marker) FROM asked LIMIT 1"

        /// A table of three rows that all nodes have.
        private func makeTable(_ stage: Stage) throws {
            try stage.connect().run(
                "CREATE OR REPLACE TABLE asked (id INT PRIMARY KEY AUTO_INCREMENT, n BIGINT)",
                "INSERT INTO asked VALUES (1, 0), (2, 0), (3, 0)")
            try stage.cluster.waitUntilReplicated()
        }

        /// The session finds rows on a replica.
        private func findRows(_ session: MySQLSession) throws {
            try eventually("the read runs on a replica") { try session.rows(Self.counted)[0][1] != "0" }
        }

        /// One connection to each node.
        private func narrow(_ stage: Stage) -> ProxyConfiguration {
            ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
        }

        /// Expects the statement to end as it should, or to be refused.
        private func expect(
            _ session: MySQLSession, _ sql: String, gives value: String?,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let outcome = session.outcome(of: sql)
            if let failure = outcome.failure {
                #expect(Self.refusals.contains(failure.code), "\(sql): \(failure)", sourceLocation: sourceLocation)
            } else {
                #expect(outcome.replies.last?.value == value, "\(sql)", sourceLocation: sourceLocation)
            }
        }

        @Test func `a statement may ask about one in front of it in its text, whatever ran before`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let session = try stage.connect()
            try findRows(session)
            let written = session.outcome(
                of: "INSERT INTO asked (n) VALUES (7); SELECT id FROM asked WHERE ROW_COUNT() = 1")
            #expect(written.failure == nil && written.replies.last?.rows.isEmpty == false)
            try findRows(session)
            let text = "SELECT SQL_CALC_FOUND_ROWS id FROM asked LIMIT 2 FOR UPDATE; SELECT FOUND_ROWS()"
            #expect(session.outcome(of: text).replies.last?.value == "4")
            try findRows(session)
            let warned = session.outcome(of: "INSERT IGNORE INTO asked VALUES (1, 1); SHOW WARNINGS")
            #expect(warned.failure == nil && warned.replies.last?.rows.count == 1)
        }

        @Test(arguments: [
            ("SET @count = ROW_COUNT()", "SELECT @count"),
            ("INSERT INTO asked (n) VALUES (ROW_COUNT())", "SELECT MAX(n) FROM asked"),
        ])
        func `a row count that went with its connection is not made up in a write`(question: String, answer: String)
            throws
        {
            let stage = try Scene.stage
            try makeTable(stage)
            let proxy = try ProxyProcess.start(narrow(stage), until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let (session, other) = (try MySQLSession(login), try MySQLSession(login))
            try session.run("UPDATE asked SET n = -id WHERE id < 3")
            // It takes the connection.
            try other.run("SELECT 1 FOR UPDATE")
            #expect(session.error(of: question)?.code == 9511)
            // The next statement has a count again.
            try session.run("UPDATE asked SET n = n - 1 WHERE id < 3", question)
            #expect(try session.value(answer) == "2")
        }

        @Test func `a connection that cannot be given away has no counts of a question of the proxy's`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let configuration = narrow(stage).with { $0.limits["wait_timeout"] = "1s" }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let (session, other) = (try MySQLSession(login), try MySQLSession(login))
            // More than is carried: that shows when it is asked for.
            try session.run("SET @long = REPEAT('x', 20000)", "UPDATE asked SET n = -id WHERE id < 3")
            #expect(other.error(of: "SELECT 1 FOR UPDATE") != nil)
            #expect(session.error(of: "SELECT ROW_COUNT()")?.code == 9511)
            #expect(try session.value("SELECT LENGTH(@long)") == "20000")
        }

        @Test(arguments: [
            ("BEGIN", "SELECT FOUND_ROWS()"), ("START TRANSACTION", "SET @found = FOUND_ROWS()"),
            ("CREATE TEMPORARY TABLE mine (a INT)", "SELECT FOUND_ROWS()"),
            ("SET autocommit = 0", "SELECT FOUND_ROWS()"), ("SET @x = 1", "SET @found = FOUND_ROWS()"),
        ])
        func `FOUND_ROWS() is not made up where the rows were not found`(between: String, question: String) throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let session = try stage.connect()
            try findRows(session)
            try session.run(between)
            #expect(session.error(of: question)?.code == 9512)
            // What is found there is counted there.
            try session.run("SELECT SQL_CALC_FOUND_ROWS id FROM asked WHERE id < 3 LIMIT 1")
            #expect(try session.value("SELECT FOUND_ROWS()") == "2")
        }

        @Test func `what reads tables and variables besides is not asked of a replica that lacks them`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let session = try stage.connect()
            try findRows(session)
            try session.run("SET @kept = CONCAT('mine', '')")
            expect(session, "SELECT @kept, FOUND_ROWS()", gives: "mine")
            #expect(try session.value("SELECT @kept") == "mine")

            try findRows(session)
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            try session.run("INSERT INTO asked (n) VALUES (7)")
            expect(session, "SELECT (SELECT COUNT(*) FROM asked), FOUND_ROWS()", gives: "4")
            expect(session, "SELECT FOUND_ROWS()", gives: "3")
        }

        @Test func `preparing a statement leaves ROW_COUNT() as it was`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            for (round, login) in [stage.direct(), stage.login].enumerated() {
                let session = try MySQLSession(login)
                // Without waiting for what was written, the statement is prepared on a replica.
                if round == 1 { try session.run("SET @@switchyard_causal_reads = none") }
                try session.run("UPDATE asked SET n = \(round + 1) WHERE id < 3")
                let statement = try MySQLStatement(session, "SELECT id FROM asked WHERE id = 3")
                #expect(try session.value("SELECT ROW_COUNT()") == "2")
                #expect(try statement.execute().rows == [["3"]])
            }
        }
    }
}
