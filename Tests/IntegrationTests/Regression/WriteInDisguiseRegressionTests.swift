// Writes that do not look like it, and accounts that read_only does not bind: no row on a replica only.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct WriteInDisguiseRegressionTests {
        /// A table, a function that writes into it, and a view that calls the function.
        private func makeWriter(_ stage: Stage) throws {
            let root = try MySQLSession(stage.rootLogin(0))
            try root.run(
                "CREATE OR REPLACE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT)",
                """
                CREATE OR REPLACE FUNCTION noted() RETURNS INT MODIFIES SQL DATA
                BEGIN INSERT INTO notes VALUES (NULL); RETURN 7; END
                """,
                "CREATE OR REPLACE VIEW noting AS SELECT noted() AS n")
            try stage.cluster.waitUntilReplicated()
        }

        /// The number of rows on each node.
        private func counts(_ stage: Stage, _ table: String) throws -> [String?] {
            try stage.cluster.waitUntilReplicated()
            return try stage.cluster.nodes.map {
                try stage.cluster.execute($0.index, "SELECT COUNT(*) FROM app.\(table)")[0][0]
            }
        }

        @Test func `root cannot write on a listener that leads to replicas`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE guarded (id INT PRIMARY KEY)")
            try stage.cluster.waitUntilReplicated()
            let session = try MySQLSession(stage.rootLogin.with { $0.port = stage.proxy.ports.replica })
            #expect(try session.marker() != 0)
            #expect(session.error(of: "INSERT INTO guarded VALUES (1)")?.code == 1290)
            #expect(session.error(of: "CREATE TABLE guarded_too (id INT)")?.code == 1290)
            #expect(session.error(of: "SELECT 1; INSERT INTO guarded VALUES (1)")?.code == 1290)
            #expect(try session.marker() != 0)
            #expect(try counts(stage, "guarded") == ["0", "0", "0"])
            for node in stage.cluster.nodes {
                #expect(try stage.cluster.execute(node.index, "SHOW TABLES FROM app LIKE 'guarded_too'") == [])
            }
        }

        @Test(arguments: ["SELECT n FROM noting", "SELECT noted() AS n", "SELECT n FROM (SELECT n FROM noting) AS x"])
        func `a view or function that writes, called by a plain SELECT, writes on the primary`(
            statement: String
        ) throws {
            let stage = try Scene.stage
            for login in [stage.login, stage.rootLogin] {
                try makeWriter(stage)
                let session = try MySQLSession(login)
                // On a replica first, where a plain SELECT would stay.
                #expect(try session.marker() != 0)
                #expect(try session.rows(statement) == [["7"]], "\(login.user)")
                #expect(try counts(stage, "notes") == ["1", "1", "1"], "\(login.user)")
            }
        }

        @Test func `a function hidden by the servers' sql_mode writes on the primary`() throws {
            try withStage { stage in
                try makeWriter(stage)
                for node in stage.cluster.nodes {
                    try stage.cluster.execute(
                        node.index, "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_BACKSLASH_ESCAPES')")
                }
                // A proxy that knows the servers in this mode only.
                let proxy = try ProxyProcess.start(ProxyConfiguration(stage.cluster), until: stage.login)
                defer { proxy.kill() }
                let login = stage.login.with { $0.port = proxy.ports.split }
                let root = stage.rootLogin.with { $0.port = proxy.ports.split }
                try eventually("its reads run on replicas") { try MySQLSession(login).marker() != 0 }
                for login in [login, root] {
                    try stage.cluster.execute(0, "TRUNCATE app.notes")
                    try stage.cluster.waitUntilReplicated()
                    // The first statement of its session: no reply has told of the mode yet.
                    #expect(
                        try MySQLSession(login).rows("SELECT '\\', noted() -- '") == [["\\", "7"]], "\(login.user)")
                    #expect(try counts(stage, "notes") == ["1", "1", "1"], "\(login.user)")
                }
            }
        }

        /// Holds replication up on all replicas, which go on serving reads, while `body` runs.
        private func withReplicasHeld(_ stage: Stage, _ body: () throws -> Void) throws {
            let holders = try (1...2).map { try MySQLSession(stage.rootLogin($0)) }
            for holder in holders { try holder.run("FLUSH TABLES WITH READ LOCK") }
            defer { for holder in holders { holder.close() } }
            try body()
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL has no ANALYZE UPDATE"))
        func `the changes of ANALYZE UPDATE are read by their own session`() throws {
            let stage = try Scene.stage
            for flags in [RawCapabilities.ordinary, RawCapabilities.ordinary.union([.deprecateEOF, .sessionTrack])] {
                try stage.cluster.execute(
                    0, "CREATE OR REPLACE TABLE app.analyzed (a INT); INSERT INTO app.analyzed VALUES (100)")
                try stage.cluster.waitUntilReplicated()
                let session = try RawConnection(port: stage.proxy.ports.split)
                #expect(try session.logIn(user: "open", schema: "app", capabilities: flags)?.isOK == true)
                try withReplicasHeld(stage) {
                    #expect(try stage.connect().marker() != 0, "the replicas are to serve reads while they are held")
                    #expect(try firstCell(session, "SELECT a FROM analyzed", flags) == "100")
                    _ = try firstCell(session, "ANALYZE UPDATE analyzed SET a = a + 1", flags)
                    #expect(try firstCell(session, "SELECT a FROM analyzed", flags) == "101")
                }
            }
        }

        /// Runs a statement that gives rows, and gives the first cell of the first row.
        private func firstCell(_ session: RawConnection, _ sql: String, _ flags: RawCapabilities) throws -> String? {
            session.sendQuery(sql)
            guard let head = try session.receivePacket(), !head.isError else { return nil }
            let columns = Int(head.payload[0])
            let heads = columns + (flags.contains(.deprecateEOF) ? 0 : 1)
            for _ in 0..<heads { _ = try session.receivePacket() }
            var first: String?
            while let row = try session.receivePacket() {
                if row.isError { return row.errorText }
                if row.payload[0] == 0xfe { break }
                let count = Int(row.payload[0])
                if first == nil { first = String(decoding: row.payload[1...].prefix(count), as: UTF8.self) }
            }
            return first
        }
    }
}
