// What a console says instead of the settings file.

/// The value that a console gives to a setting.
package enum SettingValue: Sendable, Equatable {
    /// One value, taken as it is, whatever YAML would make of it.
    case text(String)
    /// A list or a mapping, in YAML.
    case yaml(String)
    /// As if the file did not name the setting: its default, or an element less.
    case nothing
    /// What the file says: the console says nothing any more.
    case fromFile
}

/// One setting and its value. Its descriptions never contain the value, which may be a password.
package struct SettingAssignment: Sendable, Equatable {
    /// The setting.
    package var path: SettingPath
    /// Its value.
    package var value: SettingValue

    /// An assignment by its parts.
    package init(path: SettingPath, value: SettingValue) {
        self.path = path
        self.value = value
    }
}

extension SettingAssignment: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The place alone.
    package var description: String { path.description }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the value.
    package var customMirror: Mirror { Mirror(self, children: ["path": description]) }
}

/// Where the value in force comes from; each goes before those above it.
package enum SettingSource: String, Sendable {
    /// Nobody names it.
    case standard = "default"
    /// The settings file.
    case file
    /// The settings file, by `${NAME}`.
    case environment
    /// `SET` and `APPLY`.
    case console
}
