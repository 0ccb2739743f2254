// Every bound of settings that change while the proxy runs, in one place.

/// What is kept of changes, and how much a console may say.
package enum SettingsLimits {
    /// Versions that can be gone back to.
    package static let versionsMaximum = 32
    /// Rows of the history of changes.
    package static let eventsMaximum = 1_000
    /// Rows of one change in that history; the last of them counts the others.
    package static let eventsPerChangeMaximum = 100
    /// Settings that the console has in force, or pending, at once.
    package static let assignmentsMaximum = 1_000
    /// Bytes of an error's text that lists problems of a file.
    package static let refusalBytesMaximum = 4_096
}
