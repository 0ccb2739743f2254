// Clients that vanish, never read, stay silent, or are too many for the connections there are.

import Glibc
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ClientMisfortuneTests {
        @Test func `clients that vanish in the middle of a query leave nothing running and nothing behind`() throws {
            let stage = try Scene.stage
            // As a recursive query, which it is on MySQL, a series takes thirty times as long.
            let numbers = TestServer.isMariaDB ? 10_000_000 : 300_000
            for round in 0..<30 {
                let session = try stage.connect()
                if round % 3 == 0 { try session.run("BEGIN") }
                try session.send(
                    round % 2 == 0
                        ? "SELECT SUM(seq) FROM seq_1_to_\(numbers)" : "SELECT * FROM seq_1_to_100000 FOR UPDATE")
                session.vanish()
            }
            try eventually("no statement of theirs runs any more") {
                let query =
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'app' AND command = 'Query'"
                return try stage.cluster.nodes.allSatisfy { try stage.cluster.execute($0.index, query) == [["0"]] }
            }
            try eventually("no transaction of theirs is open") {
                try stage.cluster.execute(0, "SELECT COUNT(*) FROM information_schema.innodb_trx") == [["0"]]
            }
            #expect(try stage.connect().value("SELECT 1") == "1")
        }

        @Test func `a client that never reads 200 MB costs a bounded queue, and others are served meanwhile`() throws {
            let stage = try Scene.stage
            let other = try stage.connect()
            _ = try other.marker()
            let before = stage.proxy.residentBytes
            let slow = try stage.connect()
            try slow.send("SELECT seq, REPEAT('x', 10000) FROM seq_1_to_20000")
            var most = 0
            let deadline = monotonicSeconds() + 4
            while monotonicSeconds() < deadline {
                _ = try other.marker()
                try other.run("SET @a = 1")
                most = max(most, stage.proxy.residentBytes)
            }
            #expect(most - before < 16 << 20, "grew by \((most - before) >> 20) MiB")
            // And when it reads at last, everything is there.
            #expect(try slow.receiveRowCount() == 20_000)
            #expect(try slow.value("SELECT 'in step'") == "in step")
        }

        @Test func `a client that never reads and then vanishes is forgotten`() throws {
            let stage = try Scene.stage
            for _ in 0..<5 {
                let slow = try stage.connect()
                try slow.send("SELECT seq, REPEAT('x', 10000) FROM seq_1_to_20000")
                usleep(100_000)
                slow.vanish()
            }
            try eventually("the servers are not held up by them") {
                let query =
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'app' AND command = 'Query'"
                return try stage.cluster.nodes.allSatisfy { try stage.cluster.execute($0.index, query) == [["0"]] }
            }
        }

        @Test func `a thousand logins leave no descriptors and little memory behind`() throws {
            let stage = try Scene.stage
            func descriptors() -> Int { (try? ProcessFiles.count(of: stage.proxy.pid)) ?? -1 }
            for _ in 0..<100 { _ = try stage.connect().marker() }
            let (files, memory) = (descriptors(), stage.proxy.residentBytes)
            _ = try inParallel(4) { _ in
                for _ in 0..<250 { _ = try stage.connect().marker() }
            }
            try eventually("the descriptors are closed") { descriptors() <= files + 16 }
            #expect(stage.proxy.residentBytes - memory < 16 << 20)
        }

        @Test func `more clients than server connections queue, and all are served`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "2"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            try MySQLSession(login).run("CREATE OR REPLACE TABLE queued (id INT PRIMARY KEY AUTO_INCREMENT, who INT)")
            let done = Signal()
            let clients = try inParallel(5) { index in
                let session = try MySQLSession(login)
                for _ in 0..<20 {
                    try session.run("BEGIN", "INSERT INTO queued (who) VALUES (\(index))", "COMMIT")
                    _ = try session.marker()
                }
                done.raise()
                // Nobody makes room by going away: an idle session's connection is for others to use.
                try eventually("all are served") { done.count == 5 }
                return index
            }
            #expect(clients == [0, 1, 2, 3, 4])
            #expect(try MySQLSession(login).value("SELECT COUNT(*) FROM queued FOR UPDATE") == "100")
            let connected = try stage.cluster.execute(
                0, "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'app' AND db = 'app'")
            #expect(Int(connected[0][0] ?? "") ?? 99 <= 2 + 8, "\(connected)")
        }

        @Test func `a wait for a server connection ends in a clear error`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1", "wait_timeout": "1s"]
                $0.cluster = ["hold_timeout": "1s"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let holder = try MySQLSession(login)
            try holder.run("BEGIN", "SELECT * FROM node_marker FOR UPDATE")
            let waiter = try MySQLSession(login)
            let failure = try #require(waiter.error(of: "SELECT * FROM node_marker FOR UPDATE"))
            #expect(failure.code == 9503)
            #expect(failure.text.contains("server_connections_per_node"))
            try holder.run("COMMIT")
            try eventually("the connection is free") { waiter.error(of: "SELECT * FROM node_marker FOR UPDATE") == nil }
        }

        @Test func `a client that stays silent too long is told so and its transaction rolled back`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with { $0.limits = ["idle_timeout": "1s"] }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            try stage.connect().run("CREATE OR REPLACE TABLE silent (id INT)")
            let session = try MySQLSession(stage.login.with { $0.port = proxy.ports.split })
            try session.run("BEGIN", "INSERT INTO silent VALUES (1)")
            let raw = RawConnection(borrowing: session)
            let last = try #require(try raw.lastPacketBeforeClose())
            #expect(last.errorCode == 1159)
            #expect(last.errorText.contains("idle_timeout"))
            #expect(try stage.connect().value("SELECT COUNT(*) FROM silent FOR UPDATE") == "0")
        }
    }
}
