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
