// Why a change of settings is not accepted. Whatever it was, nothing has changed.

/// A refusal, for the admin who asked.
package struct SettingsRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, and what can be done; several lines when several things are. Contains no secret.
    package let description: String

    /// A refusal in words.
    package init(_ description: String) { self.description = description }

    /// All problems of a text, up to a bound.
    init(_ errors: ConfigurationErrors) {
        var text = ""
        for (index, error) in errors.errors.enumerated() {
            guard text.utf8.count + error.description.utf8.count < SettingsLimits.refusalBytesMaximum else {
                text += "\n… and \(errors.errors.count - index) more"
                break
            }
            text += index == 0 ? error.description : "\n\(error.description)"
        }
        self.init(text)
    }

    /// What a running process cannot take over.
    init(needingRestart changes: [SettingChange]) {
        let lines = changes.map { change in
            let advice = change.isOfNode ? ", DRAIN NODE takes reads off a node until then" : ""
            return "\(change.path): \(change.old) → \(change.new) needs a restart\(advice)"
        }
        self.init("nothing was changed: \(lines.joined(separator: "; "))")
    }
}

extension SettingChange {
    fileprivate var isOfNode: Bool { path.contains(".nodes[") && new == "(none)" }
}
