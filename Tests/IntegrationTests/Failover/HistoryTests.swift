// What the console tells of a promotion: who, since when, and on what evidence.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct HistoryTests {
        @Test func `routing_table and routing_history show a promotion and its evidence`() throws {
            try withStage { stage in
                let console = try stage.console()
                func primary() throws -> (address: String?, epoch: Int?) {
                    let rows = try console.rows("SELECT address, epoch FROM routing_table WHERE role = 'primary'")
                    return rows.count == 1 ? (rows[0][0], rows[0][1].flatMap { Int($0) }) : (nil, nil)
                }
                let before = try primary()
                #expect(before.address == stage.cluster.nodes[0].address)
                let events = try console.value("SELECT COUNT(*) FROM routing_history").flatMap { Int($0) } ?? 0

                try stage.cluster.promote(2)
                try eventually("the table shows the new primary") {
                    try primary().address == stage.cluster.nodes[2].address
                }
                let after = try primary()
                #expect(after.epoch ?? 0 > before.epoch ?? 0)
                try eventually("the old primary is a replica") {
                    let query =
                        "SELECT role, state FROM routing_table WHERE address = '\(stage.cluster.nodes[0].address)'"
                    return try console.rows(query) == [["replica", "online"]]
                }
                let kinds = try console.rows("SELECT kind, node, evidence, epoch FROM routing_history ORDER BY time")
                #expect(kinds.count > events)
                let change = try #require(kinds.last { $0[0] == "primary_changed" })
                #expect(change[1]?.contains("\(stage.cluster.nodes[2].port)") == true)
                #expect(change[2]?.isEmpty == false)
                #expect(change[3].flatMap { Int($0) } == after.epoch)
                // Between two probes it may be over already: then nothing was closed.
                #expect(kinds.last { $0[0]?.hasPrefix("gate_") == true }?[0] == "gate_opened")
            }
        }

        @Test func `a dead primary is a state with a reason, and so is nobody writable`() throws {
            try withStage { stage in
                stage.cluster.kill(0)
                let row = try eventually("the console shows it") {
                    let query =
                        "SELECT state, reason FROM routing_table WHERE address = '\(stage.cluster.nodes[0].address)'"
                    return try stage.console().rows(query).first { $0[0] == "down" }
                }
                #expect(row[1]?.isEmpty == false)
                #expect(
                    try stage.console().value(
                        "SELECT COUNT(*) FROM routing_table WHERE role = 'primary' AND state = 'online'") == "0")
            }
        }
    }
}
