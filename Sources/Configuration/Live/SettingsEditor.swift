// Puts a console's words into the YAML tree of the file, so that one reader validates both.

internal import Yams

/// Edits YAML trees. What it puts in has no mark: it stands on no line of the file.
struct SettingsEditor {
    /// What problems of the console's words are reported under, in place of the file's name.
    static let console = "console"

    /// What names of elements may refer to.
    let environment: [String: String]

    /// The key that names the elements of a list; nil for a list whose elements have no names.
    static func nameKey(of list: String) -> String? {
        switch list {
        case "clusters", "listeners", "users", "nodes": "name"
        case "policies": "user"
        default: nil
        }
    }

    /// The tree with one setting changed.
    func apply(_ assignment: SettingAssignment, to root: Node) throws(ConfigurationErrors) -> Node {
        let new = try node(for: assignment)
        let edit = Edit(editor: self, assignment: assignment, new: new)
        return try edit.replacing(root, assignment.path.parts[...], list: "") ?? root
    }

    /// What people call an element of a list.
    func name(of element: Node, in list: String) -> String? {
        guard let key = Self.nameKey(of: list) else { return nil }
        switch element {
        case .scalar(let scalar):
            return list == "nodes" ? address(scalar.string) : nil
        case .mapping(let mapping):
            if let name = mapping[key]?.string { return expanded(name) }
            return list == "nodes" ? mapping["address"]?.string.map(address) : nil
        case .sequence, .alias:
            return nil
        }
    }

    private func address(_ text: String) -> String {
        let text = expanded(text)
        return NodeAddress(text)?.description ?? text
    }

    private func expanded(_ text: String) -> String { VariableExpansion(text, environment: environment).text }

    // MARK: Values

    private func node(for assignment: SettingAssignment) throws(ConfigurationErrors) -> Node? {
        switch assignment.value {
        case .text(let text): return Self.scalar(text)
        case .nothing, .fromFile: return nil
        case .yaml(let yaml):
            guard !Self.hasAnchor(yaml) else {
                throw problem(
                    assignment, "an '&' behind a space or a bracket is an anchor of YAML, and not taken here",
                    suggestion: "set a text that has one by its own place")
            }
            guard let node = try? Yams.compose(yaml: yaml) else {
                throw problem(assignment, "the value is not YAML: put texts with special characters in quotes")
            }
            return Self.unmarked(node)
        }
    }

    /// Whether something may have a name that aliases can stand for: a line of aliases of aliases would fill all memory.
    /// Texts in quotes are not told apart, so that nothing hides in what only looks like one.
    private static func hasAnchor(_ yaml: String) -> Bool {
        var last: Unicode.Scalar = " "
        for scalar in yaml.unicodeScalars {
            if scalar == "&", last.properties.isWhitespace || "[{,:?".unicodeScalars.contains(last) { return true }
            last = scalar
        }
        return false
    }

    /// A value that YAML cannot take for anything else. `${` is no variable here: who may set a setting may not read the
    /// environment.
    private static func scalar(_ text: String) -> Node {
        var literal = ""
        var last: Character?
        for character in text {
            if character == "{" && last == "$" { literal += "${" } else { literal.append(character) }
            last = character
        }
        return .scalar(Node.Scalar(literal, Tag(.str), .singleQuoted))
    }

    private static func unmarked(_ node: Node) -> Node {
        switch node {
        case .scalar(let scalar):
            if scalar.isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
                return .scalar(Node.Scalar(scalar.string))
            }
            return Self.scalar(scalar.string)
        case .mapping(let mapping):
            return .mapping(Node.Mapping(mapping.map { (unmarked($0.key), unmarked($0.value)) }))
        case .sequence(let sequence):
            return .sequence(Node.Sequence(sequence.map(unmarked)))
        case .alias(let alias):
            return .alias(alias)
        }
    }

    func problem(
        _ assignment: SettingAssignment, _ message: String, suggestion: String? = nil
    ) -> ConfigurationErrors {
        ConfigurationErrors([
            ConfigurationError(
                file: Self.console, path: printable(assignment.path.description), message: message,
                suggestion: suggestion)
        ])
    }
}

/// One change on its way down the tree.
private struct Edit {
    let editor: SettingsEditor
    let assignment: SettingAssignment
    /// What to put there; nil to remove what is there.
    let new: Node?

    /// What becomes of a node. `list`: the key of the list that it is, or is an element of.
    func replacing(
        _ node: Node?, _ parts: ArraySlice<SettingPath.Part>, list: String
    ) throws(ConfigurationErrors) -> Node? {
        switch parts.first {
        case nil: return new
        case .key(let key): return try replacing(key, of: node, parts.dropFirst(), list: list)
        case .element(let name): return try replacing(name, in: node, parts.dropFirst(), list: list)
        }
    }

    private func replacing(
        _ key: String, of node: Node?, _ rest: ArraySlice<SettingPath.Part>, list: String
    ) throws(ConfigurationErrors) -> Node? {
        var mapping: Node.Mapping
        switch node {
        case .mapping(let present): mapping = present
        case nil: mapping = Node.Mapping([])
        case .scalar(let scalar) where scalar.isPlain && scalar.string.isEmpty: mapping = Node.Mapping([])
        case .scalar(let scalar) where list == "nodes":
            // An address alone stands for a mapping around it.
            mapping = Node.Mapping([(Node("address"), .scalar(scalar))])
        case .scalar, .sequence, .alias:
            throw editor.problem(assignment, "'\(printable(key))' is in no mapping there")
        }
        let child = try replacing(mapping[key], rest, list: key)
        mapping[key] = child
        if child != nil { for other in Self.alternatives(to: key) { mapping[other] = nil } }
        return .mapping(mapping)
    }

    /// Keys of which a mapping may have one.
    private static func alternatives(to key: String) -> [String] {
        let groups = [
            ["password", "password_hash", "password_file"], ["server_password", "server_password_file"],
            ["token", "token_file"],
        ]
        return groups.first { $0.contains(key) }?.filter { $0 != key } ?? []
    }

    private func replacing(
        _ name: String, in node: Node?, _ rest: ArraySlice<SettingPath.Part>, list: String
    ) throws(ConfigurationErrors) -> Node? {
        guard let nameKey = SettingsEditor.nameKey(of: list) else {
            throw editor.problem(
                assignment, "the elements of '\(printable(list))' have no names",
                suggestion: "set the whole list: \(list) = [a, b]")
        }
        var sequence = Node.Sequence([])
        if case .sequence(let present)? = node { sequence = present }
        if let index = sequence.firstIndex(where: { editor.name(of: $0, in: list) == name }) {
            if let changed = try replacing(sequence[index], rest, list: list) {
                sequence[index] = named(changed, name, nameKey, list)
            } else {
                sequence.remove(at: index)
            }
            return .sequence(sequence)
        }
        // The console may have made it, and taken that back.
        guard new != nil else { return node }
        let known = sequence.compactMap { editor.name(of: $0, in: list) }
        // A cluster is more than one setting, and cannot come while the proxy runs.
        guard list != "clusters" else {
            throw editor.problem(
                assignment, "nothing is named '\(printable(name))' there",
                suggestion: didYouMean(name, among: known)
                    ?? (known.isEmpty ? nil : "known: \(known.prefix(20).joined(separator: ", "))"))
        }
        let empty: Node? =
            rest.isEmpty ? nil : .mapping(Node.Mapping([(Node(key(for: name, nameKey, list)), Node(name))]))
        guard let made = try replacing(empty, rest, list: list) else { return node }
        sequence.append(named(made, name, nameKey, list))
        return .sequence(sequence)
    }

    /// An element that says its name, unless it says another.
    private func named(_ element: Node, _ name: String, _ nameKey: String, _ list: String) -> Node {
        guard editor.name(of: element, in: list) != name else { return element }
        let key = key(for: name, nameKey, list)
        switch element {
        case .mapping(var mapping) where mapping[key] == nil:
            mapping[key] = Node(name)
            return .mapping(mapping)
        case .scalar(let scalar) where list == "nodes" && key == nameKey:
            return .mapping(Node.Mapping([(Node("address"), .scalar(scalar)), (Node(key), Node(name))]))
        case .mapping, .scalar, .sequence, .alias: return element
        }
    }

    private func key(for name: String, _ nameKey: String, _ list: String) -> String {
        list == "nodes" && name.contains(":") ? "address" : nameKey
    }
}

/// Finds out which settings a tree names.
struct SettingsSurvey {
    let editor: SettingsEditor
    private(set) var sources: [String: SettingSource] = [:]

    init(editor: SettingsEditor) { self.editor = editor }

    /// `key`: that of the node, or of the list that it is an element of.
    mutating func visit(_ node: Node, path: String, key: String) {
        switch node {
        case .scalar(let scalar):
            sources[path] = Self.source(of: scalar)
            // A node by its address alone.
            if key == "nodes" { sources["\(path).address"] = Self.source(of: scalar) }
        case .mapping(let mapping):
            for (keyNode, child) in mapping {
                guard let key = keyNode.string else { continue }
                visit(child, path: SettingsDifference.join(path, Self.listedKey(key)), key: key)
            }
        case .sequence(let sequence):
            sources[path] = sequence.mark == nil ? .console : .file
            for element in sequence {
                guard let name = editor.name(of: element, in: key) else {
                    if case .scalar(let scalar) = element { sources[path] = Self.source(of: scalar) }
                    continue
                }
                visit(element, path: "\(path)[\(name)]", key: key)
            }
        case .alias: break
        }
    }

    /// A password or token is listed once, however it is told.
    private static func listedKey(_ key: String) -> String {
        switch key {
        case "password_hash", "password_file": "password"
        case "server_password_file": "server_password"
        case "token_file": "token"
        default: key
        }
    }

    private static func source(of scalar: Node.Scalar) -> SettingSource {
        guard scalar.mark != nil else { return .console }
        // `$${` stands for the characters themselves.
        var dollars = 0
        for character in scalar.string {
            if character == "{" && dollars == 1 { return .environment }
            dollars = character == "$" ? dollars + 1 : 0
        }
        return .file
    }
}
