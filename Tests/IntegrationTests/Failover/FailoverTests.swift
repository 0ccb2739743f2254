// Primaries that change, die, freeze or are two; replicas that go and come.

import Glibc
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct FailoverTests {
        private static let quickHold = Stage.Options { $0.cluster = ["hold_timeout": "2s"] }

        /// Errors a write may get while the primary changes: each says that nothing happened, or what did.
        private static let writeErrors: Set<Int> = [1290, 9501, 9503, 9504, 9505]

        @Test func `a promotion under load costs reads no error and writes no row`() throws {
            try withStage { stage in
                try stage.connect().run("CREATE TABLE ledger (id INT PRIMARY KEY)")
                let stop = Signal()
                defer { stop.raise() }
                let readers = (0..<4).map { _ in Background { try self.read(stage, until: stop) } }
                let writers = (0..<3).map { index in Background { try self.write(stage, index, until: stop) } }
                try eventually("the load flows") {
                    try stage.cluster.execute(0, "SELECT COUNT(*) > 50 FROM app.ledger") == [["1"]]
                }

                try stage.cluster.promote(1)
                let atPromotion = try count(stage, 1)
                try eventually("writes arrive at the new primary", seconds: 10) {
                    try count(stage, 1) > atPromotion + 50
                }
                stop.raise()

                for reader in readers { #expect(try reader.value() > 0) }
                let written = try writers.map { try $0.value() }
                #expect(written.allSatisfy { $0.errors.isSubset(of: Self.writeErrors) }, "\(written.map(\.errors))")
                try stage.cluster.waitUntilReplicated()
                let rows = Set(
                    try stage.cluster.execute(1, "SELECT id FROM app.ledger").compactMap { $0[0].flatMap { Int($0) } })
                let acknowledged = written.flatMap(\.acknowledged)
                #expect(Set(acknowledged).count == acknowledged.count)
                #expect(rows.isSuperset(of: acknowledged), "acknowledged rows are missing")
                let uncertain = Set(written.flatMap(\.uncertain))
                #expect(rows.subtracting(acknowledged).isSubset(of: uncertain), "rows that nobody was told of")
                for other in [0, 2] { #expect(try count(stage, other) == rows.count) }
            }
        }

        private func count(_ stage: Stage, _ index: Int) throws -> Int {
            Int(try stage.cluster.execute(index, "SELECT COUNT(*) FROM app.ledger")[0][0] ?? "") ?? -1
        }

        /// Reads in one session until told to stop; any error ends it.
        private func read(_ stage: Stage, until stop: Signal) throws -> Int {
            let session = try stage.connect()
            var count = 0
            while !stop.isRaised {
                _ = try session.marker()
                count += 1
            }
            return count
        }

        private struct Written: Sendable {
            var acknowledged: [Int] = []
            /// Sent, and the answer was an error.
            var uncertain: [Int] = []
            var errors: Set<Int> = []
        }

        /// Writes a new row again and again in one session until told to stop.
        private func write(_ stage: Stage, _ index: Int, until stop: Signal) throws -> Written {
            let session = try stage.connect()
            var written = Written()
            var id = (index + 1) * 1_000_000
            while !stop.isRaised {
                id += 1
                do throws(MySQLFailure) {
                    try session.query("INSERT INTO ledger VALUES (\(id))")
                    written.acknowledged.append(id)
                } catch {
                    written.errors.insert(error.code)
                    // Whoever was told that the outcome is unknown may find the row.
                    if error.code == 9504 { written.uncertain.append(id) }
                }
            }
            return written
        }

        @Test func `transactions under a promotion are whole or not there`() throws {
            try withStage { stage in
                try stage.connect().run("CREATE TABLE ledger (id INT PRIMARY KEY, pair INT)")
                let stop = Signal()
                defer { stop.raise() }
                let workers = (0..<3).map { index in
                    Background { () throws -> Set<Int> in
                        let session = try stage.connect()
                        var (id, errors) = ((index + 1) * 1_000_000, Set<Int>())
                        while !stop.isRaised {
                            id += 2
                            do throws(MySQLFailure) {
                                try session.query("BEGIN")
                                try session.query("INSERT INTO ledger VALUES (\(id), \(id))")
                                try session.query("INSERT INTO ledger VALUES (\(id + 1), \(id))")
                                try session.query("COMMIT")
                            } catch {
                                errors.insert(error.code)
                                // What is left of the transaction ends here; the session itself must be alive.
                                _ = session.error(of: "ROLLBACK")
                            }
                        }
                        _ = try session.value("SELECT 1")
                        return errors
                    }
                }
                try eventually("the load flows") { try count(stage, 0) > 50 }
                try stage.cluster.promote(2)
                let atPromotion = try count(stage, 2)
                try eventually("transactions arrive at the new primary", seconds: 10) {
                    try count(stage, 2) > atPromotion + 20
                }
                stop.raise()
                for worker in workers {
                    #expect(try worker.value().isSubset(of: Self.writeErrors.union([1927, 1053])))
                }
                let halves = try stage.cluster.execute(
                    2, "SELECT pair FROM app.ledger GROUP BY pair HAVING COUNT(*) <> 2")
                #expect(halves == [])
            }
        }

        @Test func `with a dead primary writes wait and fail with 9501, reads go on, and a promotion heals it`() throws
        {
            try withStage(Self.quickHold) { stage in
                let (writer, reader) = (try stage.connect(), try stage.connect())
                try writer.run("CREATE TABLE held (id INT PRIMARY KEY)", "INSERT INTO held VALUES (1)")
                try stage.cluster.waitUntilReplicated()
                stage.cluster.kill(0)
                // The first one may find its connection broken: then nobody knows whether it ran.
                let first = try #require(writer.error(of: "INSERT INTO held VALUES (2)"))
                #expect([9501, 9503, 9504].contains(first.code), "\(first)")
                let start = monotonicSeconds()
                let refusal = try #require(writer.error(of: "INSERT INTO held VALUES (3)"))
                #expect(refusal.code == 9501, "\(refusal)")
                #expect(refusal.text.contains("hold_timeout"))
                #expect(monotonicSeconds() - start > 1.5, "it must have waited for its hold_timeout of 2 s")
                for _ in 0..<20 { #expect([1, 2].contains(try reader.marker())) }
                // Whoever comes now can log in and read, too.
                #expect([1, 2].contains(try stage.connect().marker()))

                try stage.cluster.promote(1, graceful: false)
                try eventually("writes have a place to go", seconds: 10) {
                    writer.error(of: "INSERT INTO held VALUES (4)") == nil
                }
                #expect(try writer.rows("SELECT id FROM held ORDER BY id") == [["1"], ["4"]])
                #expect(try writer.value("SELECT marker FROM node_marker FOR UPDATE") == "1")
            }
        }

        @Test func `a write that waits is served by the new primary`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE waiting (id INT PRIMARY KEY)")
                try stage.cluster.waitUntilReplicated()
                stage.cluster.kill(0)
                try eventually("the proxy knows that nobody can write") { stage.proxy.log.contains("gate_closed") }
                let write = Background { () throws -> Int? in
                    let session = try stage.connect()
                    try session.run("INSERT INTO waiting VALUES (1)")
                    return try session.value("SELECT marker FROM node_marker FOR UPDATE").flatMap { Int($0) }
                }
                try stage.cluster.promote(2, graceful: false)
                #expect(try write.value() == 2)
                #expect(try stage.cluster.execute(2, "SELECT id FROM app.waiting") == [["1"]])
            }
        }

        @Test func `a COMMIT whose answer is lost is reported as unknown, never as done or undone`() throws {
            try withStage(Self.quickHold) { stage in
                try stage.connect().run("CREATE TABLE unknown (id INT PRIMARY KEY)")
                let (isOpen, isLocked) = (Signal(), Signal())
                let commit = Background { () throws -> MySQLFailure? in
                    let session = try stage.connect()
                    try session.run("BEGIN", "INSERT INTO unknown VALUES (1)")
                    isOpen.raise()
                    try eventually("commits are held up") { isLocked.isRaised }
                    return session.error(of: "COMMIT")
                }
                try eventually("the transaction is open") { isOpen.isRaised }
                // A server that lets no commit through takes the COMMIT and does not answer; then it dies.
                let holder = try MySQLSession(stage.rootLogin(0))
                try holder.run("FLUSH TABLES WITH READ LOCK")
                isLocked.raise()
                try eventually("the COMMIT is on its way") {
                    try holder.value("SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'COMMIT'") == "1"
                }
                stage.cluster.kill(0)
                // That it was rolled back, and is to be run again, is more than anybody knows.
                let failure = try #require(try commit.value())
                #expect(failure.code == 9504, "\(failure)")
            }
        }
    }
}
