// Commands, the queue's bounds, and the packets of answers.

import Dispatch
import Synchronization
import Testing
import Topology
import Wire

@testable import Admin

@Suite struct ConsoleExecutorTests {
    private let admin = ConsoleSession(user: "admin@10.0.0.9", connectionID: 3)

    private func error(_ sql: String, _ source: ConsoleSource = ConsoleScene.source()) throws -> ConsoleError {
        let executor = try ConsoleExecutor(source: source)
        return try #require(throws: ConsoleError.self) { try executor.runAndWait(sql, session: admin) }
    }

    @Test func `commands change what they name, on behalf of who asked`() throws {
        let changes = ConsoleChanges()
        let executor = try ConsoleExecutor(source: ConsoleScene.source(changes: changes))
        for sql in ["KILL 17", "drain node db2", "ENABLE NODE 10.0.0.3:3306;", "DRAIN NODE main/db1"] {
            #expect(try executor.runAndWait(sql, session: admin).affectedRows == 1)
        }
        #expect(
            changes.all == [
                "admin@10.0.0.9 kills 17", "admin@10.0.0.9 drains main 1", "admin@10.0.0.9 enables main 2",
                "admin@10.0.0.9 drains main 0",
            ])
    }

    @Test func `a cluster is paused for as long as is said, or for the default, and resumed`() throws {
        let changes = ConsoleChanges()
        let clusters = ["main", "other"].map { ConsoleScene.cluster(ConsoleScene.table(cluster: $0)) }
        let executor = try ConsoleExecutor(source: ConsoleScene.source(clusters, changes: changes))
        func affected(_ sql: String) throws -> Int { try executor.runAndWait(sql, session: admin).affectedRows }
        #expect(try affected("PAUSE CLUSTER main") == 1)
        #expect(try affected("PAUSE CLUSTER other FOR 2 MINUTES") == 1)
        #expect(try affected("RESUME CLUSTER main") == 1)
        // It was not paused.
        #expect(try affected("RESUME CLUSTER other") == 0)
        #expect(
            changes.all == [
                "admin@10.0.0.9 pauses main for \(ClusterPause.defaultSeconds)", "admin@10.0.0.9 pauses other for 120",
                "admin@10.0.0.9 resumes main", "admin@10.0.0.9 resumes other",
            ])
    }

    @Test(arguments: [
        ("KILL 18", 1094), ("KILL 4294967313", 1094), ("KILL QUERY 17", 1235), ("RELOAD", 1231),
        ("PAUSE CLUSTER other", 1105), ("RESUME CLUSTER other", 1105), ("PAUSE CLUSTER main FOR 0 SECONDS", 1210),
        ("PAUSE CLUSTER main FOR 61 MINUTES", 1210), ("PAUSE CLUSTER main FOR ever", 1064), ("DRAIN NODE db9", 1105),
        ("RELOAD now", 1064),
        ("EXPLAIN ROUTE IN CLUSTER other SELECT 1", 1105), ("EXPLAIN ROUTE", 1064),
    ])
    func `a command that cannot be done says so`(sql: String, code: UInt16) throws {
        #expect(try error(sql).code == code)
    }

    @Test func `a node name that two clusters have must be told apart`() throws {
        let changes = ConsoleChanges()
        let clusters = ["main", "other"].map { ConsoleScene.cluster(ConsoleScene.table(cluster: $0)) }
        let source = ConsoleScene.source(clusters, changes: changes)
        #expect(try error("DRAIN NODE db2", source).message.contains("'main/db2' or 'other/db2'"))
        #expect(changes.all.isEmpty)
        _ = try ConsoleExecutor(source: source).runAndWait("DRAIN NODE other/db2", session: admin)
        #expect(changes.all == ["admin@10.0.0.9 drains other 1"])
    }

    @Test func `EXPLAIN ROUTE takes a user, a schema and a cluster`() throws {
        let clusters = ["main", "other"].map { ConsoleScene.cluster(ConsoleScene.table(cluster: $0)) }
        let result = try ConsoleExecutor(source: ConsoleScene.source(clusters)).runAndWait(
            "EXPLAIN ROUTE FOR USER app IN SCHEMA shop IN CLUSTER other SELECT 1")
        #expect(result.columns.map(\.name) == ["item", "value"])
        #expect(result.rows.contains(["cluster", "other"]))
        #expect(result.rows.contains(["schema", "shop"]))
        #expect(result.rows.contains(["user", "app (no such account on the primary, as far as is known)"]))
    }

    // MARK: The queue

    /// A source whose `routing_table` cannot be read before `gate` is signalled.
    private func heldSource(_ gate: DispatchSemaphore) -> ConsoleSource {
        let table = ConsoleScene.table()
        return ConsoleScene.source([
            ConsoleCluster(
                name: "main",
                table: {
                    gate.wait()
                    gate.signal()
                    return table
                })
        ])
    }

    private func job(_ text: String) -> ConsoleJob {
        ConsoleJob(text: text, session: ConsoleSession(), capabilities: [.protocol41], sequence: 1)
    }

    @Test func `only so many statements wait, and those of clients that left do not run`() throws {
        let gate = DispatchSemaphore(value: 0)
        let executor = try ConsoleExecutor(source: heldSource(gate))
        let answers = Mutex(0)
        func submit(_ job: ConsoleJob) -> Bool { executor.submit(job) { _ in answers.withLock { $0 += 1 } } }
        #expect(submit(job("SELECT count(*) FROM routing_table")))
        let others = (1..<ConsoleServiceLimits.waitingStatements).map { _ in job("SELECT 1") }
        for other in others { #expect(submit(other)) }
        #expect(!submit(job("SELECT 2")))
        for other in others.dropFirst() { other.cancel() }
        gate.signal()
        // Behind all that wait, so that they are done when it is answered.
        #expect(try executor.runAndWait("SELECT 3").rows == [[3]])
        #expect(answers.withLock { $0 } == 2)
        #expect(executor.status.statements == 3)
        #expect(submit(job("SELECT 4")))
    }

    @Test func `answers that nobody reads are bounded`() throws {
        let held = HeldAnswers(limit: 1_000)
        func answer(_ length: Int) -> ConsoleAnswer {
            let result = ConsoleResult.text(["a"], [[.text(String(repeating: "x", count: length))]])
            return .make(.success(result), capabilities: [.protocol41], sequence: 1, holder: held)
        }
        var kept: [ConsoleAnswer] = [answer(600)]
        #expect(kept[0].bytes.count > 600)
        #expect(try packets(answer(600).bytes)[0].prefix(3) == [0xFF, 0x11, 0x04])
        kept.removeAll()
        #expect(answer(600).bytes.count > 600)
    }

    // MARK: Packets

    private func packets(_ bytes: [UInt8]) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let start = rest.startIndex
            let header = try #require(rest.prefix(4).withUnsafeBytes { PacketHeader($0) })
            #expect(Int(header.sequence) == found.count + 1)
            found.append(Array(rest[(start + 4)..<(start + header.frameLength)]))
            rest = rest[(start + header.frameLength)...]
        }
        return found
    }

    @Test func `rows end as the client agreed to`() throws {
        let result = ConsoleResult(
            columns: [ConsoleColumn(name: "n", type: .integer), ConsoleColumn(name: "t", type: .text)],
            rows: [[-3, .null], [4, "ä"]])
        let old = try packets(
            ConsolePackets.outcome(.success(result), capabilities: [.protocol41], sequence: 1))
        #expect(old.count == 7)
        #expect(old[3] == [0xFE, 0, 0, 2, 0])
        #expect(old[4] == [2, 0x2D, 0x33, 0xFB])
        #expect(old[5] == [1, 0x34, 2, 0xC3, 0xA4])
        let new = try packets(
            ConsolePackets.outcome(.success(result), capabilities: [.protocol41, .deprecateEOF], sequence: 1))
        #expect(new.count == 6)
        #expect(new[5].first == 0xFE)
        let definition = try old[1].withUnsafeBytes { try ColumnDefinition.parse($0) }
        #expect(definition.name == "n")
        #expect(definition.type == .longlong)
    }

    @Test func `an OK and an error are one packet`() throws {
        let ok = try packets(
            ConsolePackets.outcome(.success(.ok(affectedRows: 1)), capabilities: [.protocol41], sequence: 1))
        #expect(ok == [[0, 1, 0, 2, 0, 0, 0]])
        let refused = try packets(
            ConsolePackets.outcome(
                .failure(ConsoleError(code: 1064, sqlState: "42000", message: "no")), capabilities: [], sequence: 1))
        #expect(refused == [[0xFF, 0x28, 0x04] + Array("#42000no".utf8)])
    }
}
