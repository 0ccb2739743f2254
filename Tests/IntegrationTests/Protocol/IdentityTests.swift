// Connection ids are the proxy's: who is there, who one is, and who is killed.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct IdentityTests {
        /// An account that may do everything.
        private func administrator(_ stage: Stage) throws -> MySQLSession {
            try stage.connect {
                $0.user = stage.cluster.rootUser
                $0.password = stage.cluster.rootPassword
            }
        }

        /// An account of another user, without privileges on all.
        private func stranger(_ stage: Stage) throws -> MySQLSession {
            try stage.connect {
                $0.user = "open"
                $0.password = ""
            }
        }

        // MARK: Who one is

        @Test func `CONNECTION_ID() is the id of the greeting, wherever it runs and whatever is around it`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let id = "\(session.connectionID)"
            for sql in [
                "SELECT CONNECTION_ID()", "SELECT CONNECTION_ID() AS x FROM node_marker", "SELECT @@pseudo_thread_id",
                "SELECT CONNECTION_ID() FOR UPDATE", "SELECT n FROM (SELECT CONNECTION_ID() AS n) AS t",
            ] {
                #expect(try session.value(sql) == id, "\(sql)")
            }
            try session.run(
                "CREATE OR REPLACE TABLE mine (id BIGINT)", "INSERT INTO mine VALUES (CONNECTION_ID())",
                "SET @me = CONNECTION_ID()")
            #expect(try session.value("SELECT id FROM mine WHERE id = CONNECTION_ID() AND id = @me") == id)
        }

        @Test func `columns made of CONNECTION_ID() are described as the server describes them`() throws {
            let stage = try Scene.stage
            let direct = try stage.connectDirectly()
            let proxied = try stage.connect()
            for sql in [
                "SELECT CONNECTION_ID()", "SELECT connection_id ( )", "SELECT 1, CONNECTION_ID() x",
                "SELECT @@pseudo_thread_id",
                "SELECT CONNECTION_ID() + 1", "SELECT CONCAT('a', CONNECTION_ID()) FROM node_marker",
                "SELECT (SELECT CONNECTION_ID())", "SELECT CONNECTION_ID() UNION SELECT 1",
            ] {
                #expect(try proxied.query(sql).columns == (try direct.query(sql).columns), "\(sql)")
            }
        }

        @Test func `the server's own view of connections fits itself`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = CONNECTION_ID()"
            #expect(try session.value(sql) == "1")
        }

        // MARK: Who is there

        @Test func `SHOW PROCESSLIST lists clients of the same user, or all to those who may see them`() throws {
            let stage = try Scene.stage
            let (first, second, other) = (try stage.connect(), try stage.connect(), try stranger(stage))
            let admin = try administrator(stage)
            try second.send("SELECT SLEEP(20), 'of the second'")
            try eventually("the statement runs") {
                try first.rows("SHOW FULL PROCESSLIST").contains {
                    $0[0] == "\(second.connectionID)" && $0[4] == "Query"
                        && $0[7] == "SELECT SLEEP(20), 'of the second'"
                        && $0[6]?.hasPrefix("on ") == true
                }
            }
            let own = try first.rows("SHOW PROCESSLIST")
            #expect(own.allSatisfy { $0[1] == "app" && $0[3] == "app" && $0[2]?.hasPrefix("127.0.0.1:") == true })
            #expect(own.contains { $0[0] == "\(first.connectionID)" && $0[7] == "SHOW PROCESSLIST" })
            #expect(try other.rows("SHOW PROCESSLIST").map { $0[0] } == ["\(other.connectionID)"])
            let all = Set(try admin.rows("SHOW PROCESSLIST").map { $0[0] })
            for session in [first, second, other, admin] { #expect(all.contains("\(session.connectionID)")) }
            try first.run("KILL \(second.connectionID)")
        }

        @Test(.enabled(if: TestServer.flavor != .mariaDBCurrent, "MariaDB 11.8 describes it in another collation"))
        func `the list is described as the server describes it`() throws {
            let stage = try Scene.stage
            let (direct, proxied) = (try stage.connectDirectly(), try stage.connect())
            for sql in ["SHOW PROCESSLIST", "SHOW FULL PROCESSLIST"] {
                let (columns, expected) = (try proxied.query(sql).columns, try direct.query(sql).columns)
                // The length of a full Info is twelve times the server's max_allowed_packet.
                let cut = sql.contains("FULL") ? [7] : []
                for index in expected.indices where !cut.contains(index) {
                    #expect(columns[index] == expected[index], "\(sql)")
                }
                #expect(columns.count == expected.count && columns[7].type == expected[7].type)
            }
            #expect(proxied.error(of: "SHOW PROCESSLIST LIKE 'x'") == direct.error(of: "SHOW PROCESSLIST LIKE 'x'"))
            try proxied.run("BEGIN", "SHOW PROCESSLIST", "ROLLBACK")
        }

        // MARK: KILL

        @Test func `KILL QUERY ends the statement, and the session goes on`() throws {
            let stage = try Scene.stage
            let (killer, victim) = (try stage.connect(), try stage.connect())
            for sql in ["SELECT SLEEP(30)", "SELECT SLEEP(30) FROM node_marker FOR UPDATE"] {
                try victim.send(sql)
                try waitUntilRuns(victim, sql, killer)
                try killer.run("KILL QUERY \(victim.connectionID)")
                // MySQL's SLEEP, interrupted, returns 1.
                let rows = Result { try victim.receiveRowCount() }
                if TestServer.isMariaDB { #expect(throws: MySQLFailure.self) { try rows.get() } }
                #expect(try victim.value("SELECT 'alive'") == "alive")
            }
            // Nothing runs: nothing happens.
            try killer.run("KILL QUERY \(victim.connectionID)")
            if TestServer.isMariaDB { try killer.run("KILL SOFT QUERY \(victim.connectionID)") }
            #expect(try victim.value("SELECT 'alive'") == "alive")
        }

        @Test func `KILL ends the session, idle or at work`() throws {
            let stage = try Scene.stage
            let killer = try stage.connect()
            let idle = try stage.connect()
            try idle.run("BEGIN", "UPDATE node_marker SET marker = marker")
            try killer.run("KILL \(idle.connectionID)")
            #expect([2006, 2013].contains(idle.error(of: "SELECT 1")?.code))
            let busy = try stage.connect()
            try busy.send("SELECT SLEEP(60)")
            try waitUntilRuns(busy, "SELECT SLEEP(60)", killer)
            try killer.run("KILL \(TestServer.isMariaDB ? "HARD " : "")CONNECTION \(busy.connectionID)")
            #expect(throws: MySQLFailure.self) { try busy.receiveRowCount() }
            try eventually("the server's threads are free of it") {
                try stage.cluster.nodes.allSatisfy {
                    try stage.cluster.execute(
                        $0.index,
                        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(60)'")
                        == [["0"]]
                }
            }
        }

        @Test func `one can kill oneself, as on a server`() throws {
            let stage = try Scene.stage
            for sql in ["KILL QUERY CONNECTION_ID()", "KILL CONNECTION_ID()", "KILL USER CURRENT_USER"] {
                let (direct, proxied) = (try stage.connectDirectly(), try stage.connect())
                #expect(proxied.error(of: sql)?.code == direct.error(of: sql)?.code, "\(sql)")
                #expect(proxied.error(of: "DO 1")?.code == direct.error(of: "DO 1")?.code, "after \(sql)")
            }
            let session = try stage.connect()
            #expect(session.error(of: "KILL \(session.connectionID)")?.code == (TestServer.isMariaDB ? 1927 : 1317))
        }

        @Test func `others' sessions are killed by those who may`() throws {
            let stage = try Scene.stage
            let (session, other, admin) = (try stage.connect(), try stranger(stage), try administrator(stage))
            #expect(session.error(of: "KILL \(other.connectionID)")?.code == 1095)
            #expect(session.error(of: "KILL QUERY \(admin.connectionID)")?.code == 1095)
            #expect(session.error(of: "KILL USER open")?.code == (TestServer.isMariaDB ? 1095 : 1064))
            #expect(try other.value("SELECT 1") == "1")
            #expect(session.error(of: "KILL 4000000000")?.code == 1094)
            #expect(session.error(of: "KILL 4000000000")?.text.contains("Switchyard") == true)
            if TestServer.isMariaDB {
                #expect(try admin.query("KILL USER nobody").affectedRows == 0)
                #expect(try admin.query("KILL USER open").affectedRows == 1)
                #expect(other.error(of: "SELECT 1") != nil)
            }
            let another = try stranger(stage)
            try admin.run("KILL \(another.connectionID)")
            #expect(another.error(of: "SELECT 1") != nil)
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL 9 has withdrawn both commands"))
        func `COM_PROCESS_KILL and COM_PROCESS_INFO speak of the proxy's ids`() throws {
            let stage = try Scene.stage
            let connection = try RawConnection(port: stage.proxy.ports.split)
            #expect(try connection.logIn(user: "open", schema: "app")?.isOK == true)
            let victim = try stranger(stage)
            let id = (0..<4).map { UInt8(truncatingIfNeeded: victim.connectionID >> (8 * $0)) }
            connection.send(RawPacket([0x0c] + id))
            #expect(try connection.receivePacket()?.isOK == true)
            connection.send(RawPacket([0x0c] + id))
            #expect(try connection.receivePacket()?.errorCode == 1094)
            #expect(victim.error(of: "SELECT 1") != nil)
            connection.send(RawPacket([0x0a]))
            #expect(try connection.receivePacket()?.payload == [9])
        }

        @Test func `what a server would take for its own id is refused`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            for sql in ["KILL 1 + 1", "KILL @x", "KILL (SELECT 3)", "KILL QUERY '5'"] {
                #expect(session.error(of: sql)?.code == 1235, "\(sql)")
            }
            #expect(session.error(of: "KILL QUERY ID 5")?.code == (TestServer.isMariaDB ? 1957 : 1064))
            #expect(session.error(of: "KILL") == (try stage.connectDirectly().error(of: "KILL")))
        }

        // MARK: Races

        @Test func `a statement that ends just as it is killed takes no other session with it`() throws {
            let stage = try Scene.stage
            let killer = try stage.connect()
            // The innocent run on whatever connections the victims leave behind.
            let isDone = Signal()
            defer { isDone.raise() }
            let innocent = (0..<3).map { _ in
                Background { () throws -> [String] in
                    var errors: [String] = []
                    while !isDone.isRaised {
                        let session = try stage.connect()
                        for _ in 0..<5 {
                            if let error = session.error(of: "SELECT SLEEP(0.001)") { errors.append("\(error)") }
                            if let error = session.error(of: "SELECT 1 FOR UPDATE") { errors.append("\(error)") }
                        }
                    }
                    return errors
                }
            }
            var interrupted = 0
            for round in 0..<150 {
                let victim = try stage.connect()
                try victim.send("SELECT SLEEP(0.00\(round % 6))")
                if round % 3 == 0 {
                    try killer.run("KILL \(victim.connectionID)")
                } else {
                    try killer.run("KILL QUERY \(victim.connectionID)")
                }
                do { _ = try victim.receiveRowCount() } catch { interrupted += 1 }
            }
            isDone.raise()
            for errors in try innocent.map({ try $0.value() }) { #expect(errors == []) }
            // On a slow machine many end before.
            #expect(interrupted >= 10, "those that were killed hear of it")
        }

        private func waitUntilRuns(_ session: MySQLSession, _ sql: String, _ watcher: MySQLSession) throws {
            try eventually("\(sql) runs") {
                try watcher.rows("SHOW FULL PROCESSLIST").contains {
                    $0[0] == "\(session.connectionID)" && $0[7] == sql && $0[6]?.hasPrefix("on ") == true
                }
            }
        }
    }
}
