// Results that break off in the middle: they go on with another node's, where that begins alike.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct ContinuedResultTests {
        /// A table, and a query whose result is far more than all buffers on the way hold: the server is still sending
        /// while its client has read a few rows.
        private struct Big {
            let rows: Int
            /// Of ten bytes.
            let repetitions: Int

            var query: String { "SELECT id, REPEAT(LPAD(id, 10, '0'), \(repetitions)) FROM big" }

            func create(_ stage: Stage) throws -> MySQLSession {
                let session = try stage.connect { $0.timeoutSeconds = 60 }
                try session.run(
                    "CREATE TABLE big (id INT PRIMARY KEY)", "INSERT INTO big SELECT seq FROM seq_1_to_\(rows)")
                try stage.cluster.waitUntilReplicated()
                return session
            }

            /// The cells of row `number`, from 1.
            func row(_ number: Int) -> [String?] {
                let digits = String(number)
                let cell = String(repeating: "0", count: 10 - digits.count) + digits
                return [digits, String(repeating: cell, count: repetitions)]
            }

            /// Reads what was sent, checks each row, and does something behind some of them.
            func receive(_ session: MySQLSession, _ actions: [Int: () throws -> Void]) throws {
                var (count, wrong) = (0, 0)
                try session.receiveRows { cells in
                    count += 1
                    if cells != row(count) { wrong += 1 }
                    try actions[count]?()
                }
                #expect(count == rows && wrong == 0)
            }
        }

        private static let usual = Big(rows: 10_000, repetitions: 1_000)
        private static let longHold = Stage.Options { $0.cluster = ["hold_timeout": "60s"] }

        /// The node that runs it now. What the client reads may have come before the proxy asked the next node.
        private func running(_ stage: Stage, among nodes: [Int] = [0, 1, 2]) throws -> Int {
            let query =
                "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%REPEAT%' AND user = 'app'"
            return try eventually("a node runs it") {
                try nodes.first { try stage.cluster.execute($0, query) != [["0"]] }
            }
        }

        private func metric(_ stage: Stage, _ name: String) throws -> String? {
            try stage.console().value("SELECT value FROM metrics WHERE name = '\(name)'")
        }

        @Test(arguments: [(10_000, 1_000), (40, 300_000)])
        func `a read whose replica is killed in the middle of its result gets every row`(_ size: (Int, Int)) throws {
            try withStage { stage in
                let big = Big(rows: size.0, repetitions: size.1)
                let session = try big.create(stage)
                try session.send("\(big.query) ORDER BY id")
                try big.receive(session, [1: { stage.cluster.kill(try running(stage)) }])
                #expect(try metric(stage, "results_continued_total") == "1")
                // In step, and its own session.
                #expect(try session.value("SELECT 'in step'") == "in step")
            }
        }

        @Test func `a prepared read whose replica is killed in the middle of its result gets every row`() throws {
            try withStage { stage in
                let big = Self.usual
                let session = try big.create(stage)
                let statement = try MySQLStatement(session, "\(big.query) WHERE id > ? ORDER BY id")
                statement.onFirstRow = {
                    guard let node = try? running(stage) else { return }
                    stage.cluster.kill(node)
                }
                let reply = try statement.execute([.int(0)])
                #expect(reply.rows.count == big.rows)
                #expect(reply.rows.enumerated().allSatisfy { $1 == big.row($0 + 1) })
                #expect(try metric(stage, "results_continued_total") == "1")
                #expect(try statement.execute([.int(Int32(big.rows - 1))]).rows == [big.row(big.rows)])
            }
        }

        @Test func `a read that loses one replica after the other gets every row from the primary`() throws {
            // Which is asked only when no replica is left: where it is not known yet that one has the rows, that is waited for.
            try withStage(Stage.Options { $0.listener["causal_timeout"] = "5s" }) { stage in
                let big = Self.usual
                let session = try big.create(stage)
                try session.send("\(big.query) ORDER BY id")
                let kill = { stage.cluster.kill(try running(stage, among: [1, 2].filter { !isDead(stage, $0) })) }
                try big.receive(session, [1: kill, 3_000: kill])
                #expect(try metric(stage, "results_continued_total") == "2")
                #expect(isDead(stage, 1) && isDead(stage, 2))
            }
        }

        private func isDead(_ stage: Stage, _ node: Int) -> Bool {
            (try? stage.cluster.execute(node, "SELECT 1")) == nil
        }

        @Test func `a read whose replica is restarted in the middle of its result gets every row`() throws {
            try withStage { stage in
                let big = Self.usual
                let session = try big.create(stage)
                try session.send("\(big.query) ORDER BY id")
                try big.receive(session, [1: { try stage.cluster.restart(try running(stage)) }])
                #expect(try metric(stage, "results_continued_total") == "1")
            }
        }

        @Test func `a transaction that loses its primary in the middle of a result goes on on the next one`() throws {
            try withStage(Self.longHold) { stage in
                let big = Self.usual
                let session = try big.create(stage)
                try session.run("CREATE TABLE note (id INT PRIMARY KEY)")
                try stage.cluster.waitUntilReplicated()
                try session.run("BEGIN", "INSERT INTO note VALUES (1)")
                try session.send("\(big.query) ORDER BY id")
                let lose = {
                    stage.cluster.kill(0)
                    try stage.cluster.promote(1, graceful: false)
                }
                try big.receive(session, [1: lose])
                try session.run("INSERT INTO note VALUES (2)", "COMMIT")
                #expect(try stage.cluster.execute(1, "SELECT id FROM app.note ORDER BY id") == [["1"], ["2"]])
                #expect(try metric(stage, "results_continued_total") == "1")
                #expect(try metric(stage, "replayed_transactions_total") == "1")
            }
        }

        @Test func `a result that is another the second time breaks off, and nothing of it is delivered`() throws {
            try withStage { stage in
                let big = Self.usual
                let session = try big.create(stage)
                try session.send("\(big.query) ORDER BY RAND()")
                var ids: Set<String?> = []
                var count = 0
                let failure = #expect(throws: MySQLFailure.self) {
                    try session.receiveRows { cells in
                        count += 1
                        ids.insert(cells[0])
                        if count == 1 { stage.cluster.kill(try running(stage)) }
                    }
                }
                // In the middle of a row nothing can be said.
                #expect(failure?.code == 9507 || failure?.isLostConnection == true, "\(String(describing: failure))")
                #expect(count < big.rows && ids.count == count)
                #expect(try metric(stage, "results_continued_total") == "0")
                #expect(try metric(stage, "results_broken_different_result_total") == "1")
                let cause = "SELECT cause FROM errors WHERE code = 9507"
                #expect(try stage.console().value(cause)?.contains("another result") == true)
            }
        }

        @Test func `a transaction whose result is another the second time is rolled back`() throws {
            try withStage(Self.longHold) { stage in
                let big = Self.usual
                let session = try big.create(stage)
                try session.run("CREATE TABLE note (id INT PRIMARY KEY)")
                try stage.cluster.waitUntilReplicated()
                try session.run("BEGIN", "INSERT INTO note VALUES (1)")
                try session.send("\(big.query) ORDER BY RAND()")
                var count = 0
                let failure = #expect(throws: MySQLFailure.self) {
                    try session.receiveRows { _ in
                        count += 1
                        guard count == 1 else { return }
                        stage.cluster.kill(0)
                        try stage.cluster.promote(1, graceful: false)
                    }
                }
                #expect(failure?.code == 9505 || failure?.isLostConnection == true, "\(String(describing: failure))")
                #expect(count < big.rows)
                #expect(try metric(stage, "results_broken_different_result_total") == "1")
                #expect(try stage.cluster.execute(1, "SELECT COUNT(*) FROM app.note") == [["0"]])
                #expect(try stage.connect().error(of: "INSERT INTO note VALUES (1)") == nil)
            }
        }
    }
}
