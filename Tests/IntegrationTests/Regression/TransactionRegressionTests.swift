// Transactions that begin or end where one would not look for it.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct TransactionRegressionTests {
        /// The number of rows on each node.
        private func counts(_ stage: Stage, _ table: String) throws -> [String?] {
            try stage.cluster.waitUntilReplicated()
            return try stage.cluster.nodes.map {
                try stage.cluster.execute($0.index, "SELECT COUNT(*) FROM app.\(table)")[0][0]
            }
        }

        /// Makes an empty table that all nodes have.
        private func makeTable(_ stage: Stage, _ table: String) throws {
            try stage.connect().run("CREATE OR REPLACE TABLE \(table) (id INT PRIMARY KEY)")
            try stage.cluster.waitUntilReplicated()
        }

        private func logins(_ stage: Stage) -> [MySQLLogin] {
            [stage.login, stage.rootLogin]
        }

        @Test func `BEGIN inside of a read-only transaction on a replica begins one on the primary`() throws {
            let stage = try Scene.stage
            for login in logins(stage) {
                for begin in ["BEGIN", "START TRANSACTION", "START TRANSACTION READ WRITE"] {
                    try makeTable(stage, "begun")
                    let session = try MySQLSession(login)
                    try session.run("START TRANSACTION READ ONLY")
                    #expect(try session.marker() != 0, "the read-only transaction is to be on a replica")
                    try session.run(begin, "INSERT INTO begun VALUES (1)")
                    #expect(try session.marker() == 0)
                    try session.run("COMMIT")
                    #expect(try counts(stage, "begun") == ["1", "1", "1"], "\(login.user): \(begin)")
                }
            }
        }

        @Test func `several statements at once inside of a read-only transaction on a replica are refused`() throws {
            let stage = try Scene.stage
            for login in logins(stage) {
                try makeTable(stage, "several")
                let session = try MySQLSession(login)
                try session.run("START TRANSACTION READ ONLY")
                #expect(try session.marker() != 0, "the read-only transaction is to be on a replica")
                #expect(session.error(of: "COMMIT; INSERT INTO several VALUES (1)")?.code == 9510)
                try session.run("COMMIT", "INSERT INTO several VALUES (2)")
                #expect(try session.rows("SELECT id FROM several") == [["2"]])
                #expect(try counts(stage, "several") == ["1", "1", "1"])
            }
        }

        @Test func `an error behind BEGIN in one packet does not hide the open transaction`() throws {
            let stage = try Scene.stage
            try makeTable(stage, "hidden")
            let session = try stage.connect()
            #expect(session.error(of: "BEGIN; INSERT INTO hidden VALUES (1); SELECT nosuch")?.code == 1054)
            #expect(try session.marker() == 0)
            #expect(try session.value("SELECT COUNT(*) FROM hidden") == "1")
            try session.run("ROLLBACK")
            #expect(try session.value("SELECT COUNT(*) FROM hidden FOR UPDATE") == "0")
        }

        @Test func `an error behind SET autocommit=0 in one packet does not hide it`() throws {
            let stage = try Scene.stage
            try makeTable(stage, "hidden_too")
            let session = try stage.connect()
            #expect(session.error(of: "SET autocommit=0; SELECT nosuch")?.code == 1054)
            #expect(try session.value("SELECT @@autocommit") == "0")
            #expect(try session.marker() == 0)
            try session.run("INSERT INTO hidden_too VALUES (1)")
            #expect(try session.value("SELECT COUNT(*) FROM hidden_too") == "1")
            try session.run("ROLLBACK")
            #expect(try session.value("SELECT COUNT(*) FROM hidden_too") == "0")
        }

        /// COM_STMT_FETCH of a row, and COM_STMT_RESET.
        @Test(arguments: [(0x1C, [1, 0, 0, 0]), (0x1A, [])] as [(UInt8, [UInt8])])
        func `a transaction goes on when a cursor that a replica has is used`(code: UInt8, rest: [UInt8]) throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE beside (n INT)", "INSERT INTO beside VALUES (0)")
            try stage.cluster.waitUntilReplicated()
            var answers: [UInt8?] = []
            for (round, port) in [stage.cluster.nodes[0].port, stage.proxy.ports.split].enumerated() {
                let connection = try RawConnection(port: port)
                let verdict = try connection.logIn(user: "open", schema: "app", capabilities: .ordinary)
                try #require(verdict?.isOK == true)
                let rows = ["", " + 10", " + 20"].map { "SELECT marker\($0) FROM node_marker" }
                let prepared = try connection.answer(to: [0x16] + Array(rows.joined(separator: " UNION ").utf8))
                let id = Array(try #require(prepared.first).payload[1..<5])
                // With a cursor, of which one row is read.
                #expect(try connection.answer(to: [0x17] + id + [1, 1, 0, 0, 0]).count == 3)
                let row = try #require(try connection.answer(to: [0x1C] + id + [1, 0, 0, 0]).first)
                #expect((row.payload[2] % 10 == 0) == (round == 0), "the cursor is to be on a replica: \(row)")
                for statement in ["BEGIN", "UPDATE beside SET n = n + 1"] {
                    #expect(try connection.answer(toQuery: statement).first?.isOK == true)
                }
                // In transaction, autocommit.
                answers.append(try connection.answer(to: [code] + id + rest).last.map { $0.payload[3] & 3 })
                #expect(try connection.answer(toQuery: "COMMIT").first?.isOK == true)
                connection.close()
                #expect(try stage.cluster.execute(0, "SELECT n FROM app.beside") == [["\(round + 1)"]])
            }
            #expect(answers[0] == answers[1])
        }

        @Test(arguments: [("COMMIT RELEASE", "1"), ("ROLLBACK RELEASE", "0")])
        func `RELEASE at the end of a transaction ends the client`(end: String, rows: String) throws {
            let stage = try Scene.stage
            try makeTable(stage, "released")
            for session in [try stage.connectDirectly(), try stage.connect()] {
                try session.run("BEGIN", "REPLACE INTO released VALUES (1)", end)
                #expect(session.error(of: "SELECT 1")?.isLostConnection == true)
                #expect(try stage.connect().value("SELECT COUNT(*) FROM released FOR UPDATE") == rows)
            }
        }
    }
}

extension Stage {
    /// The administrator, whom read_only does not bind, through the splitting listener.
    var rootLogin: MySQLLogin {
        MySQLLogin(port: proxy.ports.split, user: cluster.rootUser, password: cluster.rootPassword, schema: "app")
    }

    /// The administrator straight at a node.
    func rootLogin(_ index: Int) -> MySQLLogin {
        rootLogin.with { $0.port = cluster.nodes[index].port }
    }
}
