// Reads stay in the proxy's zone while a replica there serves them, and leave it when none does.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct ZoneTests {
        /// Of the nodes, by index; the primary's is nobody's.
        private static let zones = ["centre", "near", "far"]

        /// A proxy of its own in front of the stage's cluster, in a zone.
        private func withProxy(
            _ stage: Stage, zone: String, order: [String] = [], _ body: (ProxyProcess) throws -> Void
        ) throws {
            var configuration = ProxyConfiguration(stage.cluster)
            configuration.nodes = stage.cluster.nodes.map {
                "{address: \"\($0.address)\", zone: \(Self.zones[$0.index])}"
            }
            configuration.lines = ["zone: \(zone)", "zone_order: [\(order.joined(separator: ", "))]"]
            let login = MySQLLogin(port: 0, user: stage.cluster.appUser, password: stage.cluster.appPassword)
            let proxy = try ProxyProcess.start(configuration, until: login)
            defer { proxy.kill() }
            try body(proxy)
        }

        /// Waits until the reads of new sessions run on this node and on no other.
        private func waitUntilReadsRun(on node: Int, _ stage: Stage, _ proxy: ProxyProcess) throws {
            // A replica that comes back after failures gets its whole share only after a while.
            try eventually("all reads run on node \(node)", seconds: 60) {
                try (0..<16).allSatisfy { _ in
                    try stage.connect { $0.port = proxy.ports.split }.marker() == node
                }
            }
        }

        @Test func `the own zone's replica takes the reads, and the other one while it is gone`() throws {
            try withStage { stage in
                try withProxy(stage, zone: "near") { proxy in
                    try waitUntilReadsRun(on: 1, stage, proxy)
                    let session = try stage.connect { $0.port = proxy.ports.split }
                    for _ in 0..<20 { #expect(try session.marker() == 1) }
                    stage.cluster.kill(1)
                    // No read fails, wherever it finds out.
                    for _ in 0..<20 { #expect(try [0, 2].contains(session.marker())) }
                    try waitUntilReadsRun(on: 2, stage, proxy)
                    // What it read on the other one it must not lose: until that is known, the primary serves it.
                    try eventually("the session reads in the far zone") { try session.marker() == 2 }
                    try stage.cluster.restart(1)
                    try waitUntilReadsRun(on: 1, stage, proxy)
                    // Sessions that settled in the far zone come back, too.
                    try eventually("the session reads in its zone again") { try session.marker() == 1 }
                }
            }
        }

        @Test func `zones without a replica are passed over in their order`() throws {
            try withStage { stage in
                try withProxy(stage, zone: "elsewhere", order: ["nowhere", "far", "near"]) { proxy in
                    try waitUntilReadsRun(on: 2, stage, proxy)
                    let rows = try MySQLSession(proxy.console).rows("EXPLAIN ROUTE SELECT 1")
                    let verdicts = rows.compactMap { $0[1] }
                    #expect(verdicts.count { $0.hasPrefix("candidate") } == 1, "\(rows)")
                    #expect(verdicts.count { $0.hasPrefix("in reserve (of a further zone)") } == 1, "\(rows)")
                    try stage.cluster.stopApplying(2)
                    defer { _ = try? stage.cluster.startReplication(2) }
                    try waitUntilReadsRun(on: 1, stage, proxy)
                }
            }
        }

        @Test func `writes go to the primary, whatever zone it is in, and are read where they are`() throws {
            try withStage { stage in
                try withProxy(stage, zone: "far") { proxy in
                    try waitUntilReadsRun(on: 2, stage, proxy)
                    let session = try stage.connect { $0.port = proxy.ports.split }
                    try session.run("CREATE OR REPLACE TABLE app.zoned (id INT)")
                    for number in 1...50 {
                        try session.run("INSERT INTO app.zoned VALUES (\(number))")
                        #expect(try session.value("SELECT MAX(id) FROM app.zoned") == "\(number)")
                    }
                    #expect(try stage.connectDirectly(0).value("SELECT COUNT(*) FROM app.zoned") == "50")
                }
            }
        }
    }
}
