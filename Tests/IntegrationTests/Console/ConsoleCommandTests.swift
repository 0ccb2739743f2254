// The program's own commands that ask a running proxy: sql, status, explain, top.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.consoleAccounts = ["{name: viewer, password: seen, role: read_only}"] })
    struct ConsoleCommandTests {
        private static let variable = "SWITCHYARD_CONSOLE_PASSWORD"

        /// Runs the program with the settings file of the stage's proxy.
        private func run(
            _ arguments: String..., input: String? = nil
        ) throws -> (status: Int32?, output: String) {
            let run = try ChildProgram.run(
                try ProxyProcess.binary(), arguments + ["--config", try Scene.stage.proxy.settingsFile], input: input)
            return (run.end.status, run.output)
        }

        /// Runs it with nothing but a port and what the environment says.
        private func runAlone(
            _ arguments: String..., password: String?, port: UInt16? = nil
        ) throws -> (status: Int32?, output: String) {
            let run = try ChildProgram.run(
                try ProxyProcess.binary(), arguments + ["--port", "\(try port ?? Scene.stage.proxy.ports.console)"],
                environment: password.map { [Self.variable: $0] } ?? [:])
            return (run.end.status, run.output)
        }

        @Test func `statements are answered as tables`() throws {
            let ran = try run("sql", "SELECT cluster, gate, NULL AS n FROM clusters; SELECT 1 AS one")
            #expect(ran.status == 0)
            #expect(
                ran.output == """
                    +---------+------+------+
                    | cluster | gate | n    |
                    +---------+------+------+
                    | main    | open | NULL |
                    +---------+------+------+
                    +-----+
                    | one |
                    +-----+
                    |   1 |
                    +-----+

                    """, "\(ran.output)")
        }

        @Test func `statements are answered for programs`() throws {
            let statement = "SELECT cluster, epoch, 1.5 AS r, NULL AS n, char(27) || '[2J' AS t, '' AS e FROM clusters"
            let json = try run("sql", "--format", "json", statement)
            let rows = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]], "\(json.output)")
            #expect(rows.count == 1 && rows[0]["epoch"] as? Int == 1 && rows[0]["r"] as? Double == 1.5)
            #expect(rows[0]["n"] is NSNull && rows[0]["t"] as? String == "\u{1B}[2J")
            #expect(try run("sql", "-f", "csv", statement).output.hasPrefix("cluster,epoch,r,n,t,e\r\nmain,1,1.5,,"))
            #expect(
                try run("sql", "-f", "tsv", statement).output.hasPrefix(
                    "cluster\tepoch\tr\tn\tt\te\nmain\t1\t1.5\t\\N\t"))
            #expect(try run("sql", "-f", "vertical", statement).output.contains("\n      t: \\u{1b}[2J\n"))
        }

        @Test func `statements come from standard input, and stop at one that fails`() throws {
            let ran = try run("sql", "-f", "csv", "-", input: "SELECT 1 AS a;\nSELEC 2; SELECT 3")
            #expect(ran.status == 1)
            #expect(ran.output.contains("a\r\n1\r\n") && !ran.output.contains("3\r\n"), "\(ran.output)")
            #expect(ran.output.contains("ERROR 1064 (42000)"), "\(ran.output)")
        }

        @Test func `a result of many rows is printed whole`() throws {
            let statement = """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                SELECT i, 'some text to make it longer' AS t FROM n
                """
            let lines = try run("sql", "-f", "tsv", statement).output.split(separator: "\n")
            #expect(lines.count == 50_001 && lines.last == "50000\tsome text to make it longer")
        }

        @Test func `who cannot log in, or finds nobody, gets 3, and who asks for nothing 2`() throws {
            let right = ProxyConfiguration.console.password
            #expect(try runAlone("sql", "SELECT 1", password: right).status == 0)
            #expect(try runAlone("sql", "--tls", "SELECT 1", password: right).status == 0)
            let wrong = try runAlone("sql", "SELECT 1", password: "wrong")
            #expect(wrong.status == 3 && wrong.output.contains("ERROR 1045"), "\(wrong.output)")
            #expect(try runAlone("sql", "SELECT 1", password: nil).status == 3)
            let nobody = try runAlone("sql", "SELECT 1", password: right, port: LocalCluster.freePort())
            #expect(nobody.status == 3 && nobody.output.contains("127.0.0.1"), "\(nobody.output)")
            for wrong in [
                ["sql", ""], ["sql", "--formt", "x"], ["sql", "-f", "xml", "SELECT 1"], ["top", "--interval", "0"],
            ] {
                let end = try ChildProgram.run(try ProxyProcess.binary(), wrong).end
                #expect(end == .exit(2), "\(wrong)")
            }
        }

        @Test func `the password of another account comes from its file`() throws {
            let folder = try ScratchFolder()
            let file = try folder.write("password", "seen\n")
            let ran = try runAlone(
                "sql", "--user", "viewer", "--password-file", file, "SELECT USER() AS u", password: nil)
            #expect(ran.status == 0 && ran.output.contains("viewer@"), "\(ran.output)")
        }

        @Test func `a read-only account asks, and changes nothing`() throws {
            let stage = try Scene.stage
            let viewer = try MySQLSession(
                stage.proxy.console.with {
                    $0.user = "viewer"
                    $0.password = "seen"
                })
            #expect(try viewer.value("SELECT COUNT(*) FROM routing_table") == "3")
            #expect(viewer.error(of: "SET autocommit = 1") == nil)
            for statement in ["PAUSE CLUSTER main", "RELOAD", "SET limits.clients = 7", "APPLY", "KILL 1"] {
                let error = try #require(viewer.error(of: statement), "\(statement)")
                #expect(error.code == 1227 && error.sqlState == "42000", "\(statement): \(error)")
            }
            #expect(try viewer.value("SELECT gate FROM clusters") == "open")
            let secrets = try viewer.rows("SELECT value FROM settings WHERE path LIKE '%password%'")
            #expect(!secrets.isEmpty && secrets.allSatisfy { $0 == ["(hidden)"] }, "\(secrets)")
            let ran = try run("sql", "--user", "viewer", "DRAIN NODE x")
            #expect(ran.status == 1 && ran.output.contains("ERROR 1227 (42000): Access denied"), "\(ran.output)")
        }

        @Test func `a role that is changed counts for sessions that are open`() throws {
            let stage = try Scene.stage
            let viewer = try MySQLSession(
                stage.proxy.console.with {
                    $0.user = "viewer"
                    $0.password = "seen"
                })
            let admin = try stage.console()
            #expect(viewer.error(of: "RESET DIGESTS")?.code == 1227)
            defer { _ = try? admin.run("SET console.users[viewer].role = DEFAULT", "APPLY") }
            try admin.run("SET console.users[viewer].role = admin", "APPLY")
            #expect(viewer.error(of: "RESET DIGESTS") == nil)
            try admin.run("SET console.users[viewer].role = read_only", "APPLY")
            #expect(viewer.error(of: "RESET DIGESTS")?.code == 1227)
        }

        @Test func `a route is explained`() throws {
            let read = try run("explain", "--for", "app", "--schema", "app", "SELECT marker FROM node_marker")
            #expect(read.status == 0 && read.output.hasPrefix("runs on: one of 2 replicas"), "\(read.output)")
            #expect(read.output.contains("\nnodes:\n") && read.output.contains("schema"))
            let primary = try Scene.stage.cluster.primaryNode.address
            #expect(try run("explain", "DELETE FROM app.t").output.hasPrefix("runs on: \(primary)\n"))
            #expect(try run("explain", "--cluster", "other", "SELECT 1").status == 1)
        }

        @Test func `top prints frames where there is no terminal`() throws {
            let ran = try run("top", "--iterations", "2", "--interval", "1")
            #expect(ran.status == 0)
            let frames = ran.output.split(separator: "switchyard top: ")
            #expect(frames.count == 2, "\(ran.output)")
            for frame in frames {
                for word in ["main: open, primary", "NODE", "replica", "CALLS/S", "SESSION"] {
                    #expect(frame.contains(word), "\(word) in \(frame)")
                }
            }
            #expect(try runAlone("top", "--iterations", "1", password: "wrong").status == 3)
        }
    }

    @Suite struct StatusCommandTests {
        private func status(_ stage: Stage, _ arguments: String...) throws -> (status: Int32?, output: String) {
            let run = try ChildProgram.run(
                try ProxyProcess.binary(), ["status", "--config", stage.proxy.settingsFile] + arguments)
            return (run.end.status, run.output)
        }

        @Test func `the exit code tells how clusters do, from well to gone`() throws {
            try withStage { stage in
                let primary = stage.cluster.primaryNode.address
                try eventually("all is well") { try status(stage, "--short").status == 0 }
                let well = try status(stage)
                #expect(
                    well.output.hasPrefix("ok: ") && well.output.contains("primary \(primary) since "), "\(well.output)"
                )
                let json = try status(stage, "--format", "json")
                let read = try #require(
                    try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any], "\(json.output)")
                let clusters = try #require(read["clusters"] as? [[String: Any]])
                #expect(read["state"] as? String == "ok" && clusters.map { $0["primary"] as? String } == [primary])

                try stage.console().run("PAUSE CLUSTER main")
                let paused = try status(stage, "--short")
                #expect(paused.status == 1 && paused.output.hasPrefix("SWITCHYARD WARNING - cluster main: paused"))
                try stage.console().run("RESUME CLUSTER main")

                stage.cluster.kill(0)
                try eventually("the primary is missed") { try status(stage).status == 2 }
                #expect(try status(stage, "--short").output.hasPrefix("SWITCHYARD CRITICAL - cluster main: no primary"))

                stage.proxy.kill()
                // Its folder went with it.
                let gone = try ChildProgram.run(
                    try ProxyProcess.binary(), ["status", "--short", "--port", "\(stage.proxy.ports.console)"])
                #expect(gone.end == .exit(3) && gone.output.hasPrefix("SWITCHYARD UNKNOWN - "), "\(gone.output)")
            }
        }
    }
}
