// The console table `settings`: what the proxy was told, secrets hidden.
internal import Configuration

extension ConsoleTable {
    /// One row per setting in force, defaults included.
    static func settings(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "settings", comment: "One row per setting in force, defaults included; secrets are hidden",
            columns: [
                ConsoleColumn(name: "path", type: .text, comment: "Its place, with names instead of positions"),
                ConsoleColumn(
                    name: "value", type: .text, comment: "Its value, or (hidden); NULL for what is only pending"),
                ConsoleColumn(
                    name: "pending", type: .text, comment: "What APPLY would make of it; NULL for no change"),
                ConsoleColumn(
                    name: "source", type: .text,
                    comment: "default, file, environment (by ${NAME} in the file) or console; each goes before those "
                        + "in front of it"),
                ConsoleColumn(
                    name: "version", type: .integer,
                    comment: "The version that brought the value; the oldest kept for older ones"),
                ConsoleColumn(
                    name: "needs_restart", type: .text, comment: "yes if a running process cannot change it"),
            ]
        ) {
            guard let control = snapshots.source.settingsControl else {
                return snapshots.source.settings.listed.map {
                    [.text($0.path), .text($0.value), .null, .null, .null, .yesNo($0.requiresRestart)]
                }
            }
            return control.rows.map { row in
                [
                    .text(row.path), row.value.map { .text($0) } ?? .null, row.pending.map { .text($0) } ?? .null,
                    .text(row.source.rawValue), .count(row.version), .yesNo(row.requiresRestart),
                ]
            }
        }
    }
}
