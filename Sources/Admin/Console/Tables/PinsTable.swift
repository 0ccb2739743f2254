// The console table `pins`: why sessions cannot give their server connections back.
internal import Frontend

extension ConsoleTable {
    /// One row per session and reason.
    static func pins(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "pins", comment: "One row per reason that holds a session to its server connection",
            columns: [
                ConsoleColumn(name: "session", type: .integer, comment: "The session's id"),
                ConsoleColumn(name: "reason", type: .text, comment: "What holds it"),
                ConsoleColumn(name: "since", type: .datetime, comment: "Not recorded in this version: always NULL"),
                ConsoleColumn(
                    name: "statement", type: .text,
                    comment:
                        "The session's present or last statement, which may be a later one than the one that pinned"),
                ConsoleColumn(name: "release_rule", type: .text, comment: "What releases it"),
            ]
        ) {
            snapshots.sessions.flatMap { session in
                zip(session.pins, session.releaseRules).map { reason, rule in
                    [.count(session.id), .text(reason), .null, .text(orNull: session.statement), .text(rule)]
                }
            }
        }
    }
}
