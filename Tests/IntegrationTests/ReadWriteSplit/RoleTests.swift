// A role that a session set goes with it from connection to connection, and to nobody else.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.cluster["max_lag"] = "10m" }) struct RoleTests {
        /// A schema that the account of the tests may read in this role only.
        private func makeVault(_ cluster: LocalCluster, _ role: String) throws {
            try cluster.execute(
                0,
                """
                DROP ROLE IF EXISTS \(role); CREATE ROLE \(role);
                CREATE DATABASE IF NOT EXISTS \(role)_vault; CREATE TABLE IF NOT EXISTS \(role)_vault.t (n INT PRIMARY KEY);
                REPLACE INTO \(role)_vault.t VALUES (7);
                GRANT SELECT, UPDATE ON \(role)_vault.* TO \(role); GRANT \(role) TO 'app'@'%'
                """)
        }

        /// What holds the session, but for an error that it may still ask about.
        private func pins(_ session: MySQLSession) throws -> [String?] {
            let query = "SELECT reason FROM pins WHERE session = \(session.connectionID)"
            return try Scene.stage.console().rows(query).map { $0[0] }.filter { $0 != "warnings or row counts" }
        }

        /// What a server says of a role that the account does not have.
        private var refusal: Int { TestServer.isMariaDB ? 1959 : 3530 }

        @Test func `reads under a role run on replicas, and pin nothing`() throws {
            let stage = try Scene.stage
            try makeVault(stage.cluster, "reading")
            try stage.cluster.waitUntilReplicated()
            let session = try stage.connect()
            let read = "SELECT n, marker FROM reading_vault.t, app.node_marker"
            #expect(session.error(of: read)?.code == 1142)
            try session.run("SET ROLE reading")
            #expect(try pins(session) == [])
            for _ in 0..<4 {
                let row = try #require(try session.rows(read).first)
                #expect(row[0] == "7" && row[1] != "0")
            }
            try session.run("SET ROLE NONE")
            #expect(session.error(of: read)?.code == 1142)
            #expect(session.error(of: "SET ROLE nobody_has_it")?.code == refusal)
            #expect(try session.marker() != nil)
        }

        @Test func `a role goes with its session over one connection, and is no other's`() throws {
            let stage = try Scene.stage
            try makeVault(stage.cluster, "sharing")
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let (one, other) = (try MySQLSession(login), try MySQLSession(login))
            let read = "SELECT n FROM sharing_vault.t FOR UPDATE"
            try one.run("SET ROLE sharing")
            for _ in 0..<3 {
                #expect(try one.value(read) == "7")
                #expect(try other.value("SELECT marker FROM app.node_marker FOR UPDATE") == "0")
                #expect(other.error(of: read)?.code == 1142)
                // The error might be asked for: until the next statement its connection is kept.
                _ = try other.marker()
            }
            // By name, which MySQL does not have, the role comes to whoever executes it.
            if TestServer.isMariaDB {
                try other.run("PREPARE become FROM 'SET ROLE sharing'", "EXECUTE become")
                #expect(try one.value(read) == "7")
                #expect(try other.value(read) == "7")
            }
            // Taken away, it ends the session that cannot be what it is.
            let third = try MySQLSession(login)
            #expect(try third.value("SELECT marker FROM app.node_marker FOR UPDATE") == "0")
            try stage.cluster.execute(0, "DROP ROLE sharing")
            #expect(one.error(of: read)?.code == refusal)
            #expect(one.error(of: "SELECT 1") != nil)
        }

        @Test func `a replica that does not know the role yet leaves the read to the primary`() throws {
            let stage = try Scene.stage
            try stage.cluster.waitUntilReplicated()
            let session = try stage.connect()
            #expect(try session.marker() != 0)
            var holders: [MySQLSession] = []
            for node in stage.cluster.nodes where node.index != stage.cluster.primaryIndex {
                let root = try MySQLSession(
                    MySQLLogin(port: node.port, user: stage.cluster.rootUser, password: stage.cluster.rootPassword))
                try root.query("FLUSH TABLES WITH READ LOCK")
                holders.append(root)
            }
            try makeVault(stage.cluster, "lagging")
            try session.run("SET ROLE lagging")
            for _ in 0..<4 {
                #expect(try session.rows("SELECT n, marker FROM lagging_vault.t, app.node_marker") == [["7", "0"]])
            }
            let statement = try MySQLStatement(session, "SELECT n + ? FROM lagging_vault.t")
            #expect(try statement.execute([.int(1)]).rows == [["8"]])
            for holder in holders { try holder.query("UNLOCK TABLES") }
            try stage.cluster.waitUntilReplicated()
            try eventually("its reads run on replicas again") { try session.marker() != 0 }
        }

        @Test func `a role that does not allow the schema of the session pins`() throws {
            let stage = try Scene.stage
            try makeVault(stage.cluster, "leaving")
            try stage.cluster.waitUntilReplicated()
            let session = try stage.connect()
            try session.run("SET ROLE leaving", "USE leaving_vault")
            #expect(try pins(session) == [])
            try session.run("SET ROLE NONE")
            #expect(try pins(session) == ["untracked state"])
            #expect(try session.rows("SELECT DATABASE(), marker FROM app.node_marker") == [["leaving_vault", "0"]])
        }

        @Test func `COM_RESET_CONNECTION does to a role what the server does`() throws {
            let stage = try Scene.stage
            try makeVault(stage.cluster, "resetting")
            try stage.cluster.waitUntilReplicated()
            let program: [DifferentialStep] = [
                "SET ROLE resetting", "SELECT n FROM resetting_vault.t", .reset, "SELECT CURRENT_ROLE()",
                "SELECT n FROM resetting_vault.t", "SET ROLE NONE", "SELECT CURRENT_ROLE()",
            ]
            try expectSameAnswers(stage.differential, program)
        }
    }
}
