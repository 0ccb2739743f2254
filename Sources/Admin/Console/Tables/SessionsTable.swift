// The console table `sessions`: the clients of the proxy.
internal import Frontend

extension ConsoleTable {
    /// One row per client session. `id` is what `KILL` takes and what the client sees as its connection id.
    static func sessions(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "sessions", comment: "One row per client session",
            columns: [
                ConsoleColumn(name: "id", type: .integer, comment: "The client's connection id; KILL takes it"),
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster behind its listener"),
                ConsoleColumn(name: "user", type: .text, comment: "The account"),
                ConsoleColumn(name: "peer", type: .text, comment: "Where the client comes from"),
                ConsoleColumn(name: "schema", type: .text, comment: "The default schema"),
                ConsoleColumn(name: "mode", type: .text, comment: "The listener's mode: split, primary or replica"),
                ConsoleColumn(
                    name: "phase", type: .text,
                    comment: "idle, waiting, running, streaming, receiving_file or ended"),
                ConsoleColumn(name: "in_transaction", type: .text, comment: "yes while a transaction is open"),
                ConsoleColumn(name: "node", type: .text, comment: "Where the present or last statement runs or ran"),
                ConsoleColumn(name: "pins", type: .text, comment: "Why it cannot leave its server connection"),
                ConsoleColumn(name: "server_connections", type: .integer, comment: "Server connections it holds"),
                ConsoleColumn(name: "statements", type: .integer, comment: "Statements answered"),
                ConsoleColumn(
                    name: "since_ms", type: .integer,
                    comment: "Since the present command came, or the last one ended"),
                ConsoleColumn(name: "age_ms", type: .integer, comment: "Since the client was accepted"),
                ConsoleColumn(
                    name: "causal_reads", type: .text,
                    comment: "What its reads on replicas must have seen: none, session or global"),
                ConsoleColumn(
                    name: "position", type: .text, comment: "The known position of what it wrote and saw"),
                ConsoleColumn(name: "lane", type: .integer, comment: "The event loop it lives on"),
                ConsoleColumn(name: "statement", type: .text, comment: "Beginning of the present or last statement"),
            ]
        ) {
            snapshots.sessions.map { session in
                [
                    .count(session.id), .text(session.cluster), .text(session.user), .text(session.peer),
                    .text(orNull: session.schema), .text(session.mode), .text(session.phase),
                    .yesNo(session.isInTransaction), .text(orNull: session.node),
                    .text(orNull: session.pins.map(\.reason).joined(separator: ", ")),
                    .count(session.serverConnections),
                    .count(session.statements), .count(session.sinceMilliseconds), .count(session.ageMilliseconds),
                    .text(session.causalMode), .text(orNull: session.position), .count(session.lane),
                    .text(orNull: session.statement),
                ]
            }
        }
    }
}
