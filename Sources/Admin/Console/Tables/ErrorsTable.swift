// The console table `errors`: what Switchyard itself told clients that went wrong.
internal import Frontend

extension ConsoleTable {
    /// One row per error, oldest first.
    static func errors(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "errors",
            comment: "The last \(FrontendLimits.errors) errors of Switchyard's own given to sessions, and the last "
                + "\(FrontendLimits.loginErrors) refused logins; what servers answered is not among them",
            columns: ErrorRows.columns
        ) { snapshots.source.errors.records().map(ErrorRows.row) }
    }
}

/// Errors as rows, and one of them as a list.
enum ErrorRows {
    static let columns: [ConsoleColumn] = [
        ConsoleColumn(name: "id", type: .text, comment: "Its id, as in the message and in the log"),
        ConsoleColumn(name: "time", type: .datetime, comment: "When it was made, UTC"),
        ConsoleColumn(name: "cluster", type: .text, comment: "The cluster; NULL for none"),
        ConsoleColumn(name: "node", type: .text, comment: "The node that it is about; NULL for none"),
        ConsoleColumn(
            name: "session", type: .integer, comment: "The client's connection id; NULL before it had one"),
        ConsoleColumn(name: "user", type: .text, comment: "The account, as the client claims it"),
        ConsoleColumn(name: "peer", type: .text, comment: "Where the client comes from"),
        ConsoleColumn(name: "kind", type: .text, comment: "login, or session for one that was let in"),
        ConsoleColumn(name: "code", type: .integer, comment: "The error number"),
        ConsoleColumn(name: "sqlstate", type: .text, comment: "Its SQLSTATE"),
        ConsoleColumn(name: "cause", type: .text, comment: "What happened"),
        ConsoleColumn(name: "next_step", type: .text, comment: "What to do about it"),
        ConsoleColumn(name: "digest", type: .text, comment: "The statement's digest, as in digests; NULL for none"),
    ]

    static func row(_ record: ErrorRecord) -> [ConsoleValue] {
        [
            .text(record.id), .time(unixMilliseconds: record.unixMilliseconds), .text(orNull: record.origin.cluster),
            .text(orNull: record.origin.node), record.session == 0 ? .null : .count(record.session),
            .text(orNull: record.origin.user), .text(record.peer), .text(record.isLogin ? "login" : "session"),
            .count(record.code), .text(record.sqlState), .text(record.cause), .text(record.nextStep),
            .text(orNull: record.origin.digest.map(DigestRecord.name)),
        ]
    }

    /// `SHOW ERRORS`: the latest first.
    static func list(_ records: [ErrorRecord]) -> ConsoleResult {
        ConsoleResult(columns: columns, rows: records.reversed().map(row))
    }

    /// `SHOW ERROR`: one fact in each row.
    static func explanation(_ record: ErrorRecord, digestText: String?) -> ConsoleResult {
        var rows = zip(columns, row(record)).map { [ConsoleValue.text($0.name), .text(orNull: $1.displayText)] }
        if let digestText { rows.append(["statement", .text(digestText)]) }
        return .text(["item", "value"], rows)
    }
}
