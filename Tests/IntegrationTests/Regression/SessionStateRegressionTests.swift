// State of sessions that leaked, froze, or was asked of the wrong server.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct SessionStateRegressionTests {
        @Test func `a dropped default schema leaks to nobody`() throws {
            let stage = try Scene.stage
            let make = "CREATE DATABASE leaky; CREATE TABLE leaky.secret (id INT)"
            try stage.cluster.execute(0, make + "; GRANT ALL ON leaky.* TO 'app'@'%'")
            try stage.cluster.waitUntilReplicated()
            let (database, marker) = ("SELECT DATABASE()", "SELECT marker FROM app.node_marker")
            for round in 0..<3 {
                let session = try stage.connect { $0.schema = nil }
                try session.run("USE leaky")
                for _ in 0..<10 { #expect(try session.value(database) == "leaky") }
                #expect(try session.value(marker) != "0")
                try session.run("DROP DATABASE leaky")
                // Reads that wait for nothing: the connections in the schema are used again.
                for _ in 0..<10 {
                    _ = try session.value(marker)
                    #expect(try session.value(database) == nil)
                }
                try stage.cluster.execute(0, make)
                try stage.cluster.waitUntilReplicated()
                #expect(try session.value(database) == nil)
                #expect(session.error(of: "SELECT * FROM secret")?.code == 1046)
                session.close()
                for _ in 0..<12 {
                    let other = try stage.connect { $0.schema = nil }
                    #expect(try other.value(database) == nil, "round \(round)")
                    #expect(other.error(of: "SELECT * FROM secret")?.code == 1046, "round \(round)")
                }
            }
        }

        @Test func `a session whose schema was dropped while it had no connection is told so, whatever it sends`()
            throws
        {
            let stage = try Scene.stage
            let make = "CREATE DATABASE vanished; GRANT ALL ON vanished.* TO '\(stage.cluster.appUser)'@'%'"
            try stage.cluster.execute(0, make)
            try stage.cluster.waitUntilReplicated()
            // A statement that is tried for ever would not be answered in this time.
            let session = try stage.connect { $0.timeoutSeconds = 20 }
            try session.run("USE vanished")
            try stage.cluster.execute(0, "DROP DATABASE vanished")
            try stage.cluster.waitUntilReplicated()
            for node in stage.cluster.nodes { try stage.killConnections(of: stage.cluster.appUser, on: node.index) }
            try eventually("the session has no connection") {
                let query = "SELECT COUNT(*) FROM connections WHERE session = \(session.connectionID)"
                return try stage.console().value(query) == "0"
            }
            for statement in ["ROLLBACK", "COMMIT", "SET NAMES latin1", "SELECT 1 FOR UPDATE"] {
                #expect(session.error(of: statement)?.code == 1049, "\(statement)")
            }
            try stage.cluster.execute(0, "CREATE DATABASE vanished")
            try stage.cluster.waitUntilReplicated()
            #expect(session.error(of: "ROLLBACK") == nil)
            #expect(try session.value("SELECT DATABASE()") == "vanished")
        }

        @Test func `warnings and counts of a read outlive the moment when its replica serves no reads any more`() throws
        {
            try withStage { stage in
                let session = try stage.connect()
                let read = "SELECT marker, CAST('mine' AS SIGNED) FROM app.node_marker"
                let node = try #require(try session.value(read).flatMap { Int($0) })
                try #require(node > 0)
                // One of them counts on the replica that stops.
                var counters = [try stage.connect()]
                let count =
                    "SELECT SQL_CALC_FOUND_ROWS marker FROM app.node_marker, (SELECT 1 UNION SELECT 2) x LIMIT 1"
                while try counters.last?.value(count) != "\(node)" {
                    try #require(counters.count < 100)
                    counters.append(try stage.connect())
                }
                try stage.cluster.stopReplication(node)
                // Soon after the start it still serves some, as after a switchover.
                let reads = "SELECT reads FROM routing_table WHERE node = '\(stage.cluster.nodes[node].address)'"
                try eventually("the replica serves no reads") { try stage.console().value(reads) == "no" }
                let warnings = try session.rows("SHOW WARNINGS")
                #expect(warnings.count == 1 && warnings[0][2]?.contains("mine") == true)
                #expect(try counters.last?.value("SELECT FOUND_ROWS()") == "2")
                #expect(try session.marker() != node)
            }
        }

        @Test func `FOUND_ROWS() in a write after a read on a replica is right or refused`() throws {
            let stage = try Scene.stage
            try stage.connect().run(
                "CREATE OR REPLACE TABLE three (id INT)", "INSERT INTO three VALUES (1), (2), (3)",
                "CREATE OR REPLACE TABLE found (n INT)")
            try stage.cluster.waitUntilReplicated()
            let session = try stage.connect()
            for insert in ["INSERT INTO found VALUES (FOUND_ROWS())", "INSERT INTO found SELECT FOUND_ROWS()"] {
                let rows = try session.rows("SELECT id, (SELECT marker FROM node_marker) FROM three")
                #expect(rows.count == 3 && rows[0][1] != "0", "the read is to run on a replica: \(rows)")
                if let failure = session.error(of: insert) { #expect(failure.code == 9512, "\(failure)") }
                #expect(try session.value("SELECT COUNT(*) FROM found WHERE n <> 3") == "0", "\(insert)")
            }
            // In one transaction it is answered.
            try session.run("BEGIN", "SELECT id FROM three", "INSERT INTO found VALUES (FOUND_ROWS())", "COMMIT")
            #expect(try session.value("SELECT COUNT(*) FROM found WHERE n <> 3") == "0")
            #expect(try session.value("SELECT COUNT(*) > 0 FROM found") == "1")
        }

        @Test(arguments: ["SET @@timestamp = 0", "SET timestamp = DEFAULT", "SET SESSION timestamp = 0"])
        func `the clock runs after the timestamp is given back`(statement: String) throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let (onReplica, onPrimary) = ("SELECT NOW(6)", "SELECT NOW(6) FROM node_marker FOR UPDATE")
            for read in [onReplica, onPrimary] {
                try session.run("SET @@timestamp = 1000000000.5")
                #expect(try session.value(read)?.hasPrefix("2001-09-0") == true)
                #expect(try session.value(read) == session.value(read))
                try session.run(statement)
                let now = try session.value(read)
                #expect(now?.hasPrefix("2001") == false)
                try eventually("NOW() moves after \(statement)") { try session.value(read) != now }
            }
        }
    }
}
