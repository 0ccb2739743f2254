// Whether all is well, and how that is told.

import Foundation
import Testing

@testable import CommandLineClient

@Suite struct StatusTests {
    private static let clusterColumns = [
        "cluster", "primary_node", "epoch", "gate", "gate_reason", "readers", "statements", "accounts_error",
    ]
    private static let nodeColumns = ["cluster", "node", "role", "state", "reason", "since", "lag_ms"]

    /// A console over one cluster.
    static func console(
        cluster: [String?] = ["main", "db1", "7", "open", nil, "1", "600", nil],
        nodes: [[String?]] = [
            ["main", "db1", "primary", "online", "writable", "2026-01-02 03:04:05", nil],
            ["main", "db2", "replica", "online", "replicates", "2026-01-02 03:04:06", "1500"],
        ], twoWritable: String = "0"
    ) -> FakeConsole {
        FakeConsole([
            ("FROM clusters", result(clusterColumns, [cluster])),
            ("FROM routing_table", result(nodeColumns, nodes)),
            (
                "FROM metrics",
                result(
                    ["name", "value", "cluster"],
                    [
                        ["uptime_seconds", "60", nil], ["clients", "3", nil], ["sessions", "4", "main"],
                        ["held_statements", "2", "main"], ["two_writable", twoWritable, "main"],
                    ])
            ),
            (
                "FROM routing_history",
                result(
                    ["time", "cluster", "node", "kind", "reason"],
                    [["2026-01-02 03:04:05", "main", "db1", "primary", hostile]])
            ),
            (
                "FROM errors",
                result(
                    ["time", "cluster", "node", "code", "id", "cause"],
                    [["2026-01-02 03:04:07", "main", nil, "9501", "E-1", "no primary"]])
            ),
        ])
    }

    private func status(_ console: FakeConsole) throws -> (level: StatusLevel, text: StatusText, json: String) {
        let snapshot = try StatusSnapshot.read(console)
        return (StatusVerdict(snapshot).level, StatusText(snapshot), StatusText.json(snapshot))
    }

    @Test func `all is well while there is a primary and every node is online`() throws {
        let status = try status(Self.console())
        #expect(status.level == .well && status.level.rawValue == 0)
        let screen = status.text.screen()
        #expect(screen.hasPrefix("ok: up 00:01:00, 3 clients, 10 statements/s since the start\n"))
        #expect(screen.contains("cluster main: gate open, primary db1 since 2026-01-02 03:04:05, epoch 7\n"))
        #expect(screen.contains("4 sessions, 2 held"))
        #expect(screen.contains("1.5 s") && screen.contains("9501 [E-1]"))
        #expect(
            status.text.short
                == "SWITCHYARD OK - cluster main: primary db1, 2 nodes | sessions=4 held=2 clients=3 "
                + "statements_per_second=10\n")
    }

    @Test func `what is degraded is 1, and named`() throws {
        let replica: [String?] = ["main", "db2", "replica", "lagging", "90 s behind", "x", "90000"]
        let primary: [String?] = ["main", "db1", "primary", "online", "writable", "x", nil]
        let lagging = try status(Self.console(nodes: [primary, replica]))
        #expect(lagging.level == .degraded)
        #expect(lagging.text.screen().contains("! cluster main: node db2 is lagging: 90 s behind"))
        let paused = try status(Self.console(cluster: ["main", "db1", "7", "paused", "by a|b", "1", "0", nil]))
        #expect(paused.level == .degraded)
        // What stands behind a bar are figures.
        #expect(paused.text.short.hasPrefix("SWITCHYARD WARNING - cluster main: paused: by a/b | "))
        #expect(try status(Self.console(twoWritable: "1")).level == .degraded)
        #expect(try status(Self.console(cluster: ["main", "db1", "7", "open", nil, "0", "0", nil])).level == .degraded)
        #expect(
            try status(Self.console(cluster: ["main", "db1", "7", "open", nil, "1", "0", "denied"])).level
                == .degraded)
    }

    @Test func `a cluster without a primary is 2, whatever else is wrong`() throws {
        let status = try status(Self.console(cluster: ["main", nil, "7", "closed", "nobody", "0", "0", nil]))
        #expect(status.level == .noPrimary && status.level.rawValue == 2)
        #expect(status.text.short.hasPrefix("SWITCHYARD CRITICAL - cluster main: no primary takes writes: nobody; "))
    }

    @Test func `programs read the same`() throws {
        let json = try status(Self.console()).json
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(read["state"] as? String == "ok" && read["exit_code"] as? Int == 0)
        let cluster = try #require((read["clusters"] as? [[String: Any]])?.first)
        #expect(cluster["primary"] as? String == "db1" && cluster["held_statements"] as? Int == 2)
        #expect(cluster["primary_since"] as? String == "2026-01-02 03:04:05")
        #expect((cluster["nodes"] as? [[String: Any]])?.map { $0["lag_ms"] as? Int } == [nil, 1500])
        #expect((read["routing_events"] as? [[String: Any]])?.first?["reason"] as? String == hostile)
    }

    @Test func `no reason reaches the terminal as it came`() throws {
        let screen = try status(Self.console()).text.screen()
        #expect(screen.contains("\\u{1b}[2J"))
        #expect(!screen.unicodeScalars.contains { TerminalText.isUnsafe($0) && $0 != "\n" })
        #expect(StatusText.unreachable("a|b\u{1B}") == "SWITCHYARD UNKNOWN - a/b\\u{1b}\n")
    }

    @Test func `a console that does not answer is no status`() {
        #expect(throws: ConsoleFailure.self) { try StatusSnapshot.read(FakeConsole()) }
    }
}
