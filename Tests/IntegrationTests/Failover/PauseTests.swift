// PAUSE CLUSTER, RESUME CLUSTER and DRAIN NODE: what waits, what goes on, and what the history tells of it.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct PauseTests {
        private static func waiting(_ console: MySQLSession) throws -> Int? {
            try console.value("SELECT waiting_statements FROM clusters").flatMap { Int($0) }
        }

        @Test func `a write waits while its cluster is paused, and RESUME lets it through without an error`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE paused (id INT PRIMARY KEY)", "INSERT INTO paused VALUES (1)")
                let console = try stage.console()
                let before = try console.value("SELECT epoch FROM clusters")
                try console.run("PAUSE CLUSTER main")
                #expect(try console.value("SELECT gate FROM clusters") == "paused")
                #expect(try console.value("SELECT value FROM metrics WHERE name = 'gate_open'") == "0")

                let write = Background {
                    try stage.connect().run("INSERT INTO paused VALUES (2)")
                }
                let prepared = Background {
                    let other = try stage.connect()
                    _ = try MySQLStatement(other, "INSERT INTO paused VALUES (3)").execute()
                }
                try eventually("both wait") { try Self.waiting(console) == 2 }
                // Reads go on, in a session that has read and in one that has written.
                #expect(try stage.connect().value("SELECT COUNT(*) FROM paused") == "1")
                #expect(try session.value("SELECT COUNT(*) FROM paused") == "1")
                #expect(!write.isFinished && !prepared.isFinished)

                try console.run("RESUME CLUSTER main")
                try write.value()
                try prepared.value()
                #expect(try session.value("SELECT COUNT(*) FROM paused /* switchyard: route=primary */") == "3")
                #expect(try console.value("SELECT epoch FROM clusters") == before)
                #expect(try console.value("SELECT gate FROM clusters") == "open")
            }
        }

        @Test func `a transaction that has begun ends while its cluster is paused, and another does not begin`() throws
        {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE paused (id INT PRIMARY KEY)", "BEGIN", "INSERT INTO paused VALUES (1)")
                let console = try stage.console()
                try console.run("PAUSE CLUSTER main FOR 5 MINUTES")
                try session.run("INSERT INTO paused VALUES (2)", "COMMIT")
                #expect(try stage.cluster.execute(0, "SELECT COUNT(*) FROM app.paused") == [["2"]])

                let next = Background { () throws -> [[String?]] in
                    let other = try stage.connect()
                    try other.run("BEGIN", "INSERT INTO paused VALUES (3)", "COMMIT")
                    return try other.rows("SELECT id FROM paused ORDER BY id")
                }
                try eventually("it waits") { try Self.waiting(console) == 1 }
                #expect(try stage.cluster.execute(0, "SELECT COUNT(*) FROM app.paused") == [["2"]])
                try console.run("RESUME CLUSTER main")
                #expect(try next.value() == [["1"], ["2"], ["3"]])
            }
        }

        @Test func `a statement that waits for too long hears who paused the cluster`() throws {
            try withStage(.init { $0.cluster["hold_timeout"] = "500ms" }) { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE paused (id INT PRIMARY KEY)")
                try stage.console().run("PAUSE CLUSTER main")
                let failure = session.error(of: "INSERT INTO paused VALUES (1)")
                #expect(failure?.code == 9501)
                #expect(failure?.text.contains("paused by admin@") == true, "\(failure.map { "\($0)" } ?? "none")")
                try stage.console().run("RESUME CLUSTER main")
                try session.run("INSERT INTO paused VALUES (1)")
            }
        }

        @Test func `a pause that nobody ends is over by itself`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE paused (id INT PRIMARY KEY)")
                let console = try stage.console()
                try console.run("PAUSE CLUSTER main FOR 1 SECOND")
                try session.run("INSERT INTO paused VALUES (1)")
                let end = try console.rows(
                    "SELECT reason FROM routing_history WHERE kind = 'cluster_resumed' ORDER BY time")
                #expect(end.count == 1 && end[0][0]?.contains("ended by itself") == true, "\(end)")
            }
        }

        @Test func `the history tells who paused, resumed, drained and enabled`() throws {
            try withStage { stage in
                let console = try stage.console()
                let node = stage.cluster.nodes[1].address
                try console.run(
                    "PAUSE CLUSTER main FOR 10 SECONDS", "RESUME CLUSTER main", "DRAIN NODE '\(node)'",
                    "ENABLE NODE '\(node)'")
                let kinds = ["cluster_paused", "cluster_resumed", "node_draining", "node_enabled"]
                for kind in kinds {
                    let found = try console.rows(
                        "SELECT node, evidence, time IS NOT NULL FROM routing_history WHERE kind = '\(kind)'")
                    #expect(found.count == 1, "\(kind): \(found)")
                    let evidence = found.first?[1] ?? ""
                    #expect(evidence.contains("user=admin@"), "\(kind): \(evidence)")
                    #expect(evidence.contains("connection=\(console.connectionID)"), "\(kind): \(evidence)")
                    #expect(found.first?[0] == (kind.hasPrefix("node_") ? node : nil))
                    #expect(found.first?[2] == "1")
                }
                // What is so already is no event.
                try console.run("RESUME CLUSTER main", "ENABLE NODE '\(node)'")
                #expect(
                    try console.value("SELECT COUNT(*) FROM routing_history WHERE evidence LIKE '%user=admin@%'") == "4"
                )
            }
        }

        @Test func `a read-only transaction on a drained node goes on, until drain_timeout is over`() throws {
            try withStage(.init { $0.cluster["drain_timeout"] = "1s" }) { stage in
                let session = try stage.connect()
                try session.run("START TRANSACTION READ ONLY")
                let index = try #require(try session.marker())
                #expect(index != 0)
                let console = try stage.console()
                try console.run("DRAIN NODE '\(stage.cluster.nodes[index].address)'")
                try eventually("it is ended") { session.error(of: "SELECT marker FROM node_marker") != nil }
                try eventually("nobody is connected to the node") {
                    let query = "SELECT COUNT(*) FROM connections WHERE node = '\(stage.cluster.nodes[index].address)'"
                    return try console.value(query) == "0"
                }
            }
        }
    }
}
