// Three proxies that see different parts of a cluster, while its network is cut and its primary changes.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips what needs hosts of its own where this machine cannot have them.
    static var networkLab: Self {
        let obstacle = NetworkLab.obstacle
        return .enabled(if: obstacle == nil, "no network lab: \(obstacle ?? "")")
    }
}

extension LabStage {
    /// Ends everything; with `SWITCHYARD_SHOW_LOG` in the environment, the proxies' logs are shown first.
    func end() {
        if ProcessInfo.processInfo.environment["SWITCHYARD_SHOW_LOG"] != nil {
            for proxy in proxies { print(proxy.log) }
        }
        stop()
    }
}

extension Integration {
    @Suite(.networkLab) struct PartitionTests {
        /// Three nodes, three proxies, and the table that tells which server executed each insert.
        private func withLab(holdTimeout: String = "500ms", _ body: (LabStage) throws -> Void) throws {
            let stage = try LabStage { $0.cluster = ["hold_timeout": holdTimeout] }
            defer { stage.end() }
            let table = "CREATE TABLE app.log (proxy INT, id INT, server INT, PRIMARY KEY (proxy, id))"
            try stage.cluster.execute(0, table)
            try stage.cluster.waitUntilReplicated()
            try body(stage)
        }

        /// An insert by a session of its own; gives its error.
        private func write(_ stage: LabStage, _ proxy: Int, _ id: Int) -> MySQLFailure? {
            do throws(MySQLFailure) {
                let session = try stage.connect(proxy) { $0.timeoutSeconds = 10 }
                return session.error(of: "INSERT INTO log VALUES (\(proxy), \(id), @@server_id)")
            } catch {
                return error
            }
        }

        /// The servers that executed what a node holds, of the inserts from `id` on.
        private func servers(_ stage: LabStage, on node: Int, from id: Int = 0) throws -> [String?] {
            let query = "SELECT DISTINCT server FROM app.log WHERE id >= \(id) ORDER BY server"
            return try stage.cluster.execute(node, query).map { $0[0] }
        }

        /// Waits until all proxies say the same of all nodes, which serve.
        private func expectAgreement(_ stage: LabStage, on primary: Int) throws {
            let rows = stage.cluster.nodes.map { node in
                let isPrimary = node.index == primary
                return [node.address, isPrimary ? "primary" : "replica", "online", isPrimary ? "yes" : "no"]
            }
            try eventually("all proxies have the same table") {
                let tables = try stage.proxies.indices.map { try stage.tables($0) }
                return tables.allSatisfy { $0 == tables[0] } && tables[0].primary == primary
                    && tables[0].nodes.map { Array($0.prefix(4)) } == rows
            }
        }

        @Test func `a proxy cut off with the old primary writes to nobody, and agrees with the others when it is back`()
            throws
        {
            try withLab { stage in
                for proxy in 0..<3 { #expect(write(stage, proxy, 1) == nil) }
                let session = try stage.connect(0)
                try session.run("INSERT INTO log VALUES (0, 0, @@server_id)")
                try stage.cluster.waitUntilReplicated()
                try stage.lab.cut(["proxy-0", "node-0"], from: ["proxy-1", "proxy-2", "node-1", "node-2"])
                // An orchestrator has to wait for that, too: until then a primary that it cannot reach is written to.
                let reason = try eventually("the gate of the proxy that was cut off is closed") {
                    try stage.tables(0).gateReason.flatMap { $0.contains("no majority") ? $0 : nil }
                }
                #expect(reason.contains("reaches 1 of 3 configured nodes, no majority"), "\(reason)")
                #expect(reason.contains("majority=auto"), "\(reason)")

                try stage.cluster.promote(1, graceful: false)
                for proxy in 1...2 {
                    try eventually("proxy \(proxy) writes") { write(stage, proxy, 2) == nil }
                }
                for id in 3...5 { #expect(write(stage, 0, id) != nil) }
                // Nor does a session that has a connection to the old primary.
                #expect(session.error(of: "INSERT INTO log VALUES (0, 6, @@server_id)") != nil)
                #expect(try stage.tables(0).primary == nil)

                // The old primary, which nobody demoted, is in everybody's sight again.
                try stage.lab.heal()
                for proxy in 0..<3 {
                    try eventually("proxy \(proxy) writes again") { write(stage, proxy, 10) == nil }
                    for id in 11...20 { #expect(write(stage, proxy, id) == nil) }
                }
                #expect(try servers(stage, on: 1, from: 2) == ["11"])
                #expect(try stage.cluster.execute(0, "SELECT MAX(id) FROM app.log") == [["1"]])
                try stage.cluster.rejoin(0)
                try expectAgreement(stage, on: 1)
                for node in 0..<3 { #expect(try servers(stage, on: node) == ["10", "11"]) }
            }
        }

        @Test func `three proxies follow a planned switchover without an error, each once`() throws {
            try withLab(holdTimeout: "10s") { stage in
                let stop = Signal()
                defer { stop.raise() }
                let writers = (0..<3).map { proxy in
                    Background { () throws -> [MySQLFailure] in
                        let session = try stage.connect(proxy)
                        var (id, errors) = (0, [MySQLFailure]())
                        while !stop.isRaised {
                            id += 1
                            let statement = "INSERT INTO log VALUES (\(proxy), \(id), @@server_id)"
                            if let error = session.error(of: statement) { errors.append(error) }
                        }
                        return errors
                    }
                }
                /// Whether so many inserts of each proxy were executed by a server.
                func flows(_ node: Int, server: Int) throws -> Bool {
                    let query = "SELECT proxy FROM app.log WHERE server = \(server) GROUP BY proxy HAVING COUNT(*) > 20"
                    return try stage.cluster.execute(node, query).count == 3
                }
                try eventually("all write to the first node") { try flows(0, server: 10) }
                try stage.cluster.promote(2)
                try eventually("all write to the new primary") { try flows(2, server: 12) }
                stop.raise()
                for writer in writers { #expect(try writer.value() == []) }
                try expectAgreement(stage, on: 2)
                // No proxy went back to the old primary.
                let late = """
                    SELECT COUNT(*) FROM app.log AS early JOIN app.log AS late
                    ON late.proxy = early.proxy AND late.id > early.id WHERE early.server = 12 AND late.server = 10
                    """
                #expect(try stage.cluster.execute(2, late) == [["0"]])
            }
        }

        @Test func `a proxy that does not see the primary does not take another one that others do not`() throws {
            try withLab { stage in
                for proxy in 0..<3 { #expect(write(stage, proxy, 1) == nil) }
                try stage.lab.cut(["proxy-0"], from: ["node-0"])
                var id = 10
                let evidence = try eventually("the proxy learns from replicas that the primary lives", every: 200) {
                    // What the others write is a sign of life that every kind of server shows.
                    id += 1
                    #expect(write(stage, 1, id) == nil)
                    let query = "SELECT evidence FROM routing_history WHERE kind = 'primary_unseen'"
                    return try stage.console(0).value(query)
                }
                #expect(evidence.contains(stage.cluster.nodes[0].address), "\(evidence)")
                // Somebody promotes a replica by mistake.
                try stage.cluster.stopReplication(1)
                try stage.cluster.setWritable(1, true)
                let reason = try eventually("the proxy tells why it takes nobody") {
                    try stage.tables(0).gateReason.flatMap { $0.contains("accepts writes, but") ? $0 : nil }
                }
                #expect(reason.contains("still receives from it"), "\(reason)")
                for id in 2...4 {
                    #expect(write(stage, 0, id) != nil)
                    for proxy in 1...2 { #expect(write(stage, proxy, id) == nil) }
                }
                #expect(try stage.tables(0).primary == nil)
                #expect(try servers(stage, on: 0) == ["10"])
                #expect(try stage.cluster.execute(1, "SELECT COUNT(*) FROM app.log WHERE server <> 10") == [["0"]])
                try stage.lab.heal()
                try stage.cluster.rejoin(1)
                try expectAgreement(stage, on: 0)
                #expect(write(stage, 0, 5) == nil)
            }
        }
    }
}
