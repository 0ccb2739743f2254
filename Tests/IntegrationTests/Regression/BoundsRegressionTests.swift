// What clients may cost: connections, memory, counts, and the time that a shutdown takes.

import Glibc
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct BoundsRegressionTests {
        @Test func `idle connections of one lane do not starve the clients of another`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                // Shorter than the time for which idle connections are kept.
                $0.limits = ["server_connections_per_node": "4", "wait_timeout": "5s"]
                $0.lines = ["lanes: 2"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let console = try MySQLSession(proxy.console)
            let primary = stage.cluster.nodes[0].address
            let lock = "SELECT * FROM node_marker LOCK IN SHARE MODE"
            for lane in ["0", "1"] {
                // All connections to the primary become idle ones of this lane.
                var mine: [MySQLSession] = []
                try eventually("four clients of lane \(lane) hold all connections") {
                    let session = try MySQLSession(login)
                    let query = "SELECT lane FROM sessions WHERE id = \(session.connectionID)"
                    if try console.value(query) == lane { mine.append(session) }
                    return mine.count == 4
                }
                for session in mine { try session.run("BEGIN", lock) }
                for session in mine { try session.run("COMMIT") }
                for session in mine { session.close() }
                try eventually("they are idle") {
                    let query = "SELECT COUNT(*) FROM connections WHERE node = '\(primary)' AND lane = \(lane)"
                    return try console.value(query + " AND state = 'idle'") == "4"
                }
                for _ in 0..<12 { #expect(try MySQLSession(login).error(of: lock) == nil) }
            }
        }

        @Test func `twelve megabytes of long data in small pieces arrive`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE pieces (data LONGBLOB)")
            let statement = try MySQLStatement(session, "INSERT INTO pieces VALUES (?)")
            try statement.bind([.longData])
            let piece = [UInt8](repeating: 65, count: 8_192)
            for _ in 0..<1_536 { try statement.sendLongData(0, piece) }
            #expect(statement.executeBound().failure == nil)
            let stored = try session.rows("SELECT LENGTH(data), data = REPEAT('A', 12582912) FROM pieces")
            #expect(stored == [["12582912", "1"]])
        }

        @Test func `a client that has not logged in does not hold up the end`() throws {
            let stage = try Scene.stage
            // Both are far longer than the test waits.
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.cluster = ["drain_timeout": "120s"]
                $0.limits = ["login_timeout": "120s"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let greeted = try RawConnection(port: proxy.ports.split)
            #expect(try greeted.receivePacket()?.isError == false)
            let half = try RawConnection(port: proxy.ports.split)
            #expect(try half.receivePacket()?.isError == false)
            half.send([UInt8](RawConnection.loginPacket(user: "open").bytes.prefix(10)))
            let end = proxy.stop(seconds: 30)
            #expect(end == .exit(0), "\(proxy.log)")
            if end != nil { try greeted.waitForClose() }
        }
    }
}
