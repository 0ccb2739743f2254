// What a reload would change, one line per setting; the input of RELOAD's answer and of its log lines.

/// One setting that differs. Secrets are shown as `(changed)`, absence as `(none)`.
package struct SettingChange: Sendable, Equatable, CustomStringConvertible {
    /// The place, with names instead of positions, for example `clusters[main].nodes[10.0.0.1:3306].weight`.
    package var path: String
    /// What it was.
    package var old: String
    /// What it becomes.
    package var new: String
    /// Whether the running process cannot take the change over.
    package var requiresRestart: Bool

    /// Builds one change.
    package init(path: String, old: String, new: String, requiresRestart: Bool) {
        self.path = path
        self.old = old
        self.new = new
        self.requiresRestart = requiresRestart
    }

    /// For example `limits.clients: 10000 → 20000`.
    package var description: String {
        "\(path): \(old) → \(new)\(requiresRestart ? " (needs a restart)" : "")"
    }
}

/// Compares settings.
package enum SettingsDifference {
    /// The changes that lead from `old` to `new`; empty when both mean the same. The order of lists means nothing.
    package static func between(_ old: Settings, _ new: Settings) -> [SettingChange] {
        var changes: [SettingChange] = []
        compare(old.tree, new.tree, path: "", into: &changes)
        return changes
    }

    /// Stands for what is not there.
    static let absent = "(none)"

    private static func compare(
        _ old: SettingTree, _ new: SettingTree, path: String, into changes: inout [SettingChange]
    ) {
        switch (old, new) {
        case (.leaf(let oldText, let restart), .leaf(let newText, _)):
            if oldText != newText {
                changes.append(SettingChange(path: path, old: oldText, new: newText, requiresRestart: restart))
            }
        case (.secret(let oldSecret), .secret(let newSecret)):
            if oldSecret != newSecret {
                changes.append(SettingChange(path: path, old: "(hidden)", new: "(changed)", requiresRestart: false))
            }
        case (.branch(_, _, let oldChildren), .branch(_, _, let newChildren)):
            compareChildren(oldChildren, newChildren, path: path, into: &changes)
        default:
            let restart = old.needsRestart || new.needsRestart
            changes.append(SettingChange(path: path, old: old.shown, new: new.shown, requiresRestart: restart))
        }
    }

    private static func compareChildren(
        _ old: [(key: String, tree: SettingTree)], _ new: [(key: String, tree: SettingTree)], path: String,
        into changes: inout [SettingChange]
    ) {
        // Names are unique in validated settings; in settings built by hand the last of two equal ones counts.
        let newByKey = Dictionary(new.map { ($0.key, $0.tree) }) { _, last in last }
        let oldKeys = Set(old.map(\.key))
        for (key, tree) in old {
            let childPath = join(path, key)
            if let other = newByKey[key] {
                compare(tree, other, path: childPath, into: &changes)
            } else {
                changes.append(
                    SettingChange(
                        path: childPath, old: tree.shown, new: absent, requiresRestart: tree.removalNeedsRestart))
            }
        }
        for (key, tree) in new where !oldKeys.contains(key) {
            changes.append(
                SettingChange(
                    path: join(path, key), old: absent, new: tree.shown, requiresRestart: tree.needsRestart))
        }
    }

    /// Whether a place is a part of another.
    static func isPart(_ path: String, of whole: String) -> Bool {
        guard path.count > whole.count, path.hasPrefix(whole) else { return false }
        let next = path[path.index(path.startIndex, offsetBy: whole.count)]
        return next == "." || next == "["
    }

    static func join(_ path: String, _ key: String) -> String {
        path.isEmpty || key.hasPrefix("[") ? path + key : "\(path).\(key)"
    }
}
