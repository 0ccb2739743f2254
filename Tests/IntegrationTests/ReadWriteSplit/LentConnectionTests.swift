// Sessions that share one connection: what the connection knew of a session comes back with it.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct LentConnectionTests {
        @Test func `LAST_INSERT_ID outlives the loan of the connection to other sessions`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let sessions = try (0..<3).map { _ in try MySQLSession(login) }
            try sessions[0].run("CREATE OR REPLACE TABLE lent (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, n INT)")
            for round in 0..<2 {
                for (index, session) in sessions.enumerated() {
                    try session.run("INSERT INTO lent (n) VALUES (\(index)), (\(index))")
                    #expect(session.error(of: "SELECT n FROM lent WHERE id = 1 FOR UPDATE") == nil)
                }
                for (index, session) in sessions.enumerated() {
                    let id = String(1 + 6 * round + 2 * index)
                    #expect(try session.value("SELECT LAST_INSERT_ID()") == id)
                }
            }
            if TestServer.isMariaDB {
                // A result set does not tell the number in its end.
                try sessions[0].run("INSERT INTO lent VALUES (100, 1)")
                #expect(try sessions[0].value("INSERT INTO lent (n) VALUES (7) RETURNING id") == "101")
                #expect(sessions[1].error(of: "SELECT n FROM lent WHERE id = 1 FOR UPDATE") == nil)
                #expect(try sessions[0].value("SELECT LAST_INSERT_ID()") == "101")
                try sessions[0].run("DELETE FROM lent WHERE id >= 100", "ALTER TABLE lent AUTO_INCREMENT = 13")
            }
            // As long as a number can be, and under a limit that lets no row through.
            try sessions[0].run("INSERT INTO lent VALUES (NULL, 1)", "SET @@sql_select_limit = 0")
            try sessions[1].run("UPDATE lent SET n = LAST_INSERT_ID(18446744073709551615) LIMIT 0")
            try sessions[1].run("SELECT LAST_INSERT_ID(18446744073709551615)")
            try sessions[2].run("INSERT INTO lent VALUES (NULL, 2)")
            #expect(try sessions[1].value("SELECT LAST_INSERT_ID()") == "18446744073709551615")
            try sessions[2].run("DELETE FROM lent WHERE id = 13")
            #expect(try sessions[0].value("SELECT LAST_INSERT_ID() LIMIT 1") == "13")
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL has no sequences"))
        func `LASTVAL is that of the session or refused, when the connection went to another`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_node": "1", "wait_timeout": "1s"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let (session, other) = (try MySQLSession(login), try MySQLSession(login))
            try session.run("CREATE OR REPLACE SEQUENCE lent_numbers START WITH 7", "SELECT NEXTVAL(lent_numbers)")
            #expect(try session.value("SELECT LASTVAL(lent_numbers)") == "7")
            try other.run("SELECT marker FROM node_marker FOR UPDATE")
            for sql in ["SELECT LASTVAL(lent_numbers)", "SELECT PREVIOUS VALUE FOR lent_numbers"] {
                #expect(session.error(of: sql)?.code == 9511, "\(sql)")
            }
            #expect(try session.value("SELECT NEXTVAL(lent_numbers)") == "8")
            #expect(try session.value("SELECT LASTVAL(lent_numbers)") == "8")
        }

        @Test func `a session that waits alone gets what idle sessions hold, at once and on whichever lane`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                // Shorter than one hint that is missed and made good by nobody.
                $0.limits = ["server_connections_per_node": "1", "wait_timeout": "2s"]
                $0.lines = ["lanes: 2"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let sessions = try (0..<6).map { _ in try MySQLSession(login) }
            for _ in 0..<10 {
                for session in sessions { #expect(session.error(of: "SELECT * FROM node_marker FOR UPDATE") == nil) }
            }
        }

        @Test func `an account at its own limit is served by its own sessions and takes nothing from others`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                $0.limits = ["server_connections_per_account": "1", "wait_timeout": "500ms"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let console = try MySQLSession(proxy.console)
            let statement = "SELECT * FROM node_marker FOR UPDATE"
            // Idle for longer than all others.
            let other = try MySQLSession(
                login.with {
                    $0.user = "open"
                    $0.password = ""
                })
            try other.run(statement)
            func expectThatOtherHasItsConnection() throws {
                let query =
                    "SELECT state FROM connections WHERE session = \(other.connectionID) AND node = "
                    + "'\(stage.cluster.nodes[0].address)'"
                #expect(try console.value(query) == "leased")
            }
            try expectThatOtherHasItsConnection()
            let (first, second) = (try MySQLSession(login), try MySQLSession(login))
            for session in [first, second, first, second] {
                #expect(session.error(of: statement) == nil)
                try expectThatOtherHasItsConnection()
            }
            try second.run("BEGIN", statement)
            #expect(first.error(of: statement)?.code == 9503)
            try expectThatOtherHasItsConnection()
            try second.run("COMMIT")
        }

        /// A `SET` of a session that has no connection yet may go anywhere, too.
        @Test(arguments: [[], ["SET NAMES latin1"]])
        func `what waits for one replica takes what comes free at another`(first: [String]) throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with {
                // Far longer than the test waits: at its end the read would look everywhere once more.
                $0.limits = ["server_connections_per_node": "1", "wait_timeout": "120s"]
                $0.lines = ["lanes: 1"]
            }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let console = try MySQLSession(proxy.console)
            let sessions = try (0..<3).map { _ in try MySQLSession(login) }
            try sessions[0].run("BEGIN", "SELECT * FROM node_marker FOR UPDATE")
            var holders: [Int: MySQLSession] = [:]
            for session in sessions.dropFirst() {
                try session.run("START TRANSACTION READ ONLY")
                let node = try session.marker()
                holders[node ?? -1] = session
            }
            #expect(Set(holders.keys) == [1, 2])
            let read = Background { () throws -> Int? in
                let session = try MySQLSession(login)
                for sql in first { try session.run(sql) }
                return try session.marker()
            }
            let awaited = try eventually("it waits") { () -> String? in
                try console.value("SELECT node FROM pools WHERE waiting > 0")
            }
            let other = awaited == stage.cluster.nodes[1].address ? 2 : 1
            holders[other]?.close()
            #expect(try read.value(seconds: 20) == other)
            try sessions[0].run("COMMIT")
        }

        @Test func `the limits of an account and of the process are kept, and a refusal names the one`() throws {
            let stage = try Scene.stage
            for name in ["server_connections_per_account", "server_connections"] {
                let configuration = ProxyConfiguration(stage.cluster).with {
                    $0.limits = [name: "1", "wait_timeout": "300ms"]
                }
                let proxy = try ProxyProcess.start(configuration, until: stage.login)
                defer { proxy.kill() }
                let login = stage.login.with { $0.port = proxy.ports.split }
                let holder = try MySQLSession(login)
                try holder.run("BEGIN", "SELECT * FROM node_marker FOR UPDATE")
                let waiter = try MySQLSession(login)
                let failure = try #require(waiter.error(of: "SELECT * FROM node_marker FOR UPDATE"))
                #expect(failure.code == 9503)
                #expect(failure.text.contains("(limits.\(name))"), "\(failure.text)")
                try holder.run("COMMIT")
                try eventually("the connection is free") {
                    waiter.error(of: "SELECT * FROM node_marker FOR UPDATE") == nil
                }
            }
        }
    }
}
