// Keeps passwords out of every text that Swift can make of a settings value: print, dump, debugger, test output.

extension MonitorSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The account's name without the password.
    package var description: String { "monitor '\(user)'" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the password.
    package var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

extension UserSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The account's name without the secret.
    package var description: String { "user '\(name)'" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the secret.
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension ServerUserSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The account's name without the password.
    package var description: String { "server user '\(user)'" }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the password.
    package var customMirror: Mirror { Mirror(self, children: ["user": user]) }
}

extension UserCredential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind of credential, without its value.
    package var description: String {
        switch self {
        case .password: "password (hidden)"
        case .nativeHash, .cachingSHA2Hash: "password_hash (hidden)"
        }
    }
    /// The same as `description`.
    package var debugDescription: String { description }
    /// A mirror without the secret.
    package var customMirror: Mirror { Mirror(self, children: ["kind": description]) }
}
