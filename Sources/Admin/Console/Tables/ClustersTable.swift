// The console table `clusters`.
internal import Frontend
internal import Topology

extension ConsoleTable {
    /// One row per cluster: who is the primary, whether writes may go there, and the traffic so far.
    static func clusters(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "clusters", comment: "One row per cluster: its primary, its gate for writes, its totals",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(
                    name: "primary_node", type: .text, comment: "Where writes go; NULL while the gate is closed"),
                ConsoleColumn(name: "epoch", type: .integer, comment: "Number of the current or last primary's reign"),
                ConsoleColumn(name: "gate", type: .text, comment: "Permission to write: open, paused or closed"),
                ConsoleColumn(name: "gate_reason", type: .text, comment: "Why the gate is closed or paused"),
                ConsoleColumn(name: "gate_closed_since", type: .datetime, comment: "UTC; NULL while the gate is open"),
                ConsoleColumn(name: "nodes", type: .integer, comment: "Members, configured and discovered"),
                ConsoleColumn(name: "readers", type: .integer, comment: "Nodes other than the primary that take reads"),
                ConsoleColumn(name: "statements", type: .integer, comment: "Statements answered since the start"),
                ConsoleColumn(
                    name: "proxy_errors", type: .integer, comment: "Errors of Switchyard's own since the start"),
                ConsoleColumn(name: "waiting_statements", type: .integer, comment: "Statements waiting for a node now"),
                ConsoleColumn(name: "table_version", type: .integer, comment: "Grows with every published change"),
                ConsoleColumn(name: "published", type: .datetime, comment: "When this version came to be, UTC"),
                ConsoleColumn(
                    name: "accounts_error", type: .text, comment: "Why accounts could not be mirrored last time"),
            ]
        ) {
            snapshots.source.clusters.map { row($0, snapshots.table(of: $0)) }
        }
    }

    private static func row(_ cluster: ConsoleCluster, _ table: RoutingTable) -> [ConsoleValue] {
        let closure = table.closure
        let gate = !table.gate.isOpen ? "closed" : table.isPaused ? "paused" : "open"
        return [
            .text(cluster.name), .text(orNull: table.primary?.name), .count(table.epoch), .text(gate),
            .text(orNull: closure?.reason), closure.map { .time(unixMilliseconds: $0.sinceUnixMilliseconds) } ?? .null,
            .count(table.entries.count),
            .count(table.readers.count), .count(cluster.counters.statements), .count(cluster.counters.proxyErrors),
            .count(cluster.counters.waitingStatements), .count(table.version),
            .time(unixMilliseconds: table.publishedUnixMilliseconds), .text(orNull: cluster.accounts().failure),
        ]
    }
}
