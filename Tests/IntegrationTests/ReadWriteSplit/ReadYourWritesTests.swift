// A session sees what it wrote, however late the replicas are.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ReadYourWritesTests {
        @Test func `an insert is seen by the select right after it, 300 times`() throws {
            let session = try Scene.stage.connect()
            try session.run("CREATE OR REPLACE TABLE own (id INT PRIMARY KEY, n INT)")
            for id in 1...300 {
                try session.run("INSERT INTO own VALUES (\(id), 0)")
                #expect(try session.value("SELECT COUNT(*) FROM own WHERE id = \(id)") == "1")
            }
            for id in 1...50 {
                try session.run("UPDATE own SET n = \(id)")
                #expect(try session.value("SELECT n FROM own LIMIT 1") == "\(id)")
                try session.run("DELETE FROM own WHERE id = \(id)")
                #expect(try session.value("SELECT COUNT(*) FROM own WHERE id = \(id)") == "0")
            }
        }

        @Test func `reads come back to the replicas once they have caught up`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE caught (id INT)", "INSERT INTO caught VALUES (1)")
            try eventually("a replica serves this session again") { try session.marker() ?? 0 > 0 }
            #expect(try session.value("SELECT COUNT(*) FROM caught") == "1")
        }

        @Test func `while the replicas stand still, a writer reads from the primary`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE still (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            for id in 1...20 {
                try session.run("INSERT INTO still VALUES (\(id))")
                #expect(try session.value("SELECT COUNT(*) FROM still") == "\(id)")
            }
            try session.run("BEGIN", "INSERT INTO still VALUES (21)", "COMMIT")
            #expect(try session.value("SELECT COUNT(*) FROM still") == "21")
            let prepared = try MySQLStatement(session, "INSERT INTO still VALUES (?)")
            try prepared.execute([.int(22)])
            #expect(try session.value("SELECT COUNT(*) FROM still") == "22")
            try session.run("CREATE OR REPLACE TABLE still2 (id INT)")
            #expect(try session.rows("SELECT * FROM still2") == [])
        }

        @Test func `one replica that stands still is passed over`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE behind (id INT)")
            try stage.cluster.waitUntilReplicated()
            try stage.cluster.stopApplying(1)
            defer { _ = try? stage.cluster.startReplication(1) }
            try session.run("INSERT INTO behind VALUES (1)")
            for _ in 0..<30 { #expect(try session.value("SELECT COUNT(*) FROM behind") == "1") }
            try eventually("the other replica serves") { try session.marker() == 2 }
        }

        @Test func `eight sessions at once read what they write`() throws {
            let stage = try Scene.stage
            try stage.connect().run("CREATE OR REPLACE TABLE crowd (session INT, id INT, PRIMARY KEY (session, id))")
            let missed = try inParallel(8) { index in
                let session = try stage.connect()
                var missed = 0
                for id in 1...60 {
                    try session.run("INSERT INTO crowd VALUES (\(index), \(id))")
                    if try session.value("SELECT COUNT(*) FROM crowd WHERE session = \(index)") != "\(id)" {
                        missed += 1
                    }
                }
                return missed
            }
            #expect(missed == [Int](repeating: 0, count: 8))
        }
    }
}
