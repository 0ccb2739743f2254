// The console table `settings_history`: which settings were changed, by whom, and which changes were refused.
internal import Configuration

extension ConsoleTable {
    /// One row per changed setting and per refused change, oldest first; `SettingsLimits.eventsMaximum` are kept.
    static func settingsHistory(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "settings_history", comment: "One row per changed setting, and per change that was refused",
            columns: [
                ConsoleColumn(name: "time", type: .datetime, comment: "When it was changed, UTC"),
                ConsoleColumn(
                    name: "version", type: .integer,
                    comment: "The version it led to, for ROLLBACK and SHOW SETTINGS DIFF; NULL for a refusal"),
                ConsoleColumn(name: "origin", type: .text, comment: "apply, reload, signal (SIGHUP) or rollback"),
                ConsoleColumn(name: "user", type: .text, comment: "Who asked; NULL for a signal"),
                ConsoleColumn(name: "connection_id", type: .integer, comment: "Of who asked; NULL for a signal"),
                ConsoleColumn(name: "path", type: .text, comment: "The setting; NULL for a refusal"),
                ConsoleColumn(name: "old", type: .text, comment: "What it was"),
                ConsoleColumn(name: "new", type: .text, comment: "What it became"),
                ConsoleColumn(name: "refusal", type: .text, comment: "Why nothing was changed; NULL for a change"),
            ]
        ) {
            (snapshots.source.settingsControl?.events ?? []).map { event in
                [
                    .time(unixMilliseconds: event.order.unixMilliseconds),
                    event.version.map { .count($0) } ?? .null, .text(event.order.origin.rawValue),
                    .text(orNull: event.order.user),
                    event.order.connectionID == 0 ? .null : .count(event.order.connectionID),
                    .text(orNull: event.path), .text(orNull: event.old), .text(orNull: event.new),
                    .text(orNull: event.refusal),
                ]
            }
        }
    }
}
