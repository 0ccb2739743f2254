// What the console tells of the statements that clients sent: digests, errors by their ids, and the log of slow ones.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.lines += ["log: {level: info, format: json, slow_query: 100ms}"] }) struct DigestTests {
        /// One row of `digests` by its text, with these columns.
        private func digest(_ text: String, _ columns: String, user: String? = nil) throws -> [String?]? {
            let stage = try Scene.stage
            return try stage.console().rows(
                "SELECT \(columns) FROM digests WHERE text = '\(text)' AND user = '\(user ?? stage.cluster.appUser)'"
            ).first
        }

        private func log(_ words: String...) throws -> String {
            let proxy = try Scene.stage.proxy
            return try eventually("the log has \(words)") {
                proxy.log.split(separator: "\n").first { line in words.allSatisfy { line.contains($0) } }.map(
                    String.init)
            }
        }

        @Test func `statements that differ in their literals are one digest, with rows, places and errors`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE TABLE digested (id INT PRIMARY KEY, name VARCHAR(20))")
            for id in 1...3 { try session.run("INSERT INTO digested VALUES (\(id), 'name \(id)')") }
            #expect(session.error(of: "INSERT INTO digested VALUES (1, 'again')")?.code == 1062)
            for id in 1...4 { _ = try session.rows("SELECT name FROM digested WHERE id <= \(id) ORDER BY id") }
            // On a replica or, while none is known to be up to date, on the primary.
            let read = try #require(
                try digest(
                    "SELECT name FROM digested WHERE id <= ? ORDER BY id",
                    "`schema`, count, rows, errors, on_primary + on_replicas, bytes > 0, p50_us > 0, max_us >= p50_us, digest"
                ))
            #expect(read.dropLast() == ["app", "4", "9", "0", "4", "1", "1", "1"])
            #expect(read.last??.count == 16)
            let write = try digest(
                "INSERT INTO digested VALUES (...)", "count, errors, affected_rows, on_primary, on_replicas")
            #expect(write == ["4", "1", "3", "4", "0"])
        }

        @Test func `a prepared statement counts by its text, and one that pins says so`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let statement = try MySQLStatement(session, "SELECT marker + ? FROM node_marker")
            for number: Int32 in 1...3 { _ = try statement.execute([.int(number)]) }
            try session.run(
                "PREPARE named FROM 'SELECT marker - ? FROM node_marker'", "SET @one = 1", "EXECUTE named USING @one",
                "CREATE TEMPORARY TABLE pinning (a INT)")
            #expect(try digest("SELECT marker + ? FROM node_marker", "count, rows") == ["3", "3"])
            #expect(try digest("SELECT marker - ? FROM node_marker", "count, rows") == ["1", "1"])
            #expect(try digest("CREATE TEMPORARY TABLE pinning(a INT)", "count, pins, on_primary") == ["1", "1", "1"])
            session.close()
        }

        @Test func `what the proxy answers itself ran nowhere`() throws {
            let session = try Scene.stage.connect()
            _ = try session.rows("SHOW SESSION VARIABLES LIKE 'switchyard_mode'")
            _ = try session.rows("SELECT @@switchyard_mode")
            #expect(try digest("SELECT @@switchyard_mode", "count, on_primary, on_replicas") == ["1", "0", "0"])
        }

        @Test func `digests are forgotten when an admin says so, and the log has it`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            _ = try session.rows("SELECT marker, 'forgotten' FROM node_marker")
            let text = "SELECT marker, ? FROM node_marker"
            #expect(try digest(text, "count") == ["1"])
            let console = try stage.console()
            try console.run("RESET DIGESTS")
            #expect(try digest(text, "count") == nil)
            _ = try session.rows("SELECT marker, 'again' FROM node_marker")
            #expect(try digest(text, "count") == ["1"])
            #expect(try log("console: digests reset").contains("admin@127.0.0.1"))
        }

        @Test func `the id in an error's message finds it in the console and in the log`() throws {
            let stage = try Scene.stage
            let session = try stage.connect { $0.port = stage.proxy.ports.replica }
            let error = try #require(session.error(of: "UPDATE node_marker SET marker = 5"))
            #expect(error.code == 1290)
            let id = try #require(error.text.split(separator: "[").last?.split(separator: "]").first)
            #expect(error.text.hasSuffix(" [\(id)]"))
            let console = try stage.console()
            let facts = Dictionary(
                uniqueKeysWithValues: try console.rows("SHOW ERROR '\(id)'").map { ($0[0] ?? "", $0[1]) })
            #expect(facts["cluster"] == "main" && facts["code"] == "1290" && facts["kind"] == "session")
            #expect(facts["user"] == stage.cluster.appUser && facts["session"] == "\(session.connectionID)")
            #expect(facts["statement"] == "UPDATE node_marker SET marker = ?")
            #expect(facts["next_step"]??.isEmpty == false)
            #expect(try console.rows("SHOW ERRORS").contains { $0[0] == String(id) })
            #expect(try log("error given to a client", "\"1290\"").contains("next_step"))
        }

        @Test func `a refused login is an error too, in the server's own words`() throws {
            let stage = try Scene.stage
            let failure = #expect(throws: MySQLFailure.self) { try stage.connect { $0.password = "wrong" } }
            #expect(failure?.code == 1045 && failure?.text.hasSuffix("(using password: YES)") == true)
            let found = try stage.console().rows(
                "SELECT kind, cluster, user, id FROM errors WHERE code = 1045 ORDER BY time DESC LIMIT 1")
            #expect(found.first?.prefix(3) == ["login", "main", stage.cluster.appUser])
            let id = try #require(found.first?[3])
            #expect(try log("login refused", id).contains("Access denied"))
        }

        @Test(.enabled(if: !TestServer.isMariaDB, "MariaDB has no attributes"))
        func `a slow execution has the trace of its own attribute`() throws {
            let stage = try Scene.stage
            let connection = try RawConnection(port: stage.proxy.ports.split)
            let login = try connection.logIn(
                user: "open", schema: "app", capabilities: .ordinary.union(.queryAttributes))
            #expect(login?.isOK == true)
            let traces = [
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b9-01",
            ]
            // PARAMETER_COUNT_AVAILABLE (8): a number, and the attribute, with their types as libmysqlclient sends them then.
            let names: [UInt8] = [8, 0, 0, 253, 0, 11] + Array("traceparent".utf8)
            let values = traces.map { [7, 0, 0, 0, 0, 0, 0, 0, UInt8($0.utf8.count)] + Array($0.utf8) }
            _ = try connection.answers(
                toPrepared: "SELECT SLEEP(0.3), ? + 0 FROM node_marker",
                values.map { [2, 0, 1] + names + $0 }, flags: 8)
            for trace in traces { #expect(try log("slow statement", trace).contains("SLEEP(?)")) }
        }

        @Test func `values are in the log where the settings ask for them, and secrets never`() throws {
            let options = Stage.Options(configure: { $0.lines += ["log: {slow_query: 1ms, literals: true}"] })
            try withStage(options) { stage in
                let session = try stage.connect()
                _ = try session.rows("SELECT SLEEP(0.1), 'a value'")
                _ = try session.rows("SELECT SLEEP(0.1), 'a value', 'hush' AS password")
                try eventually("both are in the log") {
                    let log = stage.proxy.log.lowercased()
                    return log.contains("select sleep(0.1), 'a value'") && log.contains("as password")
                }
                #expect(!stage.proxy.log.contains("hush"))
            }
        }

        @Test func `a slow statement is one line, with where and why, its trace, and no value`() throws {
            let session = try Scene.stage.connect()
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            _ = try session.rows("/* traceparent=\(trace) */ SELECT SLEEP(0.3), 'a secret' FROM node_marker")
            let line = try log("slow statement", "SELECT SLEEP(?), ? FROM node_marker")
            for word in [
                trace, "\"class\"", "\"reason\"", "\"node\"", "\"rows\":1,", "\"ran_on\"", "\"milliseconds\":",
            ] {
                #expect(line.contains(word), "\(word) in \(line)")
            }
            #expect(try !Scene.stage.proxy.log.contains("a secret"))
            let digest = try #require(try digest("SELECT SLEEP(?), ? FROM node_marker", "digest, max_us >= 300000"))
            #expect(line.contains(try #require(digest[0])) && digest[1] == "1")
        }
    }
}
