// Galera and Group Replication, which the watcher detects by itself: one writer, readers in sync, and a writer that goes.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct ClusterKindTests {
        /// Three servers of a group; the proxy is told of the first.
        private static let group: Stage.Options = {
            var options = Stage.Options { $0.cluster = ["hold_timeout": "60s"] }
            options.cluster.isGroup = true
            return options
        }()

        // MARK: Galera

        @Test(.enabled(if: TestServer.flavor == .mariaDB, "Galera is the system's, for the system's MariaDB"))
        func `of Galera one node takes all writes, and the others read`() throws {
            try withStage(Self.group) { stage in
                #expect(try reasons(stage).allSatisfy { $0.contains("Galera: Synced") })
                try stage.connect().run("CREATE TABLE ledger (id INT PRIMARY KEY, server INT)")
                let sessions = try (0..<6).map { _ in try stage.connect() }
                for round in 0..<20 {
                    for (index, session) in sessions.enumerated() {
                        try session.run("INSERT INTO ledger VALUES (\(round * 100 + index), @@server_id)")
                        // Positions of Galera's nodes do not compare: who wrote reads where it wrote.
                        #expect(try session.marker() == 0)
                    }
                }
                #expect(try stage.cluster.execute(2, "SELECT DISTINCT server FROM app.ledger") == [["10"]])
                try stage.waitUntilReadsRun(on: [1, 2])
            }
        }

        @Test(.enabled(if: TestServer.flavor == .mariaDB, "Galera is the system's, for the system's MariaDB"))
        func `a desynced node of Galera serves nothing, and its writes go to another one`() throws {
            try withStage(Self.group) { stage in
                try stage.connect().run("CREATE TABLE ledger (id INT PRIMARY KEY, server INT)")
                try stage.cluster.execute(1, "SET GLOBAL wsrep_desync = ON")
                try stage.waitUntilReadsRun(on: [2])
                #expect(try reasons(stage).contains { $0.contains("Donor/Desynced; serves nothing") })
                try stage.cluster.execute(1, "SET GLOBAL wsrep_desync = OFF")
                try stage.waitUntilReadsRun(on: [1, 2])

                let session = try stage.connect()
                try session.run("INSERT INTO ledger VALUES (1, @@server_id)")
                try stage.cluster.execute(0, "SET GLOBAL wsrep_desync = ON")
                // Which one, Galera's own order says, and that is of numbers that the nodes gave themselves.
                let next = try awaitPrimary(stage, among: [1, 2])
                try session.run("INSERT INTO ledger VALUES (2, @@server_id)")
                try stage.waitUntilReadsRun(on: [3 - next])
                // It does not take the writes back when it is in sync again.
                try stage.cluster.execute(0, "SET GLOBAL wsrep_desync = OFF")
                try stage.waitUntilReadsRun(on: [0, 3 - next])
                try session.run("INSERT INTO ledger VALUES (3, @@server_id)")
                try stage.cluster.waitUntilReplicated()
                let writer = "\(10 + next)"
                #expect(
                    try stage.cluster.execute(3 - next, "SELECT server FROM app.ledger ORDER BY id") == [
                        ["10"], [writer], [writer],
                    ])
            }
        }

        @Test(.enabled(if: TestServer.flavor == .mariaDB, "Galera is the system's, for the system's MariaDB"))
        func `when Galera's writer is killed the writes go on at another node, and no acknowledged row is lost`() throws
        {
            try withStage(Self.group) { stage in try killWriter(stage, 0, candidates: [1, 2]) }
        }

        // MARK: Group Replication

        @Test(.enabled(if: !TestServer.isMariaDB, "MariaDB has no Group Replication"))
        func `Group Replication's primary is followed without an error, and its death without a lost row`() throws {
            try withStage(Self.group) { stage in
                #expect(try reasons(stage).allSatisfy { $0.contains("Group Replication: ONLINE") })
                let load = try Load(stage)
                defer { load.stop() }
                try load.flows(to: 0)
                let uuid = try #require(try stage.cluster.execute(1, "SELECT @@GLOBAL.server_uuid")[0][0])
                try stage.cluster.execute(0, "SELECT group_replication_set_as_primary('\(uuid)')")
                try awaitPrimary(stage, among: [1])
                try load.flows(to: 1)
                let written = try load.end()
                #expect(written.allSatisfy { $0.errors.isEmpty }, "\(written.map(\.errors))")
                try expectRows(stage, written)
                try stage.waitUntilReadsRun(on: [0, 2])

                try killWriter(stage, 1, candidates: [0, 2])
            }
        }

        // MARK: Steps

        /// Kills the node that is written to under load: another takes over, and has every acknowledged row.
        private func killWriter(_ stage: Stage, _ index: Int, candidates: Set<Int>) throws {
            let load = try Load(stage)
            defer { load.stop() }
            try load.flows(to: index)
            stage.cluster.kill(index)
            let next = try awaitPrimary(stage, among: candidates)
            try load.flows(to: next)
            let written = try load.end()
            // What was in flight when it died, and nothing else: each session has one statement at a time.
            for session in written {
                #expect(session.errors.isEmpty || session.errors == [9504], "\(session.errors)")
            }
            try expectRows(stage, written)
            try stage.waitUntilReadsRun(on: candidates.subtracting([next]))
        }

        /// Every running node has all that was acknowledged, and nothing of which nobody was told.
        private func expectRows(_ stage: Stage, _ written: [Load.Written]) throws {
            try stage.cluster.waitUntilReplicated()
            let acknowledged = Set(written.flatMap(\.acknowledged))
            let uncertain = Set(written.flatMap(\.uncertain))
            for node in stage.cluster.nodes where node.state == .running {
                let rows = Set(
                    try stage.cluster.execute(node.index, "SELECT id FROM app.ledger")
                        .compactMap { $0[0].flatMap { Int($0) } })
                #expect(rows.isSuperset(of: acknowledged), "acknowledged rows are missing on \(node.name)")
                #expect(rows.subtracting(acknowledged).isSubset(of: uncertain), "rows nobody was told of: \(node.name)")
            }
        }

        /// Why each node has its state, in the console's words.
        private func reasons(_ stage: Stage) throws -> [String] {
            let rows = try stage.console().rows("SELECT reason FROM routing_table")
            #expect(rows.count == 3)
            return rows.map { $0[0] ?? "" }
        }

        /// The node that is written to, as the console sees it; nil while there is none.
        private func primary(_ stage: Stage) throws -> Int? {
            let address = try stage.console().value("SELECT primary_node FROM clusters")
            return stage.cluster.nodes.first { $0.address == address }?.index
        }

        /// Waits until one of these is the primary, and gives it.
        @discardableResult
        private func awaitPrimary(_ stage: Stage, among nodes: Set<Int>) throws -> Int {
            try eventually("one of \(nodes.sorted()) is the primary", seconds: 60) {
                try primary(stage).flatMap { nodes.contains($0) ? $0 : nil }
            }
        }
    }

    /// Sessions that insert rows with autocommit, and remember what they were told.
    private final class Load: Sendable {
        struct Written: Sendable {
            var acknowledged: [Int] = []
            /// Sent, and nobody knows.
            var uncertain: [Int] = []
            var errors: [Int] = []
        }

        private let stage: Stage
        private let ended: Signal
        private let writers: [Background<Written>]

        /// Begins with an empty table `ledger`.
        init(_ stage: Stage) throws {
            try stage.connect().run(
                "DROP TABLE IF EXISTS ledger", "CREATE TABLE ledger (id INT PRIMARY KEY, server INT)")
            self.stage = stage
            let ended = Signal()
            self.ended = ended
            writers = (1...4).map { number in
                Background { try Self.write(stage, from: number * 1_000_000, until: ended) }
            }
        }

        private static func write(_ stage: Stage, from first: Int, until ended: Signal) throws -> Written {
            let session = try stage.connect { $0.timeoutSeconds = 90 }
            var written = Written()
            var id = first
            while !ended.isRaised {
                id += 1
                do throws(MySQLFailure) {
                    try session.query("INSERT INTO ledger VALUES (\(id), @@server_id)")
                    written.acknowledged.append(id)
                } catch {
                    written.errors.append(error.code)
                    if error.code == 9504 { written.uncertain.append(id) }
                    guard written.errors.count < 100, !error.isLostConnection else { return written }
                }
            }
            return written
        }

        /// Waits until some rows have been written on a node, which tells by its own number.
        func flows(to index: Int) throws {
            try eventually("rows are written on node \(index)", seconds: 60) {
                try stage.cluster.execute(
                    index, "SELECT COUNT(*) > 50 FROM app.ledger WHERE server = @@server_id") == [["1"]]
            }
        }

        func stop() { ended.raise() }

        /// Ends the load and tells what became of it.
        func end() throws -> [Written] {
            stop()
            return try writers.map { try $0.value(seconds: 120) }
        }
    }
}
