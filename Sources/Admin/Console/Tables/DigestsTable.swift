// The console table `digests`: what is sent most, how long it takes and where it runs.
internal import Frontend

extension ConsoleTable {
    /// One row per cluster, account, schema and digest, and one per cluster for the rest.
    static func digests(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "digests",
            comment: "Statements without their literals, since the start or RESET DIGESTS. Each lane keeps "
                + "\(FrontendLimits.digests) of a cluster, those that come most; a row without a digest sums up the others",
            columns: columns
        ) { snapshots.digests.map(row) }
    }

    private static let columns: [ConsoleColumn] = [
        ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
        ConsoleColumn(name: "user", type: .text, comment: "The client's account"),
        ConsoleColumn(name: "schema", type: .text, comment: "The default schema"),
        ConsoleColumn(
            name: "digest", type: .text, comment: "A hash of the text; NULL for the sum of all that have no row"),
        ConsoleColumn(name: "text", type: .text, comment: "The statement without its literals, perhaps cut"),
        ConsoleColumn(name: "count", type: .integer, comment: "Statements that ended"),
        ConsoleColumn(
            name: "count_error", type: .integer,
            comment: "How many more there may have been, before it came often enough to have a row"),
        ConsoleColumn(
            name: "errors", type: .integer, comment: "Of those, the ones that ended in an error, or with their client"),
        ConsoleColumn(name: "rows", type: .integer, comment: "Rows of results"),
        ConsoleColumn(name: "affected_rows", type: .integer, comment: "Rows that statements say they changed"),
        ConsoleColumn(name: "bytes", type: .integer, comment: "Bytes of replies"),
        ConsoleColumn(name: "on_primary", type: .integer, comment: "Statements that ran on the primary"),
        ConsoleColumn(name: "on_replicas", type: .integer, comment: "Statements that ran on replicas"),
        ConsoleColumn(name: "pins", type: .integer, comment: "Statements that pinned their session"),
        ConsoleColumn(
            name: "total_us", type: .integer,
            comment: "Microseconds of all together, from arrival to the last byte of the reply, waits included"),
        ConsoleColumn(name: "average_us", type: .integer, comment: "Microseconds of one"),
        ConsoleColumn(name: "p50_us", type: .integer, comment: "Half of them took no longer; known to an eighth"),
        ConsoleColumn(name: "p95_us", type: .integer, comment: "95 of 100 took no longer; known to an eighth"),
        ConsoleColumn(name: "p99_us", type: .integer, comment: "99 of 100 took no longer; known to an eighth"),
        ConsoleColumn(name: "max_us", type: .integer, comment: "The longest"),
        ConsoleColumn(name: "first_seen", type: .datetime, comment: "When the first came, UTC"),
        ConsoleColumn(name: "last_seen", type: .datetime, comment: "When the last ended, UTC"),
    ]

    private static func row(_ record: DigestRecord) -> [ConsoleValue] {
        let counts = record.counts
        let names: [ConsoleValue] = [
            .text(record.cluster), .text(orNull: record.user), .text(orNull: record.schema),
            .text(orNull: record.digest.map(DigestRecord.name)),
            .text(record.digest == nil ? "(all others)" : record.text),
        ]
        let sums: [ConsoleValue] = [
            .count(counts.statements), .count(record.missed), .count(counts.errors), .count(counts.rows),
            .count(counts.affectedRows), .count(counts.bytes), .count(counts.onPrimary), .count(counts.onReplicas),
            .count(counts.pins),
        ]
        let times: [ConsoleValue] =
            [
                .count(counts.microseconds),
                counts.statements == 0 ? .null : .count(counts.microseconds / counts.statements),
            ] + [0.5, 0.95, 0.99].map { share in record.quantile(share).map { .count($0) } ?? .null } + [
                .count(counts.longestMicroseconds), .time(unixMilliseconds: record.firstUnixMilliseconds),
                .time(unixMilliseconds: record.lastUnixMilliseconds),
            ]
        return names + sums + times
    }
}
