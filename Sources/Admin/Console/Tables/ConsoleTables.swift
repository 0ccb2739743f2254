// All tables of the console, and how plain values become cells.

/// The tables, in the order in which `SHOW TABLES` lists them.
enum ConsoleTables {
    static func all(_ snapshots: ConsoleSnapshots, status: ConsoleServiceStatus) -> [ConsoleTable] {
        [
            .clusters(snapshots), .connections(snapshots), .digests(snapshots), .errors(snapshots), .hints(snapshots),
            .metrics(snapshots, status: status), .nodes(snapshots), .outcomes(snapshots), .pins(snapshots),
            .pools(snapshots), .routingHistory(snapshots), .routingTable(snapshots), .sessions(snapshots),
            .settings(snapshots), .settingsHistory(snapshots), .users(snapshots),
        ]
    }
}

extension ConsoleValue {
    /// Text, NULL when there is none.
    static func text(orNull text: String?) -> ConsoleValue {
        guard let text, !text.isEmpty else { return .null }
        return .text(text)
    }

    /// A whole number, cut to what the column can hold.
    static func count(_ number: some BinaryInteger) -> ConsoleValue { .integer(Int64(clamping: number)) }

    /// `yes` or `no`.
    static func yesNo(_ isTrue: Bool) -> ConsoleValue { .text(isTrue ? "yes" : "no") }

    /// A point in time.
    static func time(unixMilliseconds: Int64) -> ConsoleValue {
        let (microseconds, overflows) = unixMilliseconds.multipliedReportingOverflow(by: 1_000)
        return overflows ? .null : .text(orNull: ConsoleDateTime.text(microseconds: microseconds))
    }
}
