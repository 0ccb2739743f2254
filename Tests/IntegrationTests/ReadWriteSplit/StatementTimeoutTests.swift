// Statements that take too long are ended on their server, and say so.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.limits = ["server_connections_per_node": "60"] }) struct StatementTimeoutTests {
        /// A read that takes long on any server and that can be ended in between. MySQL multiplies the rows of tables that
        /// it need not read.
        private static let long =
            "SELECT COUNT(*) FROM app.longish a, app.longish b, app.longish c, app.longish d"
            + " WHERE a.id * b.id * c.id * d.id > -1"

        private func makeTable(_ stage: Stage) throws {
            let session = try stage.connect()
            try session.run(
                "CREATE OR REPLACE TABLE longish (id INT)", "INSERT INTO longish SELECT seq FROM seq_1_to_1000")
            try stage.cluster.waitUntilReplicated()
        }

        @Test func `a read that takes too long is ended, and the session goes on`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let session = try stage.connect()
            for text in ["\(Self.long) /* switchyard: timeout=200ms */", "\(Self.long) -- switchyard timeout=200ms"] {
                let error = try #require(session.error(of: text))
                #expect(error.code == 9520, "\(error)")
                #expect(error.text.contains("200 ms"), "\(error)")
                #expect(try session.value("SELECT 1") == "1")
            }
            for index in 0...2 {
                try eventually("nothing runs any more on node \(index)") { () -> Bool? in
                    let rows = try stage.connectDirectly(index).rows(
                        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT COUNT(*) FROM app.longish a%'"
                    )
                    return rows == [["0"]] ? true : nil
                }
            }
        }

        @Test func `the session's own limit counts, prepared or not, and what is quick is not touched`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let session = try stage.connect()
            try session.run("SET switchyard_timeout = 300")
            #expect(try session.value("SELECT @@switchyard_timeout") == "300")
            for _ in 0..<50 { #expect(try session.value("SELECT COUNT(*) FROM app.longish") == "1000") }
            #expect(session.error(of: Self.long)?.code == 9520)
            let prepared = try MySQLStatement(session, Self.long)
            // The library forgets the number of an error that comes behind the columns of a binary result.
            let failure = try #require(prepared.outcome(of: []).failure)
            #expect(failure.code == 9520 || failure.code == 0, "\(failure)")
            #expect(try session.value("SELECT COUNT(*) FROM app.longish") == "1000")
            #expect(session.error(of: "SELECT SLEEP(0.1) /* switchyard: timeout=0 */") == nil)
        }

        @Test func `a write that takes too long is undone, and its transaction goes on`() throws {
            let stage = try Scene.stage
            try makeTable(stage)
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE timed (id BIGINT)", "BEGIN", "INSERT INTO timed VALUES (1)")
            let error = try #require(
                session.error(of: "INSERT INTO timed \(Self.long) /* switchyard: timeout=200ms */"))
            #expect(error.code == 9520)
            try session.run("INSERT INTO timed VALUES (2)", "COMMIT")
            #expect(try session.rows("SELECT id FROM timed ORDER BY id") == [["1"], ["2"]])
        }

        @Test func `the statement after one that is just ended is not hit`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE unhit (id INT PRIMARY KEY)")
            var inserted = 0
            for id in 0..<60 {
                // About as long as it may: either ends first.
                _ = session.outcome(of: "SELECT SLEEP(0.0\(id % 10 + 10)) /* switchyard: timeout=\(80 + id % 40) */")
                #expect(session.error(of: "INSERT INTO unhit VALUES (\(id))") == nil, "\(id)")
                inserted += 1
            }
            #expect(try session.value("SELECT COUNT(*) FROM unhit") == "\(inserted)")
        }
    }
}
