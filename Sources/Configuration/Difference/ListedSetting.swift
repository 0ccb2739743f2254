// The settings as a flat list for people: paths and values, secrets hidden.

/// One setting in force.
package struct ListedSetting: Sendable, Equatable {
    /// The place, with names instead of positions, for example `clusters[main].nodes[10.0.0.1:3306].weight`.
    package var path: String
    /// The value in words; `(hidden)` for a secret.
    package var value: String
    /// Whether a running process cannot take a change of it over.
    package var requiresRestart = false
}

extension Settings {
    /// Every setting, defaults included, in the order of the settings file. Contains no secret.
    package var listed: [ListedSetting] {
        var list: [ListedSetting] = []
        Self.list(tree, path: "", into: &list)
        return list
    }

    private static func list(_ tree: SettingTree, path: String, into list: inout [ListedSetting]) {
        switch tree {
        case .leaf, .secret:
            list.append(ListedSetting(path: path, value: tree.shown, requiresRestart: tree.needsRestart))
        case .branch(_, _, let children):
            for (key, child) in children {
                Self.list(child, path: SettingsDifference.join(path, key), into: &list)
            }
        }
    }
}
