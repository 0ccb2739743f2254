// Where statements run. Each node has a row of its own in `app.node_marker`: 0 is the primary, 1 and 2 are replicas.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct RoutingTests {
        private static let marker = "SELECT marker FROM app.node_marker"

        @Test func `reads run on replicas only, and on all of them`() throws {
            let stage = try Scene.stage
            var seen: Set<Int?> = []
            for _ in 0..<40 {
                let session = try stage.connect()
                for _ in 0..<5 { seen.insert(try session.marker()) }
            }
            #expect(seen.isSubset(of: [1, 2]), "\(seen)")
            // Where nobody waits for anybody the quicker one may get all; in the long run both are used.
            try stage.waitUntilReadsRun(on: [1, 2])
        }

        @Test func `reads of concurrent sessions run on replicas only`() throws {
            let stage = try Scene.stage
            let seen = try inParallel(16) { _ in
                let session = try stage.connect()
                return Set(try (0..<100).map { _ in try session.marker() ?? -1 })
            }
            #expect(seen.reduce(into: Set()) { $0.formUnion($1) } == [1, 2])
        }

        @Test func `what only reads runs on replicas`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            for read in [
                "select marker from node_marker where marker >= 0",
                "/* a comment */ SELECT marker FROM app.node_marker",
                "(SELECT marker FROM app.node_marker)",
                "SELECT marker FROM app.node_marker UNION SELECT marker FROM app.node_marker",
                "WITH m AS (SELECT marker FROM app.node_marker) SELECT marker FROM m",
                "SELECT MAX(marker) FROM app.node_marker GROUP BY marker % 1 HAVING COUNT(*) > 0 ORDER BY 1 LIMIT 1",
                "SELECT (SELECT marker FROM app.node_marker) + 0",
                "SELECT marker FROM app.node_marker -- FOR UPDATE",
                "SELECT marker FROM app.node_marker WHERE 'FOR UPDATE' <> \"LOCK IN SHARE MODE\"",
                "SELECT `marker` FROM `app`.`node_marker` AS `insert`",
                "SELECT SQL_NO_CACHE marker FROM app.node_marker;",
                "SELECT IF(1, marker, NOW()) FROM app.node_marker",
            ] {
                #expect(try session.value(read).flatMap { Int($0) } ?? 0 > 0, "\(read)")
            }
        }

        @Test func `what locks runs on the primary`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            for read in [
                "SELECT marker FROM app.node_marker FOR UPDATE",
                "SELECT marker FROM app.node_marker LOCK IN SHARE MODE",
                "select marker from app.node_marker for/**/update",
                "SELECT marker FROM app.node_marker /*! FOR UPDATE */",
                "SELECT marker FROM (SELECT marker FROM app.node_marker FOR UPDATE) AS x",
            ] {
                #expect(try session.value(read) == "0", "\(read)")
            }
            #expect(try session.marker() ?? 0 > 0)
        }

        @Test func `writes run on the primary`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE written (id INT PRIMARY KEY AUTO_INCREMENT, marker INT)")
            for write in [
                "INSERT INTO written (marker) SELECT marker FROM node_marker",
                "insert into written (marker) values ((select marker from node_marker))",
                "/* SELECT */ INSERT INTO written (marker) SELECT marker FROM node_marker",
                "WITH m AS (SELECT marker FROM node_marker) INSERT INTO written (marker) SELECT marker FROM m",
                "REPLACE INTO written (marker) SELECT marker FROM node_marker",
                "UPDATE written SET marker = (SELECT marker FROM node_marker)",
                "DELETE FROM written WHERE id = 3",
                "INSERT INTO written (marker) SELECT marker FROM node_marker RETURNING marker",
            ] {
                let outcome = session.outcome(of: write)
                // MariaDB has no WITH before INSERT: what the server says is the answer.
                if let failure = outcome.failure { #expect(failure.code == 1064, "\(write): \(failure)") }
            }
            let rows = try session.rows("SELECT DISTINCT marker FROM written")
            #expect(rows == [["0"]])
        }

        @Test func `a transaction stays on the primary until it ends`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            for (begin, end) in [
                ("BEGIN", "COMMIT"), ("START TRANSACTION", "ROLLBACK"), ("begin work", "rollback work"),
            ] {
                try session.run(begin)
                for _ in 0..<5 { #expect(try session.marker() == 0) }
                try session.run(end)
                #expect(try session.marker() ?? 0 > 0)
            }
            try session.run("BEGIN", "COMMIT AND CHAIN")
            #expect(try session.marker() == 0)
            try session.run("COMMIT AND NO CHAIN")
            #expect(try session.marker() ?? 0 > 0)
        }

        @Test func `a statement that commits by itself ends a transaction`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("BEGIN", "CREATE OR REPLACE TABLE implicit (id INT)")
            try eventually("a replica has caught up and serves") { try session.marker() ?? 0 > 0 }
        }

        @Test func `without autocommit everything runs on the primary`() throws {
            let stage = try Scene.stage
            for (off, on) in [
                ("SET autocommit=0", "SET autocommit=1"), ("SET @@autocommit = OFF", "SET @@autocommit = ON"),
                ("SET SESSION autocommit = 0", "SET LOCAL autocommit = 1"),
            ] {
                let session = try stage.connect()
                try session.run(off)
                #expect(try session.marker() == 0, "\(off)")
                try session.run("COMMIT")
                #expect(try session.marker() == 0, "\(off)")
                try session.run(on)
                #expect(try session.marker() ?? 0 > 0, "\(on)")
            }
        }

        @Test func `a read-only transaction runs on one replica, and writes in it are refused as directly`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let direct = try stage.connectDirectly()
            try session.run("CREATE OR REPLACE TABLE untouched (id INT)")
            try eventually("a replica has caught up and serves") { try session.marker() ?? 0 > 0 }
            for begin in ["START TRANSACTION READ ONLY", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"] {
                try session.run(begin)
                try direct.run(begin)
                let seen = Set(try (0..<20).map { _ in try session.marker() })
                #expect(seen.count == 1 && seen != [0], "\(begin): \(seen)")
                let refusal = try #require(direct.error(of: "INSERT INTO untouched VALUES (1)"))
                #expect(refusal.code == 1792)
                let answer = try #require(session.error(of: "INSERT INTO untouched VALUES (1)"))
                #expect(answer == refusal)
                #expect(session.status == direct.status)
                try session.run("COMMIT")
                try direct.run("COMMIT")
            }
            try session.run("INSERT INTO untouched VALUES (2)")
            #expect(try session.rows("SELECT id FROM untouched") == [["2"]])
        }

        @Test func `listeners have modes`() throws {
            let stage = try Scene.stage
            let primary = try stage.connect { $0.port = stage.proxy.ports.primary }
            for _ in 0..<10 { #expect(try primary.marker() == 0) }
            try primary.run("CREATE OR REPLACE TABLE modes (id INT)", "INSERT INTO modes VALUES (1)")
            try stage.cluster.waitUntilReplicated()

            for _ in 0..<20 {
                let replica = try stage.connect { $0.port = stage.proxy.ports.replica }
                let first = try replica.marker()
                #expect([1, 2].contains(first))
                for _ in 0..<5 { #expect(try replica.marker() == first) }
            }
            let replica = try stage.connect { $0.port = stage.proxy.ports.replica }
            #expect(replica.error(of: "INSERT INTO modes VALUES (2)")?.code == 1290)
            try replica.run("SET @x = 5", "SET SESSION group_concat_max_len = 2048", "BEGIN")
            #expect(try replica.rows("SELECT @x, @@group_concat_max_len, id FROM modes") == [["5", "2048", "1"]])
            try replica.run("COMMIT")
        }

        @Test func `the console counts where statements went`() throws {
            let stage = try Scene.stage
            func counts() throws -> [String: (writes: Int, reads: Int)] {
                let rows = try stage.console().rows(
                    """
                    SELECT r.role, SUM(n.writes_total), SUM(n.reads_total) FROM routing_table AS r
                        JOIN nodes AS n USING (node)
                        GROUP BY r.role
                    """)
                return Dictionary(
                    uniqueKeysWithValues: rows.map { ($0[0] ?? "", (Int($0[1] ?? "") ?? -1, Int($0[2] ?? "") ?? -1)) })
            }
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE counted (id INT)")
            let before = try counts()
            for id in 0..<9 { try session.run("INSERT INTO counted VALUES (\(id))") }
            let reader = try stage.connect()
            for _ in 0..<50 { _ = try reader.marker() }
            let after = try counts()
            #expect(after["primary"]!.writes - before["primary"]!.writes == 9)
            #expect(after["replica"]!.reads - before["replica"]!.reads == 50)
            #expect(after["replica"]!.writes == before["replica"]!.writes)
        }
    }
}
