// The console table `outcomes`: commits that were in doubt, and what became of them.
internal import Frontend

extension ConsoleTable {
    /// One row per commit, oldest first; each cluster keeps its last `FrontendLimits.outcomes`.
    static func outcomes(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "outcomes", comment: "The last commits whose connection was lost before they were answered",
            columns: [
                ConsoleColumn(name: "time", type: .datetime, comment: "When the connection was lost, UTC"),
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "session", type: .integer, comment: "The client's connection id"),
                ConsoleColumn(name: "user", type: .text, comment: "The account"),
                ConsoleColumn(name: "node", type: .text, comment: "The node that it was lost to"),
                ConsoleColumn(name: "epoch", type: .integer, comment: "The reign of that node"),
                ConsoleColumn(
                    name: "kind", type: .text, comment: "commit, or autocommit: a statement outside of a transaction"),
                ConsoleColumn(name: "statement", type: .text, comment: "Its beginning"),
                ConsoleColumn(
                    name: "verdict", type: .text,
                    comment: "unknown: the client was told so; committed, not committed or replayed"),
                ConsoleColumn(name: "evidence", type: .text, comment: "What says so, or why nothing does"),
            ]
        ) {
            snapshots.source.clusters.flatMap { cluster in
                cluster.outcomes.records().map { row(cluster.name, $0) }
            }
        }
    }

    private static func row(_ cluster: String, _ record: OutcomeRecord) -> [ConsoleValue] {
        [
            .time(unixMilliseconds: record.unixMilliseconds), .text(cluster), .count(record.connectionID),
            .text(record.user), .text(record.node), .count(record.epoch), .text(record.kind.rawValue),
            .text(orNull: record.statement), .text(record.verdict.rawValue), .text(orNull: record.evidence),
        ]
    }
}
