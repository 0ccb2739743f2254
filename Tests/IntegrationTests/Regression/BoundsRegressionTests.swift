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

        @Test func `a client that pipelines statements and never reads costs a bounded queue`() throws {
            let stage = try Scene.stage
            let other = try stage.connect()
            _ = try other.marker()
            let raw = try RawConnection(port: stage.proxy.ports.split)
            #expect(try raw.logIn(user: "open", schema: "app")?.isOK == true)
            let before = stage.proxy.residentBytes
            // Small enough that the kernel takes all of it at once: 200 MB of answers.
            let query = RawPacket([3] + Array("SELECT REPEAT('x',40000)".utf8)).bytes
            #expect(raw.send((0..<5_000).flatMap { _ in query }))
            var most = 0
            let deadline = monotonicSeconds() + 5
            while monotonicSeconds() < deadline {
                _ = try other.marker()
                most = max(most, stage.proxy.residentBytes)
            }
            #expect(most - before < 16 << 20, "grew by \((most - before) >> 20) MiB")
            // And when it reads at last, the answers come: one row in five packets.
            for _ in 0..<200 {
                let answer = try (0..<5).compactMap { _ in try raw.receivePacket() }
                #expect(answer.count == 5 && answer[3].payload.count == 40_003)
            }
        }

        @Test func `clients that close before their SET is answered leave no negative count of statements`() throws {
            let stage = try Scene.stage
            for _ in 0..<50 {
                let raw = try RawConnection(port: stage.proxy.ports.split)
                #expect(try raw.logIn(user: "open", schema: "app")?.isOK == true)
                raw.sendQuery("SET @@sql_mode=''")
                raw.close()
            }
            let console = try stage.console()
            try eventually("they are forgotten") {
                try console.value("SELECT COUNT(*) FROM sessions WHERE user = 'open'") == "0"
            }
            try eventually("nothing is in flight, and nothing less than that") {
                try console.rows("SELECT MIN(in_flight), MAX(in_flight) FROM routing_table") == [["0", "0"]]
            }
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
