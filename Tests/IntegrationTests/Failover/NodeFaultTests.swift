// Nodes that die, freeze, fall behind or lie, one at a time, while clients read and write.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct NodeFaultTests {
        /// Takes longer than it takes to find out where it runs; its result is the same on every node.
        private static let longRead = "SELECT COUNT(*) + SLEEP(6) FROM app.node_marker AS lengthy"

        /// The node that runs the long read now; nil while nobody does.
        private func nodeOfLongRead(_ stage: Stage) throws -> Int? {
            for node in stage.cluster.nodes where node.state == .running {
                let query =
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'app' AND info LIKE '%lengthy%'"
                if try stage.cluster.execute(node.index, query) != [["0"]] { return node.index }
            }
            return nil
        }

        @Test func `a read whose replica is killed is answered by another node`() throws {
            try withStage { stage in
                let expected = try stage.connectDirectly().value("SELECT COUNT(*) FROM app.node_marker")
                let read = Background { try stage.connect().value(Self.longRead) }
                let node = try eventually("a replica runs the read") { try nodeOfLongRead(stage) }
                #expect(node > 0)
                stage.cluster.kill(node)
                #expect(try read.value() == expected)
                try stage.waitUntilReadsRun(on: [3 - node])
            }
        }

        @Test func `a killed replica costs sessions that use it nothing, and serves again when it is back`() throws {
            try withStage { stage in
                let sessions = try (0..<8).map { _ in try stage.connect() }
                for session in sessions { _ = try session.marker() }
                stage.cluster.kill(1)
                for session in sessions { #expect(try [0, 2].contains(session.marker())) }
                for session in sessions { try session.run("SET @a = 1") }
                try stage.waitUntilReadsRun(on: [2])
                try stage.cluster.restart(1)
                try stage.waitUntilReadsRun(on: [1, 2])
                for session in sessions { #expect(try session.value("SELECT @a") == "1") }
            }
        }

        @Test func `with all replicas dead the primary reads`() throws {
            try withStage { stage in
                let session = try stage.connect()
                _ = try session.marker()
                for index in 1...2 { stage.cluster.kill(index) }
                for _ in 0..<10 { #expect(try session.marker() == 0) }
                try session.run("CREATE OR REPLACE TABLE alone (id INT)", "INSERT INTO alone VALUES (1)")
                #expect(try session.value("SELECT COUNT(*) FROM alone") == "1")
                let replica = try stage.connect { $0.port = stage.proxy.ports.replica }
                _ = replica
            }
        }

        @Test func `a frozen replica does not hold up reads for ever`() throws {
            try withStage { stage in
                let sessions = try (0..<8).map { _ in try stage.connect { $0.timeoutSeconds = 20 } }
                for session in sessions { for _ in 0..<3 { _ = try session.marker() } }
                stage.cluster.freeze(1)
                // Some are sent to the frozen node before anybody can know: they must be answered all the same.
                for session in sessions { #expect(try [0, 2].contains(session.marker())) }
                try stage.waitUntilReadsRun(on: [2])
                stage.cluster.thaw(1)
                try stage.waitUntilReadsRun(on: [1, 2])
            }
        }

        @Test func `a replica that stops replicating serves no reads`() throws {
            try withStage { stage in
                try stage.cluster.stopReplication(1)
                try stage.waitUntilReadsRun(on: [2])
                let session = try stage.connect { $0.port = stage.proxy.ports.replica }
                #expect(try session.marker() == 2)
                try stage.cluster.startReplication(1)
                try stage.waitUntilReadsRun(on: [1, 2])
            }
        }

        @Test func `a second writable node is not written to`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE single (id INT PRIMARY KEY)")
                try stage.cluster.waitUntilReplicated()
                try stage.cluster.execute(2, "SET GLOBAL read_only = 0")
                try eventually("the console tells of it") {
                    let query =
                        "SELECT COUNT(*) FROM routing_history WHERE kind IN ('writable_replica', 'two_writable')"
                    return try stage.console().value(query) != "0"
                }
                for id in 1...50 { try stage.connect().run("INSERT INTO single VALUES (\(id))") }
                #expect(try stage.cluster.execute(0, "SELECT COUNT(*) FROM app.single") == [["50"]])
                #expect(try session.value("SELECT marker FROM node_marker FOR UPDATE") == "0")
                // Whatever node 2 has, it has from the primary: its own binary log has nothing of its own.
                let own = try stage.cluster.execute(
                    2,
                    TestServer.isMariaDB
                        ? "SELECT COUNT(*) FROM mysql.gtid_slave_pos WHERE server_id = 12"
                        : "SELECT @@GLOBAL.gtid_executed LIKE CONCAT('%', @@server_uuid, '%')")
                #expect(own == [["0"]])
            }
        }

        @Test func `a primary that thaws after its successor was chosen is not written to`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE thawed (id INT PRIMARY KEY)")
                try stage.cluster.waitUntilReplicated()
                stage.cluster.freeze(0)
                try stage.cluster.promote(1, graceful: false)
                try eventually("writes go to the new primary", seconds: 15) {
                    let fresh = try stage.connect { $0.timeoutSeconds = 5 }
                    return try fresh.value("SELECT marker FROM node_marker FOR UPDATE") == "1"
                }
                stage.cluster.thaw(0)
                for id in 1...50 { try stage.connect().run("INSERT INTO thawed VALUES (\(id))") }
                // The session that was connected to the old primary all the time, too.
                try eventually("the old session writes") { session.error(of: "REPLACE INTO thawed VALUES (51)") == nil }
                #expect(try stage.cluster.execute(0, "SELECT COUNT(*) FROM app.thawed") == [["0"]])
                #expect(try stage.cluster.execute(1, "SELECT COUNT(*) FROM app.thawed") == [["51"]])
                try stage.cluster.rejoin(0)
                try stage.waitUntilReadsRun(on: [0, 2])
            }
        }

        @Test func `connections that a server closes while they idle are replaced without a word`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("SET @a = 7", "SET group_concat_max_len = 5000")
                let stateless = try stage.connect()
                try stateless.run("SET SESSION group_concat_max_len = 5000")
                _ = try stateless.marker()
                for _ in 0..<3 {
                    try killApplicationConnections(stage)
                    #expect(try stateless.value("SELECT @@group_concat_max_len FROM node_marker") == "5000")
                    #expect(try stateless.value("SELECT @@group_concat_max_len FROM node_marker FOR UPDATE") == "5000")
                }
            }
        }

        @Test func `state that only a lost connection had is not silently missing`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TEMPORARY TABLE gone (id INT)", "INSERT INTO gone VALUES (1)")
                try killApplicationConnections(stage)
                // The error, or the end of the connection, as the server itself would end it.
                let failure = try #require(session.error(of: "SELECT * FROM gone"))
                #expect(failure.code == 9506 || failure.isLostConnection, "\(failure)")
                #expect(try stage.connect().value("SELECT 1") == "1")
            }
        }

        private func killApplicationConnections(_ stage: Stage) throws {
            for node in stage.cluster.nodes { try stage.killConnections(of: "app", on: node.index) }
        }

        @Test func `a monitor that may not log in is named in the node's reason`() throws {
            try withStage { stage in
                try stage.cluster.executeLocally(2, "ALTER USER monitor@'%' IDENTIFIED BY 'changed'")
                try stage.killConnections(of: "monitor", on: 2)
                let row = try eventually("the console names the reason") {
                    try stage.console().rows("SELECT state, reason FROM routing_table WHERE state = 'refused'").first
                }
                #expect(row[1]?.contains("monitor") == true)
                try stage.waitUntilReadsRun(on: [1])
            }
        }
    }
}
