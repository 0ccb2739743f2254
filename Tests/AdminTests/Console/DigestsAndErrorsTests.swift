// The tables `digests` and `errors`, and the statements around them.

import Testing

@testable import Admin
@testable import Frontend

@Suite struct DigestsAndErrorsTests {
    private let admin = ConsoleSession(user: "admin@10.0.0.9", connectionID: 3)

    private static func record(_ digest: UInt64?, _ text: String, times: [UInt64]) -> DigestRecord {
        var counts = DigestCounts()
        var latencies = [UInt32](repeating: 0, count: LatencyBuckets.count)
        for time in times {
            counts.statements += 1
            counts.microseconds += time
            counts.longestMicroseconds = max(counts.longestMicroseconds, time)
            latencies[LatencyBuckets.index(time)] += 1
        }
        counts.rows = 4
        counts.onReplicas = 2
        counts.pins = 1
        return DigestRecord(
            cluster: "main", user: digest == nil ? "" : "app", schema: "", digest: digest, text: text, counts: counts,
            missed: 2, firstUnixMilliseconds: ConsoleScene.since, lastUnixMilliseconds: ConsoleScene.since,
            latencies: latencies)
    }

    private func executor(_ change: (inout ConsoleSource) -> Void) throws -> ConsoleExecutor {
        var source = ConsoleScene.source()
        change(&source)
        return try ConsoleExecutor(source: source)
    }

    @Test func `digests tells counts, places and times, and sums up the rest`() throws {
        let console = try executor {
            $0.digests = {
                [Self.record(0xAB, "SELECT ?", times: [100, 100, 100, 7]), Self.record(nil, "", times: [5])]
            }
        }
        let sql = """
            SELECT cluster, user, schema, digest, text, count, count_error, errors, rows, on_primary, on_replicas, pins, total_us,
                average_us, p50_us, max_us, first_seen FROM digests
            """
        let rows = try console.runAndWait(sql).rows
        let time: ConsoleValue = "2026-03-01 10:00:00.500000"
        let first: [ConsoleValue] = [
            "main", "app", .null, "00000000000000ab", "SELECT ?", 4, 2, 0, 4, 0, 2, 1, 307, 76, 100, 100, time,
        ]
        #expect(rows.first == first)
        #expect(rows.last?.prefix(5) == ["main", .null, .null, .null, "(all others)"])
        #expect(try console.runAndWait("SELECT SUM(count) FROM digests").rows == [[5]])
    }

    @Test func `digests are reset on behalf of who asked`() throws {
        let changes = ConsoleChanges()
        let console = try executor {
            $0.resetDigests = { admin in
                changes.add("\(admin.user) resets digests")
                return 2
            }
        }
        #expect(try console.runAndWait("reset digests;", session: admin).affectedRows == 2)
        #expect(changes.all == ["admin@10.0.0.9 resets digests"])
        let error = #expect(throws: ConsoleError.self) { try console.runAndWait("RESET MASTER") }
        #expect(error?.code == 1064 && error?.message.contains("RESET DIGESTS") == true)
    }

    @Test func `an error is found in the table, in the list and by its id`() throws {
        let errors = ErrorHistory()
        let ids = ["db1", "db2"].map { node in
            errors.note(
                .transactionLost(node: node, cause: "it went away"), isLogin: false, session: 5, peer: "10.0.0.1:4000",
                origin: ErrorOrigin(cluster: "main", user: "app", digest: 0xAB), unixMilliseconds: ConsoleScene.since
            ).id
        }
        let console = try executor {
            $0.errors = errors
            $0.digests = { [Self.record(0xAB, "UPDATE t SET a = ?", times: [1])] }
        }
        #expect(
            try console.runAndWait("SELECT id, cluster, node, session, user, kind, code, digest FROM errors").rows
                == zip(ids, ["db1", "db2"]).map { id, node -> [ConsoleValue] in
                    [.text(id), "main", .text(node), 5, "app", "session", 9505, "00000000000000ab"]
                })
        #expect(try console.runAndWait("SHOW ERRORS").rows.map { $0[0] } == ids.reversed().map(ConsoleValue.text))
        for name in ["'\(ids[1])'", ids[1], "'[\(ids[1])]'"] {
            let rows = try console.runAndWait("SHOW ERROR \(name);").rows
            let facts = Dictionary(uniqueKeysWithValues: rows.map { ($0[0].displayText ?? "", $0[1]) })
            #expect(facts["id"] == .text(ids[1]) && facts["node"] == "db2" && facts["sqlstate"] == "40001")
            #expect(facts["statement"] == "UPDATE t SET a = ?")
            #expect(facts["next_step"]?.displayText?.isEmpty == false)
        }
        let unknown = #expect(throws: ConsoleError.self) { try console.runAndWait("SHOW ERROR 'E-9'") }
        #expect(unknown?.code == 1105 && unknown?.message.contains("E-9") == true)
    }
}
