// The versions of the settings that were in force, and what is told of the changes between them.

/// How a change came.
package enum SettingsOrigin: String, Sendable {
    /// The process began.
    case start
    /// `APPLY`.
    case apply
    /// `RELOAD`.
    case reload
    /// SIGHUP.
    case signal
    /// `ROLLBACK n`.
    case rollback
}

/// Who asked for a change, how and when.
package struct SettingsOrder: Sendable, Equatable {
    /// How it came.
    package var origin: SettingsOrigin
    /// Who asked, as `name@host`; empty for nobody in particular.
    package var user: String
    /// The connection id of who asked; 0 for none.
    package var connectionID: UInt64
    /// When.
    package var unixMilliseconds: Int64

    /// An order by its parts.
    package init(origin: SettingsOrigin, user: String = "", connectionID: UInt64 = 0, unixMilliseconds: Int64) {
        self.origin = origin
        self.user = user
        self.connectionID = connectionID
        self.unixMilliseconds = unixMilliseconds
    }
}

/// Settings that are, or were, in force.
package struct SettingsVersion: Sendable {
    /// From 1 on; never used twice in a process.
    package var number: Int
    /// The settings.
    package var settings: Settings
    /// Where they were read from; nil for settings made in code.
    package var document: SettingsDocument?
    /// Who put them in force.
    package var order: SettingsOrder
}

/// One setting that was changed, or one change that was refused.
package struct SettingsEvent: Sendable, Equatable {
    /// The version that it led to; nil for a refusal.
    package var version: Int?
    /// Who asked.
    package var order: SettingsOrder
    /// The setting, or what there was more; nil for a refusal.
    package var path: String?
    /// What it was.
    package var old: String?
    /// What it became.
    package var new: String?
    /// Why it was refused; nil for a change.
    package var refusal: String?
}

/// Settings that were validated and can be put in force.
package struct SettingsCandidate: Sendable {
    /// The settings, with what they leave to the machine filled in.
    package let settings: Settings
    /// Where they were read from.
    let document: SettingsDocument?
    /// What differs from those in force; nothing that needs a restart.
    package let changes: [SettingChange]
}

/// A row of the table of settings.
package struct SettingRow: Sendable, Equatable {
    /// The place, with names instead of positions.
    package var path: String
    /// The value in force, `(hidden)` for a secret; nil for what is only pending.
    package var value: String?
    /// The value that `APPLY` would put in force; nil when that is the same.
    package var pending: String?
    /// Where the value in force comes from.
    package var source: SettingSource
    /// The version that brought the value.
    package var version: Int
    /// Whether a change needs a restart.
    package var requiresRestart: Bool
}
