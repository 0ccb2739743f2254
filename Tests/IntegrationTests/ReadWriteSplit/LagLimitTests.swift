// Replicas that are behind: one of them by a delay that its server keeps.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.lines += ["policies:", "  - {user: open, mode: primary}"] }) struct LagLimitTests {
        private static let marker = "SELECT marker FROM app.node_marker"

        /// Replica 1 is behind by seconds, and the proxy knows it.
        private func withLaggingReplica(_ stage: Stage, _ body: () throws -> Void) throws {
            try stage.cluster.delayReplication(1, seconds: 600)
            defer { _ = try? stage.cluster.delayReplication(1, seconds: 0) }
            let writer = try stage.connectDirectly(0)
            try writer.run("CREATE OR REPLACE TABLE app.lagging (id INT)")
            try eventually("the lag of replica 1 is seen") { () -> Bool? in
                try writer.run("INSERT INTO app.lagging VALUES (1)")
                let port = stage.cluster.nodes[1].address.split(separator: ":").last ?? ""
                let rows = try stage.console().rows(
                    "SELECT lag_ms FROM routing_table WHERE address LIKE '%:\(port)' AND lag_ms > 1500")
                return rows.isEmpty ? nil : true
            }
            try body()
        }

        private func served(_ session: MySQLSession, _ text: String, times: Int = 20) throws -> Set<String?> {
            Set(try (0..<times).map { _ in try session.value(text) })
        }

        @Test func `a replica beyond the limit serves no reads, and a transaction on it goes on`() throws {
            let stage = try Scene.stage
            try withLaggingReplica(stage) {
                let session = try stage.connect()
                try session.run("SET switchyard_max_lag = '1s'")
                #expect(try session.value("SELECT @@switchyard_max_lag") == "1000")
                #expect(try served(session, Self.marker) == ["2"])
                try session.run("SET switchyard_max_lag = NULL")
                let name = try #require(
                    try stage.console().rows("SELECT node FROM routing_table WHERE lag_ms > 1000").first?[0])
                let onLagging = "\(Self.marker) /* switchyard: route=node:\(name), causal=none */"
                #expect(try session.value(onLagging) == "1")
                #expect(try session.value("\(Self.marker) /* switchyard: route=node:\(name), max_lag=1s */") == "2")
                try session.run("START TRANSACTION READ ONLY /* switchyard: route=node:\(name), causal=none */")
                try session.run("SET switchyard_max_lag = 1000")
                #expect(try served(session, Self.marker) == ["1"])
                try session.run("COMMIT")
                #expect(try served(session, Self.marker) == ["2"])
            }
        }

        @Test func `the policy of a user counts, whosever account it is`() throws {
            let session = try Scene.stage.connect {
                $0.user = "open"
                $0.password = ""
            }
            #expect(try session.value("SELECT @@switchyard_mode") == "primary")
            #expect(try served(session, Self.marker, times: 5) == ["0"])
            try session.run("SET switchyard_mode = 'split'")
            #expect(try session.marker() ?? 0 > 0)
        }
    }

    @Suite(.stage { $0.listener = ["max_lag": "0ms", "min_readers": "1"] }) struct LeastLaggingReaderTests {
        @Test func `rather the least lagging replica than none, where the settings say so`() throws {
            let stage = try Scene.stage
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            let session = try stage.connect()
            #expect(try session.marker() != nil)
        }
    }
}
