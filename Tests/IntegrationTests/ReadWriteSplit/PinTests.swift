// What holds a session to its connection is shown with its statement, and lets go when it is gone.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct PinTests {
        private struct Pin: Equatable {
            let reason: String
            let statement: String
            let rule: String
        }

        private func pins(_ session: MySQLSession) throws -> [Pin] {
            let rows = try Scene.stage.console().rows(
                "SELECT reason, statement, release_rule FROM pins WHERE session = \(session.connectionID) "
                    + "AND since > '2020-01-01' ORDER BY reason")
            return rows.map { Pin(reason: $0[0] ?? "", statement: $0[1] ?? "", rule: $0[2] ?? "") }
        }

        private func readsOnReplica(_ session: MySQLSession) throws {
            try eventually("reads run on a replica again") { try session.marker() != 0 }
        }

        @Test func `temporary tables hold by name`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE TEMPORARY TABLE held (id INT)", "CREATE TEMPORARY TABLE app.other_held LIKE held")
            #expect(try session.marker() == 0)
            #expect(
                try pins(session) == [
                    Pin(
                        reason: "temporary table", statement: "CREATE TEMPORARY TABLE held (id INT)",
                        rule: "DROP TEMPORARY TABLE app.held, app.other_held")
                ])
            try session.run("DROP TABLE held")
            #expect(try session.marker() == 0)
            try session.run("ALTER TABLE other_held RENAME TO renamed_held")
            #expect(session.error(of: "DROP TABLE other_held")?.code == 1051)
            #expect(try session.marker() == 0)
            try session.run("DROP TEMPORARY TABLE IF EXISTS renamed_held")
            try readsOnReplica(session)
            #expect(try pins(session) == [])
        }

        @Test func `user locks hold by name and count`() throws {
            let session = try Scene.stage.connect()
            try session.run("SELECT GET_LOCK('pin a', 1)", "SELECT GET_LOCK('PIN A', 1)", "DO GET_LOCK('pin b', 1)")
            #expect(
                try pins(session).map(\.rule) == [
                    "RELEASE_LOCK('pin a') 2 times, RELEASE_LOCK('pin b'), or RELEASE_ALL_LOCKS()"
                ])
            try session.run("SELECT RELEASE_LOCK('pin a')", "SELECT RELEASE_LOCK('pin b')")
            #expect(try pins(session).map(\.reason) == ["GET_LOCK"])
            try session.run("SELECT RELEASE_LOCK('pin a')")
            #expect(try pins(session) == [])
            try session.run("SELECT GET_LOCK(CONCAT('pin', 'c'), 1)", "SELECT RELEASE_LOCK('pinc')")
            #expect(try pins(session).map(\.reason) == ["GET_LOCK"])
            try session.run("SELECT RELEASE_ALL_LOCKS()")
            #expect(try pins(session) == [])
        }

        @Test func `handlers and table locks hold until they are closed`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE pinned (id INT)", "HANDLER pinned OPEN AS h")
            #expect(try pins(session).map(\.rule) == ["HANDLER … CLOSE of h"])
            try session.run("HANDLER h CLOSE")
            #expect(try pins(session) == [])
            try session.run("LOCK TABLES pinned WRITE, node_marker READ")
            #expect(try pins(session).map(\.reason) == ["LOCK TABLES"])
            #expect(try session.marker() == 0)
            try session.run("UNLOCK TABLES")
            try readsOnReplica(session)
        }

        @Test func `what a trigger makes holds, though no text tells it`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE watched (id INT)")
            try stage.cluster.execute(
                0, "CREATE TRIGGER app.notes BEFORE INSERT ON app.watched FOR EACH ROW SET @noted = NEW.id")
            try session.run("INSERT INTO watched VALUES (7)")
            #expect(try session.rows("SELECT @noted, marker FROM node_marker") == [["7", "0"]])
            #expect(try pins(session).contains { $0.statement == "INSERT INTO watched VALUES (7)" })
            try session.run("DROP TABLE watched")
        }

        @Test func `pins are counted by reason, and long statements shown without their values`() throws {
            let stage = try Scene.stage
            func count() throws -> Int {
                let value = try stage.console().value(
                    "SELECT value FROM metrics WHERE name = 'pins_temporary_table_total'")
                return Int(value ?? "") ?? -1
            }
            let before = try count()
            let session = try stage.connect()
            let values = (0..<60).map { "SELECT 'secret \($0)'" }.joined(separator: " UNION ")
            try session.run("CREATE TEMPORARY TABLE long_held AS \(values)")
            #expect(try count() == before + 1)
            let pin = try #require(try pins(session).first)
            #expect(pin.statement.hasPrefix("CREATE TEMPORARY TABLE") && !pin.statement.contains("secret"))
        }
    }
}
