// The variables of causal reads: what a session tells of its position, and what it can be told to wait for.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct CausalVariableTests {
        @Test func `a session follows another by its position`() throws {
            let stage = try Scene.stage
            let writer = try stage.connect()
            try writer.run("CREATE OR REPLACE TABLE followed (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            for id in 1...10 {
                try writer.run("INSERT INTO followed VALUES (\(id))")
                let position = try #require(try writer.value("SELECT @@switchyard_position"))
                #expect(!position.isEmpty)
                let follower = try stage.connect()
                try follower.run("SET @@switchyard_causal_reads = 'none'", "SET @@switchyard_wait_for = '\(position)'")
                #expect(try follower.value("SELECT COUNT(*) FROM followed") == "\(id)")
            }
        }

        @Test func `a session without causal reads sees the past, and one with them does not`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE chosen (id INT)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            try session.run("INSERT INTO chosen VALUES (1)", "SET @@switchyard_causal_reads = none")
            #expect(try session.value("SELECT @@switchyard_causal_reads") == "none")
            try eventually("a stale read") { try session.value("SELECT COUNT(*) FROM chosen") == "0" }
            try session.run("SET switchyard_causal_reads = 'session'")
            for _ in 0..<5 { #expect(try session.value("SELECT COUNT(*) FROM chosen") == "1") }
        }

        @Test func `one session alone may look at everybody's writes`() throws {
            let stage = try Scene.stage
            let (writer, reader) = (try stage.connect(), try stage.connect())
            try writer.run("CREATE OR REPLACE TABLE looked (n INT)", "INSERT INTO looked VALUES (0)")
            try stage.cluster.waitUntilReplicated()
            for index in 1...2 { try stage.cluster.stopApplying(index) }
            defer { for index in 1...2 { _ = try? stage.cluster.startReplication(index) } }
            try reader.run("SET @@switchyard_causal_reads = 'global'")
            for n in 1...20 {
                try writer.run("UPDATE looked SET n = \(n)")
                #expect(try reader.value("SELECT n FROM looked") == "\(n)")
            }
        }

        @Test(arguments: ["'nonsense'", "5", "NULL", "'0-1'", "'0-1-2-3'"])
        func `a malformed position is refused`(position: String) throws {
            let session = try Scene.stage.connect()
            let error = session.error(of: "SET @@switchyard_wait_for = \(position)")
            #expect(error?.code == 1231)
            #expect(try session.value("SELECT @@switchyard_wait_for") == "")
        }

        @Test func `positions that are added one by one have a bound together`() throws {
            let session = try Scene.stage.connect()
            func position(_ number: Int) -> String {
                TestServer.flavor == .mySQL
                    ? "3e11fa47-71ca-11e1-9e33-\(100_000_000_000 + number):1" : "\(number)-1-1"
            }
            var number = 1
            while number < 10_000, session.error(of: "SET @@switchyard_wait_for = '\(position(number))'") == nil {
                number += 1
            }
            #expect(session.error(of: "SET @@switchyard_wait_for = '\(position(number))'")?.code == 1231)
            try session.run("SET @@switchyard_wait_for = ''")
            #expect(session.error(of: "SET @@switchyard_wait_for = '\(position(number))'") == nil)
        }

        @Test func `a position that nobody has is given up, and told`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE bogus (id INT)", "INSERT INTO bogus VALUES (1)")
            let position =
                TestServer.flavor == .mySQL ? "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-99" : "7-7-99999999"
            try session.run("SET @@switchyard_wait_for = '\(position)'")
            try eventually("it is given up") {
                let count = try session.value("SELECT COUNT(*) FROM bogus")
                #expect(count == "1")
                return try session.value("SELECT @@switchyard_wait_for") == ""
            }
            let lost = "SELECT COUNT(*) FROM routing_history WHERE kind = 'position_lost'"
            try eventually("it is told") { try stage.console().value(lost) == "1" }
        }

        @Test func `COM_RESET_CONNECTION brings back what the listener says`() throws {
            let session = try Scene.stage.connect()
            try session.run("SET @@switchyard_causal_reads = 'none', @@switchyard_causal_timeout = 7")
            #expect(
                try session.rows("SELECT @@switchyard_causal_reads, @@switchyard_causal_timeout") == [["none", "7"]])
            try session.reset()
            #expect(
                try session.rows("SELECT @@switchyard_causal_reads, @@switchyard_causal_timeout") == [
                    ["session", "50"]
                ])
        }
    }
}
