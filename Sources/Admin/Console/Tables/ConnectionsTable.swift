// The console table `connections`: the proxy's connections to servers.
internal import Frontend

extension ConsoleTable {
    /// One row per server connection.
    static func connections(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "connections", comment: "One row per server connection",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "node", type: .text, comment: "The node it leads to"),
                ConsoleColumn(name: "user", type: .text, comment: "The account it is logged in as"),
                ConsoleColumn(name: "state", type: .text, comment: "connecting, leased, resetting or idle"),
                ConsoleColumn(name: "session", type: .integer, comment: "The session that has it; NULL for none"),
                ConsoleColumn(name: "epoch", type: .integer, comment: "The cluster's epoch when it was leased"),
                ConsoleColumn(name: "age_ms", type: .integer, comment: "Since it was opened"),
                ConsoleColumn(name: "lane", type: .integer, comment: "The event loop it lives on"),
            ]
        ) {
            snapshots.lanes.flatMap(\.connections).map { connection in
                [
                    .text(connection.cluster), .text(connection.node), .text(connection.user),
                    .text(connection.state), connection.sessionID.map { .count($0) } ?? .null,
                    .count(connection.epoch), .count(connection.ageMilliseconds), .count(connection.lane),
                ]
            }
        }
    }
}
