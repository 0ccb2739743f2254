// Settings changed while clients are served: by SET and APPLY, by RELOAD, by SIGHUP, and back.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct LiveSettingsTests {
        private func withScene(
            replicas: Int = 0, _ change: @escaping @Sendable (inout ProxyConfiguration) -> Void = { _ in },
            _ body: (Stage, MySQLSession, ProxyConfiguration) throws -> Void
        ) throws {
            var options = Stage.Options(configure: change)
            options.cluster.replicas = replicas
            try withStage(options) { stage in
                var configuration = ProxyConfiguration(stage.cluster)
                change(&configuration)
                try body(stage, try stage.console(), configuration)
            }
        }

        /// The one value of a setting in force.
        private func value(_ path: String, _ console: MySQLSession) throws -> String? {
            try console.value("SELECT value FROM settings WHERE path = '\(path)'")
        }

        private func paths(_ reply: [[String?]]) -> [String] { reply.compactMap { $0[0] } }

        @Test func `SET and APPLY of hold_timeout count for statements that come then, in sessions that are there`()
            throws
        {
            try withScene({ $0.cluster["hold_timeout"] = "60s" }) { stage, console, _ in
                let session = try stage.connect()
                try session.run("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)")
                _ = try console.query("SET clusters[main].hold_timeout = 200ms")
                #expect(try value("clusters[main].hold_timeout", console) == "1m")
                #expect(paths(try console.rows("SHOW SETTINGS DIFF")) == ["clusters[main].hold_timeout"])
                #expect(paths(try console.rows("APPLY")) == ["clusters[main].hold_timeout"])
                #expect(try value("clusters[main].hold_timeout", console) == "200ms")
                #expect(try console.rows("SHOW SETTINGS DIFF").isEmpty)
                try stage.cluster.executeLocally(0, "SET GLOBAL read_only = 1")
                // With 60 s, this would take longer than the test may.
                try eventually("a write is refused because nobody may be written to") {
                    session.error(of: "INSERT INTO t VALUES (2)")?.code == 9501
                }
                try stage.cluster.executeLocally(0, "SET GLOBAL read_only = 0")
                try eventually("writes go on") { session.error(of: "INSERT INTO t VALUES (3)") == nil }
                let history = try console.rows(
                    "SELECT version, origin, user, path, old, new FROM settings_history WHERE path IS NOT NULL")
                #expect(
                    history == [
                        ["2", "apply", "admin@127.0.0.1", "clusters[main].hold_timeout", "1m", "200ms"]
                    ])
            }
        }

        @Test func `a user who is added by RELOAD can log in at once, and one who is gone cannot any more`() throws {
            let users: @Sendable (inout ProxyConfiguration) -> Void = { $0.users = [("app", "apppw")] }
            try withScene(users) { stage, console, configuration in
                try stage.cluster.execute(
                    0, "CREATE USER 'late'@'%' IDENTIFIED BY 'latepw'; GRANT ALL PRIVILEGES ON app.* TO 'late'@'%'")
                let late = stage.login.with {
                    $0.user = "late"
                    $0.password = "latepw"
                }
                #expect(throws: MySQLFailure.self) { try MySQLSession(late) }
                let present = try stage.connect()
                try stage.proxy.write(
                    configuration.with { $0.users = [("app", "apppw"), ("late", "latepw")] })
                #expect(paths(try console.rows("RELOAD")) == ["users[late]"])
                #expect(try MySQLSession(late).value("SELECT 1") == "1")
                try stage.proxy.write(configuration.with { $0.users = [("late", "latepw")] })
                #expect(paths(try console.rows("RELOAD")) == ["users[app]"])
                #expect(throws: MySQLFailure.self) { try stage.connect() }
                #expect(try present.value("SELECT 2") == "2")
            }
        }

        @Test func `a bad file changes nothing and says why, at the console and in the log`() throws {
            try withScene { stage, console, configuration in
                let before = try console.rows("SELECT path, value FROM settings")
                let text = configuration.with { $0.limits = ["clients": "17"] }.yaml(stage.proxy.ports)
                try stage.proxy.write(text + "limts: {clients: 5}\n")
                let line = text.split(separator: "\n", omittingEmptySubsequences: false).count
                let why = "\(stage.proxy.settingsFile):\(line): unknown key 'limts'; did you mean 'limits'?"
                #expect(console.error(of: "RELOAD")?.text.contains(why) == true)
                stage.proxy.signal(SIGHUP)
                try eventually("the signal's refusal is in the log") {
                    stage.proxy.log.contains("settings not changed: ") && stage.proxy.log.contains("origin=signal")
                }
                #expect(stage.proxy.log.contains("did you mean 'limits'?"))
                #expect(try console.rows("SELECT path, value FROM settings") == before)
                #expect(try stage.connect().value("SELECT 1") == "1")
                let refused = try console.rows("SELECT origin, user FROM settings_history WHERE refusal IS NOT NULL")
                #expect(refused == [["reload", "admin@127.0.0.1"], ["signal", nil]])
            }
        }

        @Test func `a monitor account that no node takes is refused before it ends all traffic`() throws {
            try withScene(replicas: 1) { stage, console, _ in
                let session = try stage.connect()
                try eventually("the replica is watched") {
                    try console.value("SELECT COUNT(*) FROM routing_table WHERE state = 'online'") == "2"
                }
                for setting in ["monitor.password = 'wrong'", "monitor.user = 'nobody'"] {
                    _ = try console.query("SET clusters[main].\(setting)")
                    let refusal = try #require(console.error(of: "APPLY"))
                    #expect(refusal.code == 1231 && refusal.text.contains("could not be watched so"), "\(refusal.text)")
                    try console.run("DISCARD SETTINGS")
                }
                #expect(try session.value("SELECT 1 FOR UPDATE") == "1")
                #expect(try console.value("SELECT COUNT(*) FROM routing_table WHERE state = 'online'") == "2")
                // Servers first, then the proxy: so it is changed without a gap.
                try stage.cluster.execute(0, "ALTER USER monitor@'%' IDENTIFIED BY 'changed'")
                _ = try console.query("SET clusters[main].monitor.password = 'changed'")
                try eventually("the replica has it too") { console.error(of: "APPLY") == nil }
                #expect(try session.value("SELECT 2 FOR UPDATE") == "2")
            }
        }

        @Test func `SIGHUP does what RELOAD does`() throws {
            try withScene { stage, console, configuration in
                try stage.proxy.write(
                    configuration.with {
                        $0.limits = ["clients": "1"]
                        $0.lines = ["log: {level: warning, format: json}"]
                    })
                stage.proxy.signal(SIGHUP)
                try eventually("the limit is in force") { try value("limits.clients", console) == "1" }
                #expect(try value("log.level", console) == "warning")
                let first = try eventually("there is a place for one") { try? stage.connect() }
                let refused = #expect(throws: MySQLFailure.self) { try stage.connect() }
                #expect(refused?.code == 1040)
                #expect(try first.value("SELECT 1") == "1")
                #expect(
                    try console.value("SELECT DISTINCT origin FROM settings_history WHERE path = 'limits.clients'")
                        == "signal")
            }
        }

        @Test func `ROLLBACK puts an earlier version in force`() throws {
            try withScene { stage, console, configuration in
                try console.run("SET listeners[split].max_lag = 7s", "APPLY", "SET limits.idle_timeout = 1m", "APPLY")
                #expect(try value("limits.idle_timeout", console) == "1m")
                #expect(paths(try console.rows("SHOW SETTINGS DIFF 1")).count == 2)
                #expect(paths(try console.rows("ROLLBACK 2")) == ["limits.idle_timeout"])
                #expect(try value("limits.idle_timeout", console) == "8h")
                #expect(try value("listeners[split].max_lag", console) == "7s")
                // What the console said then is said again, and goes before the file.
                try stage.proxy.write(configuration.with { $0.listener = ["max_lag": "9s"] })
                let reloaded = try console.rows("RELOAD")
                #expect(reloaded.map { $0[0] } == ["listeners[split].max_lag"])
                #expect(reloaded[0][3]?.contains("goes before the file's") == true)
                #expect(try value("listeners[split].max_lag", console) == "7s")
                try console.run("SET listeners[split].max_lag = DEFAULT", "APPLY")
                #expect(try value("listeners[split].max_lag", console) == "9s")
            }
        }

        @Test func `what needs a restart is refused, whoever asks, and nothing of the rest is taken`() throws {
            try withScene { stage, console, configuration in
                #expect(console.error(of: "SET lanes = 1")?.text.contains("needs a restart") == true)
                try stage.proxy.write(
                    configuration.with {
                        $0.lines = ["lanes: 1"]
                        $0.limits = ["clients": "17"]
                    })
                #expect(console.error(of: "RELOAD")?.text.contains("lanes: auto → 1 needs a restart") == true)
                #expect(try value("limits.clients", console) != "17")
                #expect(try console.value("SELECT needs_restart FROM settings WHERE path = 'lanes'") == "yes")
            }
        }

        @Test func `listeners come, and those that go drain their sessions`() throws {
            try withScene { stage, console, configuration in
                let port = LocalCluster.freePort()
                try console.run(
                    "SET listeners[late] = {bind: '127.0.0.1:\(port)', cluster: main, mode: primary}", "APPLY")
                let login = stage.login.with { $0.port = port }
                let idle = try MySQLSession(login)
                let busy = try MySQLSession(login)
                try busy.run("CREATE TABLE drained (a INT)", "BEGIN", "INSERT INTO drained VALUES (1)")
                try console.run("SET listeners[late] = NULL", "APPLY")
                #expect(throws: MySQLFailure.self) { try MySQLSession(login) }
                try eventually("the idle session ends") { idle.error(of: "SELECT 1") != nil }
                try busy.run("INSERT INTO drained VALUES (2)", "COMMIT")
                try eventually("the other ends after its transaction") { busy.error(of: "SELECT 1") != nil }
                let other = try stage.connect()
                #expect(try other.value("SELECT COUNT(*) FROM drained") == "2")
            }
        }

        @Test func `an address that is taken refuses the whole change`() throws {
            try withScene { stage, console, _ in
                try console.run(
                    "SET listeners[late] = {bind: '127.0.0.1:\(stage.cluster.nodes[0].port)', cluster: main}, "
                        + "limits.clients = 17")
                #expect(console.error(of: "APPLY")?.text.contains("cannot listen on") == true)
                #expect(try value("limits.clients", console) != "17")
                #expect(try value("listeners[late].bind", console) == nil)
                #expect(try console.value("SELECT pending FROM settings WHERE path = 'limits.clients'") == "17")
            }
        }

        @Test func `a node comes, and weights count at once`() throws {
            let alone: @Sendable (inout ProxyConfiguration) -> Void = { $0.cluster["discover"] = "false" }
            var options = Stage.Options()
            options.cluster.replicas = 1
            try withStage(options) { stage in
                let proxy = try ProxyProcess(ProxyConfiguration(stage.cluster).with(alone))
                defer { proxy.kill() }
                let console = try eventually("the console answers") { try? MySQLSession(proxy.console) }
                try eventually("the primary is known") {
                    try console.value("SELECT COUNT(*) FROM routing_table WHERE role = 'primary'") == "1"
                }
                let replica = stage.cluster.nodes[1].address
                try console.run("SET clusters[main].nodes[\(replica)].weight = 7", "APPLY")
                try eventually("the replica serves reads") {
                    try console.rows("SELECT node, weight FROM routing_table WHERE reads = 'yes' AND role = 'replica'")
                        == [[replica, "7"]]
                }
                try console.run("SET clusters[main].nodes[\(replica)].weight = 9", "APPLY")
                try eventually("the weight is another") {
                    try console.value("SELECT weight FROM routing_table WHERE role = 'replica'") == "9"
                }
                #expect(
                    try console.value("SELECT COUNT(*) FROM routing_history WHERE kind = 'node_added'") == "1")
                #expect(
                    console.error(of: "SET clusters[main].nodes[\(replica)] = NULL")?.text.contains("needs a restart")
                        == true)
            }
        }

        @Test func `a user of the console is added by the console`() throws {
            try withScene { stage, console, _ in
                try console.run("SET console.users[second].password = 'second secret'", "APPLY")
                let second = stage.proxy.console.with {
                    $0.user = "second"
                    $0.password = "second secret"
                }
                #expect(try MySQLSession(second).value("SELECT 1") == "1")
                #expect(!stage.proxy.log.contains("second secret"))
                let rows = try console.rows("SELECT * FROM settings_history")
                #expect(!rows.joined().contains("second secret"))
            }
        }
    }
}
