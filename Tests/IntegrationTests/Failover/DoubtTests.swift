// Commits that were sent and not answered, because the primary died: what the next one has decides what the client hears.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct DoubtTests {
        /// A semi-synchronous cluster: a commit is answered when a replica has acknowledged it.
        private static let semiSync: Stage.Options = {
            var options = Stage.Options { $0.cluster = ["hold_timeout": "30s"] }
            options.cluster.semiSync = true
            return options
        }()

        /// A session that has committed so often that the proxy takes itself for the only writer.
        private func open(_ stage: Stage) throws -> MySQLSession {
            let session = try stage.connect()
            try session.run("CREATE TABLE doubted (id INT PRIMARY KEY)", "CREATE TABLE before_it (id INT PRIMARY KEY)")
            for id in 0..<40 { try session.run("INSERT INTO before_it VALUES (\(id))") }
            try stage.cluster.waitUntilReplicated()
            return session
        }

        /// Replicas receive from now on, and do not say so.
        private func stopAcknowledging(_ stage: Stage) throws {
            let variable = TestServer.isMariaDB ? "rpl_semi_sync_slave_enabled" : "rpl_semi_sync_replica_enabled"
            for node in [1, 2] {
                try stage.cluster.stopReplication(node)
                try stage.cluster.execute(node, "SET GLOBAL \(variable) = 0")
                try stage.cluster.startReplication(node)
            }
        }

        /// The primary runs this statement of the session's, and does not get to its end.
        private func awaitHangingStatement(_ stage: Stage, _ beginning: String) throws {
            try eventually("the statement hangs on the primary") {
                try stage.cluster.execute(
                    0, "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '\(beginning)%'") == [["1"]]
            }
        }

        private func rows(_ stage: Stage, _ node: Int) throws -> [[String?]] {
            try stage.cluster.execute(node, "SELECT id FROM app.doubted ORDER BY id")
        }

        private func outcomes(_ stage: Stage) throws -> [[String?]] {
            try stage.console().rows("SELECT kind, verdict FROM outcomes")
        }

        @Test func `a COMMIT that reached no replica is done again on the new primary, once, without an error`() throws
        {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                for node in [1, 2] { try stage.cluster.stopReplication(node) }
                try session.run("BEGIN", "INSERT INTO doubted VALUES (1)")
                try session.send("COMMIT")
                try awaitHangingStatement(stage, "COMMIT")
                stage.cluster.kill(0)
                try stage.cluster.promote(1, graceful: false)
                try session.receive()
                #expect(try rows(stage, 1) == [["1"]])
                #expect(try outcomes(stage) == [["commit", "not committed"]])
                #expect(session.status & 1 == 0, "no transaction is open")
                #expect(try session.value("SELECT marker FROM node_marker FOR UPDATE") == "1")
            }
        }

        @Test func `a COMMIT that reached the replica is answered as done, and not done again`() throws {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                try stopAcknowledging(stage)
                try session.run("BEGIN", "INSERT INTO doubted VALUES (1)")
                try session.send("COMMIT")
                try eventually("the replica has it") { try rows(stage, 1) == [["1"]] }
                stage.cluster.kill(0)
                try stage.cluster.promote(1, graceful: false)
                try session.receive()
                #expect(try rows(stage, 1) == [["1"]])
                #expect(try outcomes(stage) == [["commit", "committed"]])
                #expect(try session.value("SELECT COUNT(*) FROM doubted") == "1", "the session sees what it wrote")
            }
        }

        @Test func `settings that change while a COMMIT hangs do not make it one that was acknowledged`() throws {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                try stopAcknowledging(stage)
                try session.run("BEGIN", "INSERT INTO doubted VALUES (1)")
                try session.send("COMMIT")
                try eventually("the replica has it") { try rows(stage, 1) == [["1"]] }
                let console = try stage.console()
                try console.run("SET clusters[main].hold_timeout = 29s", "APPLY")
                // A table that comes then tells of a primary that has it.
                try stage.cluster.stopReplication(2)
                try eventually("the proxy sees the stopped replica") {
                    try console.value("SELECT COUNT(*) FROM routing_table WHERE state = 'stopped'") == "1"
                }
                stage.cluster.kill(0)
                try stage.cluster.promote(1, graceful: false)
                try session.receive()
                #expect(try rows(stage, 1) == [["1"]])
                #expect(try outcomes(stage) == [["commit", "committed"]])
            }
        }

        @Test func `a write of its own that reached no replica is sent again`() throws {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                let insert = try MySQLStatement(session, "INSERT INTO doubted VALUES (?)")
                for node in [1, 2] { try stage.cluster.stopReplication(node) }
                let other = try stage.connect()
                try other.send("INSERT INTO doubted VALUES (1), (2)")
                try awaitHangingStatement(stage, "INSERT INTO doubted")
                stage.cluster.kill(0)
                try stage.cluster.promote(1, graceful: false)
                #expect(try other.receive().affectedRows == 2)
                try insert.execute([.int(3)])
                #expect(try rows(stage, 1) == [["1"], ["2"], ["3"]])
                #expect(try outcomes(stage) == [["autocommit", "not committed"]])
            }
        }

        @Test func `a write of its own that reached the replica is told as committed, by error 9516`() throws {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                try stopAcknowledging(stage)
                try session.send("INSERT INTO doubted VALUES (1)")
                try eventually("the replica has it") { try rows(stage, 1) == [["1"]] }
                stage.cluster.kill(0)
                try stage.cluster.promote(1, graceful: false)
                let failure = try #require(throws: MySQLFailure.self) { try session.receive() }
                #expect(failure.code == 9516, "\(failure)")
                #expect(try rows(stage, 1) == [["1"]])
                #expect(try outcomes(stage) == [["autocommit", "committed"]])
                #expect(try session.value("SELECT COUNT(*) FROM doubted") == "1")
            }
        }

        @Test func `where somebody else writes too, nobody knows`() throws {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                try stage.cluster.execute(0, "INSERT INTO app.doubted VALUES (9)")
                try stopAcknowledging(stage)
                try session.run("BEGIN", "INSERT INTO doubted VALUES (1)")
                try session.send("COMMIT")
                try eventually("the replica has it") { try rows(stage, 1) == [["1"], ["9"]] }
                stage.cluster.kill(0)
                try stage.cluster.promote(1, graceful: false)
                let failure = try #require(throws: MySQLFailure.self) { try session.receive() }
                #expect(failure.code == 9504, "\(failure)")
                #expect(failure.text.contains("evidence"), "\(failure)")
                #expect(try outcomes(stage) == [["commit", "unknown"]])
                #expect(try session.value("SELECT COUNT(*) FROM doubted") == "2", "the session lives")
            }
        }

        @Test func `a COMMIT of what wrote nothing needs no new primary`() throws {
            try withStage { stage in
                // Only where results end in an OK packet do MariaDB's servers tell that a transaction wrote nothing.
                let isOpen = Signal()
                let isFrozen = Signal()
                let committed = Background { () throws -> Int in
                    let session = try WireClient(
                        port: stage.proxy.ports.split, user: "open", schema: "app",
                        plugin: TestServer.plugin)
                    _ = try session.query("BEGIN")
                    _ = try session.query("SELECT marker FROM node_marker")
                    isOpen.raise()
                    try eventually("the primary is frozen") { isFrozen.isRaised }
                    return try session.query("COMMIT").count
                }
                try eventually("the transaction is open") { isOpen.isRaised }
                stage.cluster.freeze(0)
                isFrozen.raise()
                try eventually("the COMMIT is sent") {
                    try stage.console().rows("SELECT phase FROM sessions WHERE statement = 'COMMIT'") == [["running"]]
                }
                stage.cluster.kill(0)
                #expect(try committed.value() == 1)
                #expect(try outcomes(stage).isEmpty)
            }
        }

        @Test func `a client that does not wait for the verdict leaves nothing behind`() throws {
            try withStage(Self.semiSync) { stage in
                let session = try open(stage)
                for node in [1, 2] { try stage.cluster.stopReplication(node) }
                try session.send("INSERT INTO doubted VALUES (1)")
                try awaitHangingStatement(stage, "INSERT INTO doubted")
                stage.cluster.kill(0)
                let waiting = "SELECT value FROM metrics WHERE name = 'waiting_statements'"
                try eventually("it waits for another primary") { try stage.console().value(waiting) == "1" }
                try stage.console().run("KILL \(session.connectionID)")
                #expect(throws: MySQLFailure.self) { try session.receive() }
                try eventually("its place is given back") { try stage.console().value(waiting) == "0" }
                #expect(try outcomes(stage) == [["autocommit", "unknown"]])
                try stage.cluster.promote(1, graceful: false)
                #expect(try rows(stage, 1).isEmpty)
            }
        }
    }
}
