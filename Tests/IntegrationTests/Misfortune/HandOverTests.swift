// SIGUSR2: another process takes over the listening sockets, and clients notice nothing.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct HandOverTests {
        private func start(_ change: (inout ProxyConfiguration) -> Void = { _ in }) throws -> (
            proxy: ProxyProcess, login: MySQLLogin
        ) {
            let stage = try Scene.stage
            let proxy = try ProxyProcess.start(ProxyConfiguration(stage.cluster).with(change), until: stage.login)
            return (proxy, stage.login.with { $0.port = proxy.ports.split })
        }

        /// The processes of the log's lines with these words, in order.
        private func processes(_ words: String, _ proxy: ProxyProcess) -> [Int32] {
            proxy.log.split(separator: "\n").filter { $0.contains(words) }.compactMap { line in
                line.firstMatch(of: /process\W+(\d+)/).flatMap { Int32($0.1) }
            }
        }

        /// Waits for the process that serves after so many hand-overs.
        private func heir(_ proxy: ProxyProcess, after count: Int = 1) throws -> Int32 {
            try eventually("a new process serves", seconds: 60) {
                let all = processes("handed over", proxy)
                return all.count >= count ? all[count - 1] : nil
            }
        }

        /// Ends all processes that were started with the proxy's settings: nobody else would.
        private func endAll(_ proxy: ProxyProcess) {
            for pid in processes("hand-over begun", proxy) where isOne(pid, proxy) { kill(pid, SIGKILL) }
            proxy.kill()
        }

        private func isOne(_ pid: Int32, _ proxy: ProxyProcess) -> Bool {
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains(proxy.settingsFile)
        }

        private func awaitFailure(_ proxy: ProxyProcess, _ words: String) throws {
            try eventually("the hand-over fails", seconds: 60) {
                proxy.log.split(separator: "\n").contains { $0.contains("hand-over failed") && $0.contains(words) }
            }
        }

        @Test func `clients that come and go during a hand-over notice nothing, and what runs ends`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE handed (client INT, number INT)")
            let (proxy, login) = try start()
            defer { endAll(proxy) }
            let isOver = Signal()
            defer { isOver.raise() }
            let clients = (0..<4).map { client in
                Background { () throws -> Int in
                    var number = 0
                    while !isOver.isRaised {
                        let session = try MySQLSession(login)
                        try session.run("INSERT INTO handed VALUES (\(client), \(number))")
                        number += 1
                        let seen = try session.value("SELECT COUNT(*) FROM handed WHERE client = \(client)")
                        guard seen == "\(number)" else {
                            throw NeverHappened(description: "\(number) became \(seen ?? "")")
                        }
                    }
                    return number
                }
            }
            let session = try MySQLSession(login)
            try session.run("BEGIN", "INSERT INTO handed VALUES (100, 1)")
            let isConnected = Signal()
            let slow = Background { () throws -> String? in
                let session = try MySQLSession(login)
                isConnected.raise()
                return try session.value("SELECT SLEEP(3)")
            }
            try eventually("the slow statement's session is there") { isConnected.isRaised }
            proxy.signal(SIGUSR2)
            #expect(try heir(proxy) != proxy.pid)
            #expect(proxy.isRunning, "an open transaction keeps the old process")
            // For a moment both accept.
            let new = try eventually("the new process's ids leave room for the old one's") {
                let new = try MySQLSession(login)
                return new.connectionID > session.connectionID + 1_000 ? new : nil
            }
            try session.run("INSERT INTO handed VALUES (100, 2)", "COMMIT")
            #expect(try slow.value() == "0")
            #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
            #expect(try new.value("SELECT COUNT(*) FROM handed WHERE client = 100 FOR UPDATE") == "2")
            isOver.raise()
            for client in clients { #expect(try client.value() > 0) }
        }

        @Test func `console and HTTP are the new process's, which can hand over again`() throws {
            let port = LocalCluster.freePort()
            let (proxy, login) = try start { $0.lines = ["http: {bind: 127.0.0.1:\(port)}"] }
            defer { endAll(proxy) }
            let console = try MySQLSession(proxy.console)
            #expect(try console.value("SELECT COUNT(*) FROM clusters") == "1")
            // Two at once are one.
            proxy.signal(SIGUSR2)
            proxy.signal(SIGUSR2)
            let first = try heir(proxy)
            #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
            #expect(console.error(of: "SELECT 1")?.isLostConnection == true)
            #expect(try MySQLSession(proxy.console).value("SELECT COUNT(*) FROM clusters") == "1")
            #expect(try HTTPClient(port: port).get("/readyz").status == 200)
            try eventually("the new process notices that it is alone") { proxy.log.contains("has ended") }
            kill(first, SIGUSR2)
            let second = try heir(proxy, after: 2)
            try eventually("the first new process ends") { !isOne(first, proxy) }
            #expect(second != first && isOne(second, proxy))
            #expect(try MySQLSession(login).value("SELECT 1") == "1")
            #expect(processes("handed over", proxy) == [first, second])
        }

        @Test func `settings that are wrong leave the old process serving, and the next attempt counts`() throws {
            let (proxy, login) = try start()
            defer { endAll(proxy) }
            let session = try MySQLSession(login)
            try session.run("BEGIN", "SELECT 1 FOR UPDATE")
            try proxy.write("clusters: nonsense\n")
            proxy.signal(SIGUSR2)
            try awaitFailure(proxy, "exit code 1")
            #expect(try session.value("SELECT 2") == "2")
            #expect(try MySQLSession(login).value("SELECT 3") == "3")
            #expect(proxy.isRunning)
            try session.run("COMMIT")
            try proxy.write(ProxyConfiguration(try Scene.stage.cluster))
            proxy.signal(SIGUSR2)
            let next = try heir(proxy)
            #expect(proxy.waitForEnd() == .exit(0), "\(proxy.log)")
            #expect(isOne(next, proxy))
            #expect(try MySQLSession(login).value("SELECT 4") == "4")
        }

        @Test func `a new process that finds no primary does not get the place, and is gone`() throws {
            let (proxy, login) = try start()
            defer { endAll(proxy) }
            try proxy.write(ProxyConfiguration(nodes: ["127.0.0.1:1"]))
            proxy.signal(SIGUSR2)
            try awaitFailure(proxy, "no primary")
            let started = try #require(processes("hand-over begun", proxy).last)
            #expect(!isOne(started, proxy))
            #expect(try MySQLSession(login).value("SELECT 1") == "1")
        }

        @Test func `SIGTERM during a hand-over ends both`() throws {
            let (proxy, login) = try start()
            defer { endAll(proxy) }
            // It looks for a primary, for a while.
            try proxy.write(ProxyConfiguration(nodes: ["127.0.0.1:1"]))
            proxy.signal(SIGUSR2)
            let started = try eventually("the new process is there") { processes("hand-over begun", proxy).last }
            #expect(proxy.stop(SIGTERM) == .exit(0), "\(proxy.log)")
            #expect(!isOne(started, proxy))
            #expect(throws: MySQLFailure.self) { try MySQLSession(login) }
        }

        @Test func `while a cluster is paused, nothing is handed over`() throws {
            let (proxy, login) = try start()
            defer { endAll(proxy) }
            let console = try MySQLSession(proxy.console)
            try console.run("PAUSE CLUSTER main")
            proxy.signal(SIGUSR2)
            try awaitFailure(proxy, "paused")
            #expect(processes("hand-over begun", proxy).isEmpty)
            try console.run("RESUME CLUSTER main")
            #expect(try MySQLSession(login).value("SELECT 1 FOR UPDATE") == "1")
        }
    }
}
