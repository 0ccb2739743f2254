// Hints in comments: who serves a statement is seen by the row that only that node has.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct HintTests {
        private static let marker = "SELECT marker FROM app.node_marker"

        private func nodeName(_ stage: Stage, _ index: Int) throws -> String {
            let port = stage.cluster.nodes[index].address.split(separator: ":").last.map(String.init) ?? ""
            let rows = try stage.console().rows("SELECT node FROM routing_table WHERE address LIKE '%:\(port)'")
            return try #require(rows.first?[0])
        }

        private func count(_ stage: Stage, _ hint: String, _ outcome: String) throws -> Int {
            let rows = try stage.console().rows(
                "SELECT SUM(count) FROM hints WHERE hint = '\(hint)' AND outcome LIKE '\(outcome)%'")
            return rows.first?[0].flatMap { Int($0) } ?? 0
        }

        @Test func `a read goes to the primary when its comment says so`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let before = try count(stage, "route=primary", "followed")
            for text in [
                "/* switchyard: route=primary */ \(Self.marker)", "\(Self.marker) /* switchyard: route=primary */",
                "\(Self.marker) -- switchyard route=primary",
            ] {
                for _ in 0..<5 { #expect(try session.value(text) == "0", "\(text)") }
            }
            #expect(try session.marker() ?? 0 > 0)
            #expect(try count(stage, "route=primary", "followed") == before + 15)
        }

        @Test func `a read goes to the node that its comment names`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            for index in 0...2 {
                let name = try nodeName(stage, index)
                for _ in 0..<5 {
                    #expect(
                        try session.value("\(Self.marker) /* switchyard: route=node:\(name) */") == "\(index)")
                }
            }
            #expect(try session.value("\(Self.marker) /* switchyard: route=node:nobody */") != "0")
            #expect(try count(stage, "route=node", "ignored: no such node") >= 1)
        }

        @Test func `a read follows the statement before it`() throws {
            let session = try Scene.stage.connect()
            for _ in 0..<10 {
                let first = try session.value(Self.marker)
                #expect(try session.value("\(Self.marker) /* switchyard: route=last */") == first)
            }
            try session.run("CREATE OR REPLACE TABLE hinted_last (id INT)")
            #expect(try session.value("\(Self.marker) /* switchyard: route=last */") == "0")
        }

        @Test func `no hint takes a write to a replica`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE hinted (id INT PRIMARY KEY AUTO_INCREMENT, marker INT)")
            let replica = try nodeName(stage, 1)
            for hint in ["route=replica", "route=node:\(replica)", "route=last"] {
                _ = try session.marker()
                try session.run(
                    "INSERT INTO hinted (marker) SELECT marker FROM app.node_marker /* switchyard: \(hint) */")
            }
            #expect(try session.rows("SELECT DISTINCT marker FROM hinted") == [["0"]])
            #expect(try count(stage, "route=replica", "ignored: not provably a read") >= 1)
        }

        @Test func `a transaction is not left`() throws {
            let session = try Scene.stage.connect()
            try session.run("BEGIN")
            #expect(try session.value("\(Self.marker) /* switchyard: route=replica */") == "0")
            try session.run("COMMIT")
        }

        @Test func `a session that reads from the primary has single reads on replicas`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET switchyard_mode = 'primary'")
            #expect(try session.marker() == 0)
            #expect(try session.value("\(Self.marker) /* switchyard: route=replica */") != "0")
            // A write in disguise is refused by the replica, and done by the primary.
            try session.run("CREATE OR REPLACE TABLE disguised (id INT)")
            #expect(try session.marker() == 0)
            #expect(
                try session.rows(
                    "SELECT SQL_CALC_FOUND_ROWS seq FROM seq_1_to_9 LIMIT 2 /* switchyard: route=replica */"
                )
                .count == 2)
            #expect(try session.value("SELECT FOUND_ROWS()") == "9")
        }

        @Test func `a read with a hint sees what its session wrote`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let replica = try nodeName(stage, 1)
            try session.run("CREATE OR REPLACE TABLE hinted_own (id INT PRIMARY KEY)")
            for id in 1...100 {
                try session.run("INSERT INTO hinted_own VALUES (\(id))")
                let text = "SELECT COUNT(*) FROM hinted_own /* switchyard: route=node:\(replica) */"
                #expect(try session.value(text) == "\(id)")
            }
        }

        @Test func `a read that need not see its session's writes does not wait for a replica to have them`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE hinted_stale (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            try session.run("INSERT INTO hinted_stale VALUES (1)")
            #expect(try session.value("SELECT COUNT(*) FROM hinted_stale") == "1")
            let text = "SELECT (SELECT COUNT(*) FROM hinted_stale) + 10 * marker FROM app.node_marker"
            #expect(try session.value("\(text) /* switchyard: causal=none */").flatMap { Int($0) } ?? 0 >= 10)
            #expect(try session.value(text) == "1")
        }

        @Test func `a prepared statement keeps its hint`() throws {
            let session = try Scene.stage.connect()
            // The replicas of the test before may just have been started again.
            try eventually("a replica serves") { try session.marker() ?? 0 > 0 }
            let onPrimary = try MySQLStatement(
                session, "\(Self.marker) WHERE marker >= ? /* switchyard: route=primary */")
            let plain = try MySQLStatement(session, "\(Self.marker) WHERE marker >= ?")
            for _ in 0..<5 {
                #expect(try onPrimary.execute([.int(0)]).value == "0")
                #expect(try plain.execute([.int(0)]).value != "0")
            }
        }

        @Test func `hints are explained, and unknown ones are counted`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try eventually("a replica serves") { try session.marker() ?? 0 > 0 }
            let before = try count(stage, "unknown", "ignored")
            #expect(try session.value("\(Self.marker) /* switchyard: rout=primary, colour=red */") != "0")
            #expect(try count(stage, "unknown", "ignored") == before + 2)
            let console = try stage.console()
            let rows = try console.rows("EXPLAIN ROUTE SELECT 1 /* switchyard: route=primary, timeout=1s */")
            #expect(rows.contains(["target", "main"]), "\(rows)")
            #expect(rows.contains(["effect of hints", "route: followed; timeout: 1000 ms"]), "\(rows)")
        }
    }

    @Suite(.stage { $0.listener = ["hints": "false"] }) struct HintsOffTests {
        @Test func `a listener without hints does not read them`() throws {
            let session = try Scene.stage.connect()
            for _ in 0..<10 {
                #expect(
                    try session.value("SELECT marker FROM app.node_marker /* switchyard: route=primary */") != "0")
            }
        }
    }
}
