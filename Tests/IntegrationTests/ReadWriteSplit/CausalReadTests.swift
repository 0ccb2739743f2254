// Reads wait for the replica that has what they need, and never see less than was seen before.

import Foundation
import LocalCluster
import TestSupport
import Testing

/// The figures of the console, by name.
private func figures(_ stage: Stage) throws -> [String: Int] {
    let rows = try stage.console().rows("SELECT name, value FROM metrics WHERE name LIKE 'causal%'")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", Int($0[1] ?? "") ?? -1) })
}

extension Integration {
    @Suite(.stage { $0.listener["causal_timeout"] = "5s" }) struct PatientReadTests {
        @Test func `reads right after writes wait for a replica and run there, text and prepared`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE patient (id INT PRIMARY KEY, n INT)")
            let before = try figures(stage)
            let text = "SELECT n, (SELECT marker FROM node_marker) FROM patient WHERE id ="
            let read = try MySQLStatement(session, "\(text) ?")
            var onReplicas = 0
            for id in 1...100 {
                try session.run("INSERT INTO patient VALUES (\(id), \(id))")
                let row: [String?]
                if id % 2 == 0 {
                    row = try session.rows("\(text) \(id)").first ?? []
                } else {
                    row = try read.execute([.int(Int32(id))]).rows.first ?? []
                }
                #expect(row.first == "\(id)")
                if row.last != "0" { onReplicas += 1 }
            }
            let after = try figures(stage)
            #expect(onReplicas >= 80, "of 100 reads right after a write, \(onReplicas) ran on a replica")
            #expect((after["causal_waits_total"] ?? 0) > (before["causal_waits_total"] ?? 0))
            print(
                "reads right after a write: \(onReplicas) of 100 on replicas;",
                "waits \(after["causal_waits_total"]! - before["causal_waits_total"]!),",
                after["causal_wait_microseconds_total"]! - before["causal_wait_microseconds_total"]!, "µs in all;",
                "in vain \(after["causal_timeouts_total"]! - before["causal_timeouts_total"]!)")
        }

        @Test func `a read-only transaction begins where the writes are`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE begun (id INT PRIMARY KEY)")
            for id in 1...30 {
                try session.run("INSERT INTO begun VALUES (\(id))", "START TRANSACTION READ ONLY")
                #expect(try session.value("SELECT COUNT(*) FROM begun") == "\(id)")
                try session.run("COMMIT")
            }
        }

        @Test func `several reads in one text wait as one`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE several (id INT PRIMARY KEY)")
            for id in 1...30 {
                try session.run("INSERT INTO several VALUES (\(id))")
                let outcome = session.outcome(of: "SELECT COUNT(*) FROM several; SELECT MAX(id) FROM several")
                #expect(outcome.replies.map(\.value) == ["\(id)", "\(id)"])
            }
        }

        @Test func `a wait leaves FOUND_ROWS, ROW_COUNT, warnings and LAST_INSERT_ID as they were`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE counted (id INT PRIMARY KEY AUTO_INCREMENT, n INT)")
            for round in 1...20 {
                try session.run("INSERT INTO counted (n) VALUES (1), (2), (3)")
                let first = try session.value("SELECT LAST_INSERT_ID()")
                #expect(try session.rows("SELECT id FROM counted").count == 3 * round)
                #expect(try session.value("SELECT FOUND_ROWS()") == "\(3 * round)")
                try session.run("INSERT INTO counted (n) VALUES (4)", "DELETE FROM counted WHERE n = 4")
                #expect(try session.value("SELECT 1/0, COUNT(*) FROM counted") == nil)
                #expect(try session.rows("SHOW WARNINGS").count == 1)
                #expect(try Int(session.value("SELECT LAST_INSERT_ID()") ?? "") ?? 0 > Int(first ?? "") ?? 0)
            }
        }

        @Test func `KILL QUERY ends a read that waits`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE killed (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            try session.run("INSERT INTO killed VALUES (1)")
            try session.send("SELECT COUNT(*) FROM killed")
            let other = try stage.connect()
            try eventually("it waits") {
                try stage.console().value(
                    "SELECT COUNT(*) FROM sessions WHERE id = \(session.connectionID) AND phase = 'waiting'") == "1"
            }
            try other.run("KILL QUERY \(session.connectionID)")
            #expect(throws: MySQLFailure.self) { try session.receiveRowCount() }
            for index in 1...2 { try stage.cluster.startReplication(index) }
            #expect(try session.value("SELECT COUNT(*) FROM killed") == "1")
        }
    }

    @Suite(.stage { $0.listener["causal_reads"] = "global" }) struct GlobalReadTests {
        @Test func `one session reads what another was told is written, 300 times`() throws {
            let stage = try Scene.stage
            let (writer, reader) = (try stage.connect(), try stage.connect())
            try writer.run(
                "CREATE OR REPLACE TABLE shared (id INT PRIMARY KEY, n INT)", "INSERT INTO shared VALUES (1, 0)")
            for n in 1...300 {
                try writer.run("UPDATE shared SET n = \(n)")
                #expect(try reader.value("SELECT n FROM shared") == "\(n)")
            }
            #expect(try reader.rows("SELECT * FROM shared") == [["1", "300"]])
        }

        @Test func `while the replicas stand still, everybody reads from the primary`() throws {
            let stage = try Scene.stage
            let (writer, reader) = (try stage.connect(), try stage.connect())
            try writer.run("CREATE OR REPLACE TABLE still3 (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            for id in 1...20 {
                try writer.run("INSERT INTO still3 VALUES (\(id))")
                #expect(try reader.value("SELECT COUNT(*) FROM still3") == "\(id)")
            }
            #expect((try figures(stage)["causal_fallbacks_total"] ?? 0) > 0)
        }
    }

    @Suite(.stage()) struct MonotonicReadTests {
        @Test func `nobody goes back in time while one replica and then the other is behind`() throws {
            let stage = try Scene.stage
            let writer = try stage.connect()
            try writer.run(
                "CREATE OR REPLACE TABLE clock (id INT PRIMARY KEY, n INT)", "INSERT INTO clock VALUES (1, 0)")
            try stage.cluster.waitUntilReplicated()
            let readers = try (0..<6).map { _ in try stage.connect() }
            var seen = [Int](repeating: 0, count: readers.count)
            var n = 0
            for round in 0..<6 {
                let behind = 1 + round % 2
                try stage.cluster.stopApplying(behind)
                for _ in 0..<60 {
                    n += 1
                    try writer.run("UPDATE clock SET n = \(n)")
                    for (index, reader) in readers.enumerated() {
                        let sql = "SELECT n FROM clock"
                        if (n + index) % 7 == 0 { try reader.run("BEGIN") }
                        let value = try Int(reader.value(sql) ?? "") ?? -1
                        if (n + index) % 7 == 0 { try reader.run("COMMIT") }
                        #expect(value >= seen[index], "reader \(index) went back from \(seen[index]) to \(value)")
                        seen[index] = value
                    }
                }
                try stage.cluster.startReplication(behind)
            }
        }

        @Test func `a replica that stands still while it is waited for does not hold the session`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE frozen (id INT)", "INSERT INTO frozen VALUES (1)")
            try stage.cluster.waitUntilReplicated()
            _ = try session.value("SELECT COUNT(*) FROM frozen")
            for index in 1...2 { stage.cluster.freeze(index) }
            defer { for index in 1...2 { stage.cluster.thaw(index) } }
            for id in 2...5 {
                try session.run("INSERT INTO frozen VALUES (\(id))")
                #expect(try session.value("SELECT COUNT(*) FROM frozen") == "\(id)")
            }
        }
    }

    @Suite(.stage { $0.listener["causal_reads"] = "none" }) struct CarelessReadTests {
        @Test func `without causal reads a session does not see what it wrote where replication stands still`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE careless (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            try session.run("INSERT INTO careless VALUES (1)")
            try eventually("a stale read") { try session.value("SELECT COUNT(*) FROM careless") == "0" }
        }
    }
}
