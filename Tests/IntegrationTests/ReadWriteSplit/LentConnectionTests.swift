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
    }
}
