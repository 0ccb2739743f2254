// Prepared statements while primaries change and connections are scarce.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct PreparedFailoverTests {
        @Test func `statements that a client holds go on after a promotion`() throws {
            try withStage { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE held (id INT PRIMARY KEY, data LONGBLOB)")
                let write = try MySQLStatement(session, "INSERT INTO held VALUES (?, ?)")
                let read = try MySQLStatement(session, "SELECT COUNT(*) FROM held WHERE id > ?")
                let lengthy = try MySQLStatement(session, "SELECT LENGTH(?)")
                let cursor = try MySQLStatement(session, "SELECT id FROM held FOR UPDATE")
                try write.bind([.int(1), .bytes([1, 2])])
                #expect(write.executeBound().failure == nil)
                #expect(try read.value([.int(0)]) == "1")
                try lengthy.bind([.longData])
                try lengthy.sendLongData(0, [1, 2, 3])
                cursor.useCursor(rows: 1)

                try stage.cluster.promote(1)
                try eventually("writes arrive at the new primary") {
                    (try? stage.connect().query("REPLACE INTO held VALUES (2, NULL)")) != nil
                }
                // The long data was on the former primary.
                let outcome = lengthy.executeBound()
                #expect(outcome.failure == nil || outcome.failure?.code == 9506, "\(String(describing: outcome))")
                #expect(try lengthy.execute([.text("abcd")]).value == "4")
                // Bound before: the types are not sent again.
                #expect(write.executeBound().failure?.code == 1062)
                try write.execute([.int(3), .null])
                #expect(try read.value([.int(0)]) == "3")
                #expect(try cursor.execute().rows == [["1"], ["2"], ["3"]])
                #expect(try stage.cluster.execute(1, "SELECT COUNT(*) FROM app.held") == [["3"]])
            }
        }

        @Test func `with two connections for each node, eight sessions share them and each keeps its statements`()
            throws
        {
            try withStage(.init { $0.limits = ["server_connections_per_node": "2"] }) { stage in
                try stage.connect().run("CREATE TABLE shared (session INT, id INT)")
                _ = try inParallel(8) { index in
                    let session = try stage.connect()
                    let write = try MySQLStatement(session, "INSERT INTO shared VALUES (?, ?)")
                    let read = try MySQLStatement(session, "SELECT COUNT(*) FROM shared WHERE session = ?")
                    for id in 1...15 {
                        try write.execute([.int(Int32(index)), .int(Int32(id))])
                        #expect(try read.value([.int(Int32(index))]) == "\(id)")
                    }
                }
            }
        }
    }
}
