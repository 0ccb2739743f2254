// How the console changes the settings of the process.
package import Configuration

/// What became of a change.
package struct SettingsOutcome: Sendable, Equatable {
    /// What changed, in the order of the settings; empty when nothing differed.
    package var changes: [SettingChange]
    /// What the settings file says where the console's words are in force instead.
    package var overruled: [SettingChange]
    /// The version in force now.
    package var version: Int

    /// An outcome by its parts.
    package init(changes: [SettingChange], overruled: [SettingChange] = [], version: Int) {
        self.changes = changes
        self.overruled = overruled
        self.version = version
    }
}

/// The settings in force, those pending, and the ways from one to the other. Called on the console's queue; a change may
/// block for about a second, and for as long as a listener's host name is looked up, a monitor's account is tried, or a
/// password is read from a pipe.
package protocol SettingsControl: Sendable {
    /// All settings.
    var rows: [SettingRow] { get }
    /// What was changed and refused, the oldest first.
    var events: [SettingsEvent] { get }
    /// What `apply` would change.
    var pending: [SettingChange] { get }
    /// Adds to what is pending; returns all of that.
    func stage(_ assignments: [SettingAssignment]) throws(SettingsRefusal) -> [SettingChange]
    /// Forgets what is pending; false when nothing was.
    func discard() -> Bool
    /// What `rollBack` to a version would change.
    func difference(from version: Int) throws(SettingsRefusal) -> [SettingChange]
    /// Puts what is pending in force.
    func apply(for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome
    /// Puts an earlier version in force, as a new one.
    func rollBack(to version: Int, for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome
    /// Reads the settings file and the certificates again.
    func reload(for admin: ConsoleSession) throws(SettingsRefusal) -> SettingsOutcome
}
