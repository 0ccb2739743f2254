// Writes that waited for a connection, and long ones that were refused: none may run where or when it must not.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct WriteGateRegressionTests {
        @Test func `a write that waits for its login on a frozen primary runs only on the next one`() throws {
            try withStage(.init { $0.cluster = ["hold_timeout": "30s"] }) { stage in
                try stage.cluster.execute(0, "CREATE TABLE app.gated (id INT PRIMARY KEY)")
                try stage.cluster.waitUntilReplicated()
                let console = try stage.console()
                let primary = stage.cluster.nodes[0].address
                // The write must need a new connection.
                try stage.killConnections(of: "app", on: 0)
                try eventually("the proxy has no connection to the primary") {
                    try console.value("SELECT COUNT(*) FROM connections WHERE node = '\(primary)'") == "0"
                }
                let session = try stage.connect()
                #expect(try session.marker() != 0)

                stage.cluster.freeze(0)
                let login = stage.login
                let isReading = Signal()
                let write = Background { () throws -> MySQLFailure? in
                    let session = try MySQLSession(login)
                    _ = try session.marker()
                    isReading.raise()
                    return session.error(of: "INSERT INTO gated VALUES (1)")
                }
                try eventually("the write waits for its login", every: 5) {
                    let query = "SELECT COUNT(*) FROM connections WHERE node = '\(primary)' AND state = 'connecting'"
                    return try isReading.isRaised && console.value(query) != "0"
                }
                try stage.cluster.promote(1, graceful: false)
                let next = stage.cluster.nodes[1].address
                try eventually("the table names the new primary") {
                    try console.value("SELECT role FROM routing_table WHERE node = '\(next)'") == "primary"
                }
                stage.cluster.thaw(0)
                #expect(try write.value() == nil)
                #expect(try stage.cluster.execute(1, "SELECT id FROM app.gated") == [["1"]])
                #expect(try stage.cluster.execute(0, "SELECT id FROM app.gated") == [])
            }
        }

        @Test func `a long write without a primary is refused once and never runs`() throws {
            try withStage(.init { $0.cluster = ["hold_timeout": "1s"] }) { stage in
                try stage.cluster.execute(0, "CREATE TABLE app.long_write (id INT, data LONGTEXT)")
                try stage.cluster.waitUntilReplicated()
                let session = try stage.connect { $0.timeoutSeconds = 30 }
                #expect(try session.marker() != 0)
                stage.cluster.kill(0)
                try eventually("the proxy knows that nobody can write") { stage.proxy.log.contains("gate_closed") }

                let long = "INSERT INTO long_write VALUES (1, '\(String(repeating: "x", count: 2 << 20))')"
                #expect(session.error(of: long)?.code == 9501)
                for _ in 0..<3 { #expect(try session.value("SELECT 'in step'") == "in step") }
                // Refused again; this time the client is idle while a primary comes back.
                #expect(session.error(of: long)?.code == 9501)
                try stage.cluster.promote(1, graceful: false)
                try eventually("writes have a place to go") {
                    try stage.connect().error(of: "INSERT INTO long_write VALUES (2, '')") == nil
                }
                for _ in 0..<3 { #expect(try session.value("SELECT 'in step'") == "in step") }
                try session.run("INSERT INTO long_write VALUES (3, '')")
                let rows = try stage.cluster.execute(1, "SELECT DISTINCT id FROM app.long_write ORDER BY id")
                #expect(rows == [["2"], ["3"]])
            }
        }
    }
}
