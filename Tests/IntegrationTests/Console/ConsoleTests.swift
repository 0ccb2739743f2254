// The console in SQL, asked by the stock client and by the library.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ConsoleTests {
        /// Runs a statement in the mariadb client and gives what it printed, one line per row.
        private func client(_ statement: String, _ options: String..., password: String? = nil) throws -> (
            status: Int32?, lines: [String]
        ) {
            let console = try Scene.stage.proxy.console
            let program = try #require(ChildProgram.find("mariadb") ?? ChildProgram.find("mysql"))
            let run = try ChildProgram.run(
                program,
                [
                    "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--port=\(console.port)",
                    "--user=\(console.user)",
                    "--password=\(password ?? console.password)",
                ] + options + ["-e", statement])
            return (run.end.status, run.output.split(separator: "\n").map(String.init))
        }

        @Test func `the stock client reads the routing table`() throws {
            let stage = try Scene.stage
            let result = try client(
                "SELECT node, role, state, reason, epoch FROM routing_table", "--batch", "--skip-column-names")
            #expect(result.status == 0, "\(result.lines)")
            let rows = result.lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
            #expect(rows.count == 3)
            #expect(rows.map { $0[1] }.sorted() == ["primary", "replica", "replica"])
            #expect(rows.allSatisfy { $0.count == 5 && $0[2] == "online" && !$0[3].isEmpty && $0[4] == "1" }, "\(rows)")
            #expect(Set(rows.map { $0[0] }) == Set(stage.cluster.nodes.map(\.address)))
        }

        @Test(arguments: [["--table"], ["--vertical"], ["--html"], ["--column-type-info"]])
        func `the stock client prints the console in all its ways`(options: [String]) throws {
            let result = try client("SHOW TABLES; SELECT * FROM routing_table", options[0])
            #expect(result.status == 0, "\(result.lines)")
            #expect(try client("status", options[0]).status == 0)
            #expect(result.lines.contains { $0.contains("routing_table") })
        }

        @Test func `the tables of the console`() throws {
            let console = try Scene.stage.console()
            let tables = Set(try console.rows("SHOW TABLES").compactMap { $0[0] })
            #expect(
                tables.isSuperset(of: ["routing_table", "routing_history", "nodes", "sessions", "connections", "pools"]
                ), "\(tables)")
            for table in tables { #expect(console.error(of: "SELECT * FROM \(table)") == nil, "\(table)") }
            let columns = try console.query("SELECT * FROM routing_table").columns.map(\.name)
            #expect(
                columns == [
                    "cluster", "node", "address", "zone", "role", "state", "reason", "since", "writes", "reads",
                    "weight", "epoch",
                    "gtid", "lag_ms", "latency_us", "in_flight", "connections", "server_version",
                ])
        }

        @Test func `tables can be joined, grouped and filtered`() throws {
            let console = try Scene.stage.console()
            let joined = try console.rows(
                """
                SELECT r.role, COUNT(*) AS n, COUNT(h.kind) FROM routing_table AS r
                    LEFT JOIN routing_history AS h ON h.node = r.node
                    GROUP BY r.role ORDER BY r.role
                """)
            #expect(joined.map { $0[0] } == ["primary", "replica"])
            #expect(
                try console.value("SELECT COUNT(*) FROM routing_table WHERE node LIKE '127.0.0.1:%' AND epoch >= 1")
                    == "3")
            #expect(try console.rows("SELECT 1 + 1 AS two, 'x' || 'y', NULL") == [["2", "xy", nil]])
        }

        @Test func `a client shows up in sessions, its connection in connections`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            _ = try session.marker()
            try session.run("BEGIN")
            let console = try stage.console()
            let sessions = try console.query("SELECT * FROM sessions")
            #expect(
                sessions.rows.contains { $0.contains("\(session.connectionID)") && $0.contains("app") }, "\(sessions)")
            #expect(try console.value("SELECT COUNT(*) > 0 FROM connections") == "1")
            #expect(try console.value("SELECT COUNT(*) > 0 FROM pools") == "1")
            session.close()
            try eventually("the session is gone") {
                try !console.rows("SELECT * FROM sessions").contains { $0.contains("\(session.connectionID)") }
            }
        }

        @Test func `EXPLAIN ROUTE says where a statement would go, and why`() throws {
            let console = try Scene.stage.console()
            func explain(_ statement: String) throws -> String {
                let rows = try console.rows("EXPLAIN ROUTE \(statement)")
                return rows.map { $0.compactMap { $0 }.joined(separator: "=") }.joined(separator: "\n")
            }
            let read = try explain("SELECT 1")
            #expect(read.contains("pure read"), "\(read)")
            let write = try explain("INSERT INTO t VALUES (1)")
            #expect(write.contains("not provably a pure read") || write.contains("primary"), "\(write)")
            #expect(read != write)
            let locking = try explain("SELECT * FROM t FOR UPDATE")
            #expect(locking.contains("FOR UPDATE") || locking.contains("lock"), "\(locking)")
            #expect(console.error(of: "EXPLAIN ROUTE") != nil)
        }

        @Test func `a wrong password and an application's account are refused`() throws {
            let stage = try Scene.stage
            for login in [
                stage.proxy.console.with { $0.password = "wrong" }, stage.proxy.console.with { $0.password = "" },
                stage.login.with { ($0.port, $0.schema) = (stage.proxy.ports.console, nil) },
            ] {
                let refusal = #expect(throws: MySQLFailure.self) { try MySQLSession(login) }
                #expect(refusal?.code == 1045)
            }
            #expect(try client("SELECT 1", password: "wrong").status == 1)
            // And the console's account is nobody on the other ports.
            let admin = stage.proxy.console.with { $0.port = stage.proxy.ports.split }
            #expect(throws: MySQLFailure.self) { try MySQLSession(admin) }
        }

        @Test func `mistakes are told and the session goes on`() throws {
            let console = try Scene.stage.console()
            for statement in [
                "SELECT * FROM missing", "SELEC 1", "SELECT nonsense FROM routing_table", "",
                "DELETE FROM routing_table",
                "UPDATE routing_table SET role = 'primary'", "DROP TABLE routing_table", "CREATE TABLE mine (id INT)",
                "ATTACH DATABASE '/tmp/x' AS x", "PRAGMA writable_schema = 1", "KILL 99999999", "DRAIN NODE nowhere",
                "EXPLAIN ROUTE",
            ] {
                #expect(console.error(of: statement) != nil, "\(statement)")
                #expect(try console.value("SELECT COUNT(*) FROM routing_table") == "3")
            }
        }

        @Test func `what clients ask on their own is answered`() throws {
            let console = try Scene.stage.console()
            for statement in [
                "SET NAMES utf8mb4", "SELECT @@version_comment LIMIT 1", "SELECT VERSION()", "SHOW VARIABLES",
                "SHOW DATABASES", "USE switchyard",
                "SHOW WARNINGS", "SET autocommit = 1", "SELECT DATABASE()", "SHOW SESSION STATUS",
                "SELECT CONNECTION_ID()", "SHOW CREATE TABLE routing_table",
                "DESCRIBE routing_table", "SHOW COLUMNS FROM routing_table", "SHOW FULL TABLES", "COMMIT",
            ] {
                let failure = console.error(of: statement)
                #expect(
                    failure == nil || statement == "USE switchyard", "\(statement): \(failure.map { "\($0)" } ?? "")")
            }
            try console.ping()
            #expect(throws: MySQLFailure.self) { try MySQLStatement(console, "SELECT 1") }
            #expect(try console.value("SELECT 1") == "1")
        }

        @Test func `many consoles at once while clients work`() throws {
            let stage = try Scene.stage
            let counts = try inParallel(6) { index -> Int in
                if index == 0 {
                    let session = try stage.connect()
                    return try (0..<200).count { _ in try session.marker() != nil }
                }
                let console = try stage.console()
                return try (0..<40).count { _ in try console.rows("SELECT * FROM routing_table JOIN pools").count >= 0 }
            }
            #expect(counts == [200, 40, 40, 40, 40, 40])
        }

        @Test func `DRAIN NODE takes a replica out of the reads, ENABLE NODE brings it back`() throws {
            let stage = try Scene.stage
            let console = try stage.console()
            try console.run("DRAIN NODE '\(stage.cluster.nodes[1].address)'")
            try stage.waitUntilReadsRun(on: [2])
            #expect(
                try console.value("SELECT state FROM routing_table WHERE node = '\(stage.cluster.nodes[1].address)'")
                    == "draining")
            try console.run("ENABLE NODE '\(stage.cluster.nodes[1].address)'")
            try stage.waitUntilReadsRun(on: [1, 2])
        }

        @Test func `metrics tells what sessions hold in memory, and what the process has`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("PREPARE held FROM 'SELECT 1 /* \(String(repeating: "x", count: 2_000)) */'")
            let console = try stage.console()
            func bytes(_ name: String) throws -> Int {
                try Int(console.value("SELECT SUM(value) FROM metrics WHERE name = 'memory_\(name)_bytes'") ?? "") ?? -1
            }
            #expect(try bytes("prepared_statements") >= 2_000)
            #expect(try bytes("session_states") >= "app".utf8.count)
            #expect(try bytes("resident") > 1_000_000)
            _ = session
        }

        @Test func `KILL ends a client's session`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            #expect(try session.value("SELECT 1") == "1")
            try stage.console().run("KILL \(session.connectionID)")
            try eventually("it is ended") { session.error(of: "SELECT 1")?.isLostConnection == true }
        }
    }
}
