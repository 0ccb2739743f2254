// SIGTERM: what runs may end, what is idle ends now, nobody new comes in.

import Glibc
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ShutdownTests {
        private func start(_ stage: Stage, _ change: (inout ProxyConfiguration) -> Void = { _ in }) throws -> (
            proxy: ProxyProcess, login: MySQLLogin
        ) {
            let proxy = try ProxyProcess.start(ProxyConfiguration(stage.cluster).with(change), until: stage.login)
            return (proxy, stage.login.with { $0.port = proxy.ports.split })
        }

        @Test(arguments: [SIGTERM, SIGINT])
        func `an idle proxy ends with 0`(signal: Int32) throws {
            let (proxy, login) = try start(try Scene.stage)
            defer { proxy.kill() }
            let idle = try MySQLSession(login)
            #expect(try idle.value("SELECT 1") == "1")
            #expect(proxy.stop(signal) == .exit(0), "\(proxy.log)")
            #expect(idle.error(of: "SELECT 1")?.isLostConnection == true)
        }

        @Test func `an open transaction ends before the proxy does, and nobody new is let in`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE drained (id INT)")
            let (proxy, login) = try start(stage)
            defer { proxy.kill() }
            let (session, idle) = (try MySQLSession(login), try MySQLSession(login))
            try session.run("BEGIN", "INSERT INTO drained VALUES (1)")
            proxy.signal(SIGTERM)
            try eventually("new clients are turned away") {
                do throws(MySQLFailure) {
                    _ = try MySQLSession(login)
                    return false
                } catch {
                    return true
                }
            }
            #expect(proxy.isRunning)
            try session.run("INSERT INTO drained VALUES (2)", "COMMIT")
            #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
            #expect(idle.error(of: "SELECT 1")?.isLostConnection == true)
            #expect(try stage.connect().value("SELECT COUNT(*) FROM drained") == "2")
        }

        @Test func `settings do not change while the proxy drains`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE drained_late (id INT)")
            let (proxy, login) = try start(stage)
            defer { proxy.kill() }
            let (console, session) = (try MySQLSession(proxy.console), try MySQLSession(login))
            try session.run("BEGIN", "INSERT INTO drained_late VALUES (1)")
            proxy.signal(SIGTERM)
            try eventually("the change is refused") {
                _ = try console.query("SET limits.clients = 7")
                return console.error(of: "APPLY")?.text.contains("Switchyard is stopping") == true
            }
            try session.run("COMMIT")
            #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
        }

        @Test func `a running statement ends before the proxy does`() throws {
            let stage = try Scene.stage
            let (proxy, login) = try start(stage)
            defer { proxy.kill() }
            let isConnected = Signal()
            let statement = Background { () throws -> String? in
                let session = try MySQLSession(login)
                isConnected.raise()
                // Interrupted, it says 1.
                return try session.value("SELECT SLEEP(3) AS draining")
            }
            try eventually("the statement runs") {
                guard isConnected.isRaised else { return false }
                let query = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%AS draining'"
                return try stage.cluster.nodes.contains { try stage.cluster.execute($0.index, query) != [["0"]] }
            }
            proxy.signal(SIGTERM)
            #expect(try statement.value() == "0")
            #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
        }

        @Test func `a session that was giving its connection back does not hold up the end when its server dies`()
            throws
        {
            try withStage { stage in
                let (proxy, login) = try start(stage) {
                    // The end is not to wait for so long; the one who wants the connection is to give up soon.
                    $0.cluster = ["drain_timeout": "120s", "hold_timeout": "3s"]
                    $0.limits = ["server_connections_per_node": "1", "wait_timeout": "3s"]
                    $0.lines = ["lanes: 1"]
                }
                defer { proxy.kill() }
                let console = try MySQLSession(proxy.console)
                let (session, waiter) = (try MySQLSession(login), try MySQLSession(login))
                try session.run("CREATE TABLE given (id INT PRIMARY KEY AUTO_INCREMENT, n INT)")
                try session.run("INSERT INTO given (n) VALUES (1)")
                stage.cluster.freeze(0)
                try waiter.send("SELECT 1 FOR UPDATE")
                try eventually("the session is asked for its connection") {
                    let query = "SELECT phase FROM sessions WHERE id = \(session.connectionID)"
                    return try console.value(query) == "yielding"
                }
                proxy.signal(SIGTERM)
                try eventually("new clients are turned away") {
                    do throws(MySQLFailure) {
                        _ = try MySQLSession(login)
                        return false
                    } catch {
                        return true
                    }
                }
                stage.cluster.kill(0)
                waiter.vanish()
                #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
            }
        }

        @Test func `a transaction that does not end is not waited for longer than drain_timeout`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE undrained (id INT)")
            let (proxy, login) = try start(stage) { $0.cluster = ["drain_timeout": "1s"] }
            defer { proxy.kill() }
            let session = try MySQLSession(login)
            try session.run("BEGIN", "INSERT INTO undrained VALUES (1)")
            #expect(proxy.stop(seconds: 20)?.status == 0, "\(proxy.log)")
            #expect(session.error(of: "COMMIT") != nil)
            try eventually("its transaction is rolled back") {
                try stage.connect().value("SELECT COUNT(*) FROM undrained FOR UPDATE") == "0"
            }
        }

        @Test func `a proxy that is killed leaves no transaction open and its port free`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE killed (id INT)")
            let (proxy, login) = try start(stage)
            let session = try MySQLSession(login)
            try session.run("BEGIN", "INSERT INTO killed VALUES (1)")
            proxy.signal(SIGKILL)
            #expect(proxy.waitForEnd() == .killed(by: SIGKILL))
            try eventually("its transaction is rolled back") {
                try stage.connect().value("SELECT COUNT(*) FROM killed FOR UPDATE") == "0"
            }
            let next = try ProxyProcess.start(ProxyConfiguration(stage.cluster), ports: proxy.ports, until: stage.login)
            defer { next.kill() }
            #expect(try MySQLSession(login).value("SELECT 1") == "1")
        }
    }
}
