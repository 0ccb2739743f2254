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
                ConsoleColumn(name: "since", type: .datetime, comment: "When it was set"),
                ConsoleColumn(
                    name: "statement", type: .text,
                    comment: "The statement that set it; of a long one the digest, which has no values"),
                ConsoleColumn(name: "release_rule", type: .text, comment: "What releases it"),
            ]
        ) {
            snapshots.sessions.flatMap { session in
                session.pins.map { pin in
                    [
                        .count(session.id), .text(pin.reason), .time(unixMilliseconds: pin.sinceUnixMilliseconds),
                        .text(orNull: pin.statement), .text(pin.releaseRule),
                    ]
                }
            }
        }
    }
}
