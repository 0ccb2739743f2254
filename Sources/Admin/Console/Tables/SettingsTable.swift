// The console table `settings`: what the proxy was told, secrets hidden.
internal import Configuration

extension ConsoleTable {
    /// One row per setting in force, defaults included.
    static func settings(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "settings", comment: "One row per setting in force, defaults included; secrets are hidden",
            columns: [
                ConsoleColumn(name: "path", type: .text, comment: "Its place, with names instead of positions"),
                ConsoleColumn(name: "value", type: .text, comment: "Its value, or (hidden)"),
            ]
        ) {
            snapshots.source.settings.listed.map { [.text($0.path), .text($0.value)] }
        }
    }
}
