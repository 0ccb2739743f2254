// The console table `routing_history`: what changed, and what was seen when it did.
internal import Topology

extension ConsoleTable {
    /// One row per event, oldest first; each cluster keeps its last 1,000.
    static func routingHistory(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "routing_history",
            comment: "The last changes of each cluster, with their evidence; write `from` and `to` in backquotes",
            columns: [
                ConsoleColumn(name: "time", type: .datetime, comment: "When the change was judged, UTC"),
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "epoch", type: .integer, comment: "The reign in which, or with which, it happened"),
                ConsoleColumn(name: "node", type: .text, comment: "NULL for what concerns the whole cluster"),
                ConsoleColumn(name: "kind", type: .text, comment: "primary_changed, gate_closed, cluster_paused, …"),
                ConsoleColumn(name: "from", type: .text, comment: "What was before"),
                ConsoleColumn(name: "to", type: .text, comment: "What is now"),
                ConsoleColumn(name: "reason", type: .text, comment: "The change in a sentence"),
                ConsoleColumn(name: "evidence", type: .text, comment: "What was seen, as name=value pairs"),
            ]
        ) {
            let events = snapshots.source.clusters.flatMap { $0.history() }
            // Stable: events of one moment keep the order in which they were judged.
            let ordered = events.enumerated().sorted {
                ($0.element.unixMilliseconds, $0.offset) < ($1.element.unixMilliseconds, $1.offset)
            }
            return ordered.map { routingHistoryRow($0.element) }
        }
    }

    /// The row of one event.
    static func routingHistoryRow(_ event: RoutingEvent) -> [ConsoleValue] {
        [
            .time(unixMilliseconds: event.unixMilliseconds), .text(event.cluster), .count(event.epoch),
            .text(orNull: event.node), .text(event.kind), .text(orNull: event.from), .text(orNull: event.to),
            .text(event.reason), .text(orNull: event.evidence),
        ]
    }
}
