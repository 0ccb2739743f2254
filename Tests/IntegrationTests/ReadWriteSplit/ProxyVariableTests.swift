// Variables that a session has with the proxy itself.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ProxyVariableTests {
        @Test func `the mode of a session is read like a server's variable`() throws {
            let session = try Scene.stage.connect()
            let reply = try session.query("SELECT @@switchyard_mode, @@session.SWITCHYARD_MODE AS m LIMIT 1")
            #expect(reply.rows == [["split", "split"]])
            #expect(reply.columns.map(\.name) == ["@@switchyard_mode", "m"])
            #expect(try session.rows("SHOW VARIABLES LIKE 'switchyard_mo%'") == [["switchyard_mode", "split"]])
            #expect(try session.rows("SHOW GLOBAL VARIABLES LIKE 'switchyard%'").isEmpty)
        }

        @Test func `a session sends its reads to the primary, and back to replicas`() throws {
            let session = try Scene.stage.connect()
            #expect(try session.marker() ?? 0 > 0)
            try session.run("SET SESSION switchyard_mode = 'primary'")
            #expect(try session.value("SELECT @@switchyard_mode") == "primary")
            for _ in 0..<5 { #expect(try session.marker() == 0) }
            try session.run("SET @@switchyard_mode = DEFAULT")
            #expect(try session.marker() ?? 0 > 0)
        }

        @Test func `a session that goes to replicas only is refused its writes`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE moded (id INT PRIMARY KEY)")
            try session.run("INSERT INTO moded VALUES (1)")
            // Such a session waits for nothing.
            try Scene.stage.cluster.waitUntilReplicated()
            try session.run("SET switchyard_mode = replica")
            #expect(try session.marker() ?? 0 > 0)
            #expect(try session.value("SELECT COUNT(*) FROM moded") == "1")
            #expect(session.error(of: "INSERT INTO moded VALUES (2)") != nil)
            try session.run("SET switchyard_mode = 'split'")
            try session.run("INSERT INTO moded VALUES (2)")
            #expect(try session.value("SELECT COUNT(*) FROM moded") == "2")
        }

        @Test func `the mode stays as it is where something depends on it`() throws {
            let session = try Scene.stage.connect()
            try session.run("START TRANSACTION")
            #expect(session.error(of: "SET switchyard_mode = 'primary'")?.code == 1568)
            try session.run("ROLLBACK")
            try session.run("CREATE TEMPORARY TABLE held (id INT)", "INSERT INTO held VALUES (1)")
            #expect(session.error(of: "SET switchyard_mode = 'replica'")?.code == 1568)
            try session.run("SET switchyard_mode = 'primary'")
            #expect(try session.value("SELECT id FROM held") == "1")
        }

        @Test func `a reset and a change of user take the mode back`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("SET switchyard_mode = 'primary'")
            try session.reset()
            #expect(try session.value("SELECT @@switchyard_mode") == "split")
            #expect(try session.rows("SELECT marker FROM app.node_marker") != [["0"]])
            try session.run("SET switchyard_mode = 'replica'")
            try session.changeUser(stage.cluster.appUser, stage.cluster.appPassword, "app")
            #expect(try session.value("SELECT @@switchyard_mode") == "split")
            try session.run("CREATE OR REPLACE TABLE moded_again (id INT)")
        }

        @Test func `what no server could answer has an error that says why`() throws {
            let session = try Scene.stage.connect()
            for (statement, code) in [
                ("SET switchyard_mode = 'both'", 1231), ("SET switchyard_mode = 1", 1231),
                ("SET switchyard_mode = CONCAT('split')", 1231), ("SET switchyard_nothing = 1", 1193),
                ("SELECT @@switchyard_nothing", 1193), ("SET GLOBAL switchyard_mode = 'split'", 1228),
                ("SELECT @@global.switchyard_mode", 1238), ("SELECT @@switchyard_mode, 1", 1235),
                ("SET switchyard_mode = 'primary', sql_mode = ''", 1235),
                ("SELECT @@switchyard_mode FROM node_marker", 1235),
                ("SET switchyard_mode = 'primary', switchyard_nothing = 1", 1193),
            ] {
                #expect(session.error(of: statement).map { Int($0.code) } == code, "\(statement)")
            }
            #expect(try session.value("SELECT @@switchyard_mode") == "split")
        }
    }
}
