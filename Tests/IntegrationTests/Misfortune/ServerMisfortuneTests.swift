// Servers that vanish in the middle of an answer, and things that are no servers at all.

import Glibc
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct ServerMisfortuneTests {
        @Test func `where nothing is repeated, a server that vanishes in the middle of a result ends it with an error`()
            throws
        {
            try withStage(Stage.Options { $0.cluster = ["replay": "off"] }) { stage in
                let session = try stage.connect { $0.timeoutSeconds = 30 }
                let node = try #require(try session.marker())
                // Far more than all buffers on the way hold: the server is still sending when it dies.
                try session.send("SELECT seq, REPEAT('x', 10000) FROM seq_1_to_20000")
                try eventually("the server sends") {
                    let query =
                        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%REPEAT%'"
                        + " AND user = 'app'"
                    return try stage.cluster.nodes.contains { try stage.cluster.execute($0.index, query) != [["0"]] }
                }
                stage.cluster.kill(node)
                let failure = #expect(throws: MySQLFailure.self) { try session.receiveRowCount() }
                #expect(failure?.code == 9507 || failure?.isLostConnection == true, "\(String(describing: failure))")
                #expect(try stage.connect().marker() != node)
            }
        }

        @Test func `a write whose server vanishes is reported as unknown`() throws {
            try withStage { stage in
                let running = Signal()
                let write = Background { () throws -> MySQLFailure? in
                    let session = try stage.connect()
                    try session.run("CREATE TABLE slow (id INT)")
                    running.raise()
                    return session.error(of: "INSERT INTO slow SELECT seq FROM seq_1_to_30000000")
                }
                try eventually("the table is made") { running.isRaised }
                try eventually("the write runs") {
                    let query =
                        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'INSERT INTO slow%'"
                    return try stage.cluster.execute(0, query) != [["0"]]
                }
                stage.cluster.kill(0)
                #expect(try write.value()?.code == 9504)
            }
        }

        @Test func `a node that speaks no MySQL has a state and a reason, and the others serve`() throws {
            let garbage = try GarbageServer("SSH-2.0-OpenSSH_9.2p1\r\n")
            let options = Stage.Options { $0.nodes.append(garbage.address) }
            try withStage(options) { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE fine (id INT)", "INSERT INTO fine VALUES (1)")
                #expect(try session.value("SELECT COUNT(*) FROM fine") == "1")
                let rows = try stage.console().rows(
                    "SELECT state, reason FROM routing_table WHERE address = '\(garbage.address)'")
                #expect(rows.count == 1 && rows[0][0] != "online" && rows[0][1]?.isEmpty == false, "\(rows)")
            }
        }

        @Test func `a cluster of nothing but garbage refuses logins with a reason, and keeps running`() throws {
            let greetings = ["HTTP/1.1 400 Bad Request\r\n\r\n", "\u{5}\0\0\0\u{a}abcd", "\u{1}\0\0\0\u{9}", ""]
            let servers = try greetings.map { try GarbageServer($0) }
            let configuration = ProxyConfiguration(nodes: servers.map(\.address))
            let proxy = try ProxyProcess(configuration)
            defer { proxy.kill() }
            let login = MySQLLogin(port: proxy.ports.split, user: "app", password: "apppw")
            for _ in 0..<5 {
                let refusal = try eventually("a login is refused") { () -> MySQLFailure? in
                    do throws(MySQLFailure) {
                        _ = try MySQLSession(login)
                        return nil
                    } catch {
                        return error.code == 2002 ? nil : error
                    }
                }
                #expect(refusal.code == 9509, "\(refusal)")
            }
            #expect(proxy.isRunning)
        }

        @Test func `a server that turns to nonsense after the login costs its sessions nothing but that connection`()
            throws
        {
            try withStage { stage in
                // The node is known by the relay's address only.
                let relay = try SpoilingRelay(to: stage.cluster.nodes[1].port)
                let configuration = ProxyConfiguration(stage.cluster).with {
                    $0.nodes = [stage.cluster.nodes[0].address, relay.address]
                    $0.cluster = ["discover": "false"]
                }
                let proxy = try ProxyProcess.start(configuration, until: stage.login)
                defer { proxy.kill() }
                let login = stage.login.with {
                    $0.port = proxy.ports.split
                    $0.timeoutSeconds = 20
                }
                let sessions = try (0..<6).map { _ in try MySQLSession(login) }
                try eventually("reads run behind the relay") { try sessions.allSatisfy { try $0.marker() == 1 } }
                relay.spoil()
                for session in sessions { #expect(try session.marker() == 0) }
                for session in sessions { #expect(try session.value("SELECT 'in step'") == "in step") }
                #expect(proxy.isRunning)
            }
        }

        @Test func `a replica that is full is passed over`() throws {
            var options = Stage.Options()
            options.cluster.maximumConnections = 12
            try withStage(options) { stage in
                // The proxy's own idle connections to it go first, so that its next read needs a new one.
                let hogs = (0..<20).compactMap { _ in try? stage.connectDirectly(1) }
                #expect(hogs.count < 20)
                for _ in 0..<10 {
                    let session = try stage.connect()
                    #expect([0, 1, 2].contains(try session.marker()))
                }
            }
        }

        @Test func `a server that does not read costs a bounded queue`() throws {
            try withStage { stage in
                try stage.connect().run("CREATE TABLE unread (id INT, data LONGBLOB)")
                let (isPrepared, isFrozen) = (Signal(), Signal())
                let sender = Background { () throws -> String? in
                    let session = try stage.connect { $0.timeoutSeconds = 60 }
                    let statement = try MySQLStatement(session, "INSERT INTO unread VALUES (?, ?)")
                    try statement.bind([.int(1), .longData])
                    isPrepared.raise()
                    try eventually("the server is frozen") { isFrozen.isRaised }
                    let piece = [UInt8](repeating: 65, count: 1 << 19)
                    for _ in 0..<100 { try statement.sendLongData(1, piece) }
                    return statement.executeBound().failure.map { "\($0)" }
                }
                try eventually("the statement is prepared") { isPrepared.isRaised }
                let before = stage.proxy.residentBytes
                stage.cluster.freeze(0)
                isFrozen.raise()
                var most = 0
                let deadline = monotonicSeconds() + 2
                while monotonicSeconds() < deadline {
                    most = max(most, stage.proxy.residentBytes)
                    usleep(20_000)
                }
                stage.cluster.thaw(0)
                #expect(most - before < 16 << 20, "grew by \((most - before) >> 20) MiB")
                // It is over one way or the other: done, or an error that says what happened.
                _ = try sender.value()
                try eventually("the primary takes writes") {
                    try stage.connect().error(of: "INSERT INTO unread VALUES (2, '')") == nil
                }
            }
        }

        @Test func `the sessions that have connections to a full server share them with those that have none`() throws {
            var options = Stage.Options {
                $0.cluster = ["hold_timeout": "5s"]
                $0.limits = ["wait_timeout": "5s"]
                $0.lines = ["lanes: 1"]
            }
            options.cluster.maximumConnections = 12
            try withStage(options) { stage in
                let (first, second) = (try stage.connect(), try stage.connect())
                try closeConnectionsToPrimary(stage)
                let statement = "SELECT * FROM node_marker FOR UPDATE"
                try first.run(statement)
                let hogs = (0..<20).compactMap { _ in try? stage.connectDirectly(0) }
                #expect(hogs.count < 20)
                for session in [second, first, second] { #expect(session.error(of: statement) == nil) }
                for hog in hogs { hog.close() }
            }
        }

        @Test func `the sessions of an account share the connections that the server gives it`() throws {
            let options = Stage.Options {
                $0.cluster = ["hold_timeout": "5s"]
                $0.limits = ["wait_timeout": "5s"]
                $0.lines = ["lanes: 1"]
            }
            try withStage(options) { stage in
                try stage.cluster.execute(
                    0,
                    """
                    CREATE USER rationed@'%' IDENTIFIED BY 'rationedpw' WITH MAX_USER_CONNECTIONS 1;
                    GRANT ALL ON app.* TO rationed@'%'
                    """)
                let login = stage.login.with {
                    $0.user = "rationed"
                    $0.password = "rationedpw"
                }
                let sessions = try (0..<3).map { _ in try MySQLSession(login) }
                for session in sessions + sessions {
                    #expect(session.error(of: "SELECT * FROM node_marker FOR UPDATE") == nil)
                }
                // The one connection is in a transaction: it is waited for, and the cause is named.
                try sessions[0].run("BEGIN", "SELECT * FROM node_marker FOR UPDATE")
                let failure = try #require(sessions[1].error(of: "SELECT * FROM node_marker FOR UPDATE"))
                #expect(failure.code == 9503 && failure.text.contains("max_user_connections"), "\(failure)")
                try sessions[0].run("COMMIT")
                #expect(sessions[1].error(of: "SELECT * FROM node_marker FOR UPDATE") == nil)
            }
        }

        /// Ends what the proxy has, in use or idle, to the primary.
        private func closeConnectionsToPrimary(_ stage: Stage) throws {
            try stage.killConnections(of: stage.cluster.appUser, on: 0)
            try eventually("the proxy's connections to the primary are closed") {
                let query = "SELECT COUNT(*) FROM connections WHERE node = '\(stage.cluster.nodes[0].address)'"
                return try stage.console().value(query) == "0"
            }
        }

        @Test func `a primary that is full does not hold a login or a schema change for ever`() throws {
            var options = Stage.Options {
                $0.cluster = ["hold_timeout": "1s"]
                $0.limits = ["wait_timeout": "1s"]
            }
            options.cluster.maximumConnections = 12
            try withStage(options) { stage in
                let login = stage.login.with {
                    $0.port = stage.proxy.ports.primary
                    $0.schema = nil
                    // Far longer than both timeouts: what is tried for ever is not answered in it.
                    $0.timeoutSeconds = 20
                }
                let session = try MySQLSession(login)
                try closeConnectionsToPrimary(stage)
                let hogs = (0..<20).compactMap { _ in try? stage.connectDirectly(0) }
                #expect(hogs.count < 20)
                let refused = #expect(throws: MySQLFailure.self) { try session.selectSchema("app") }
                #expect(refused?.code == 9503, "\(String(describing: refused))")
                // Nobody asked for this schema yet: the login asks the server.
                let refusedLogin = #expect(throws: MySQLFailure.self) {
                    _ = try MySQLSession(login.with { $0.schema = "other" })
                }
                #expect(refusedLogin?.code == 9503, "\(String(describing: refusedLogin))")
                for hog in hogs { hog.close() }
                try eventually("it works again") { (try? session.selectSchema("app")) != nil }
            }
        }

        @Test func `a refused server connection does not end the session`() throws {
            var options = Stage.Options { $0.cluster = ["hold_timeout": "2s"] }
            options.cluster.maximumConnections = 12
            try withStage(options) { stage in
                // The servers are full: what is over their limit gets their error or waits, and later works.
                let hogs = (0..<10).compactMap { _ in try? stage.connectDirectly(0) }
                let session = try stage.connect()
                let failure = session.error(of: "SELECT * FROM node_marker FOR UPDATE")
                for hog in hogs { hog.close() }
                if let failure { #expect([1040, 9503, 9501].contains(failure.code), "\(failure)") }
                try eventually("it works again") { session.error(of: "SELECT * FROM node_marker FOR UPDATE") == nil }
            }
        }
    }
}
