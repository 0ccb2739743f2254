// A schema that the primary has and replicas do not have yet.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.cluster["max_lag"] = "10m" }) struct LaggingSchemaTests {
        /// Runs `body` while no replica applies anything; it still answers reads.
        private func whileReplicasLag(_ stage: Stage, _ body: () throws -> Void) throws {
            var holders: [MySQLSession] = []
            for node in stage.cluster.nodes where node.index != stage.cluster.primaryIndex {
                let root = try MySQLSession(
                    MySQLLogin(port: node.port, user: stage.cluster.rootUser, password: stage.cluster.rootPassword))
                try root.query("FLUSH TABLES WITH READ LOCK")
                holders.append(root)
            }
            try body()
            for holder in holders { try holder.query("UNLOCK TABLES") }
        }

        @Test func `a login goes through, and so do its reads`() throws {
            let stage = try Scene.stage
            try whileReplicasLag(stage) {
                try stage.cluster.execute(
                    0, "CREATE DATABASE fresh; CREATE TABLE fresh.t AS SELECT 5 AS n; GRANT ALL ON fresh.* TO 'app'@'%'"
                )
                for _ in 0..<8 {
                    let session = try stage.connect { $0.schema = "fresh" }
                    #expect(try session.rows("SELECT DATABASE(), n FROM t") == [["fresh", "5"]])
                    #expect(try session.value("SELECT marker FROM app.node_marker") == "0")
                    let statement = try MySQLStatement(session, "SELECT n + ? FROM t")
                    #expect(try statement.execute([.int(1)]).rows == [["6"]])
                }
            }
            try stage.cluster.waitUntilReplicated()
            try eventually("its reads run on replicas again") {
                try stage.connect { $0.schema = "fresh" }.marker() != 0
            }
        }

        @Test func `a session goes into it, in every way`() throws {
            let stage = try Scene.stage
            let (app, password) = (stage.cluster.appUser, stage.cluster.appPassword)
            let sessions = try (0..<4).map { _ in try stage.connect() }
            for session in sessions { #expect(try session.marker() != 0) }
            try whileReplicasLag(stage) {
                try stage.cluster.execute(
                    0, "CREATE DATABASE later; CREATE TABLE later.t AS SELECT 6 AS n; GRANT ALL ON later.* TO 'app'@'%'"
                )
                try sessions[0].selectSchema("later")
                try sessions[1].query("USE later")
                try sessions[2].changeUser(app, password, "later")
                for session in sessions[0...2] {
                    for _ in 0..<4 { #expect(try session.rows("SELECT DATABASE(), n FROM t") == [["later", "6"]]) }
                }
                for session in sessions { try session.ping() }
                // What nobody has is refused as ever.
                #expect(throws: MySQLFailure.self) { try sessions[3].selectSchema("never") }
            }
        }
    }
}
