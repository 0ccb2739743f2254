// Replaces `${NAME}` by environment variables, after the YAML has been parsed, so that a value cannot add structure.

/// The outcome of expanding one text. `$${` stands for a literal `${`.
struct VariableExpansion {
    private(set) var text = ""
    /// What could not be expanded; names variables, never contents.
    private(set) var problems: [String] = []

    init(_ source: String, environment: [String: String]) {
        var rest = source[...]
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                text += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                rest = expandFirst(in: rest.dropFirst(2), environment: environment)
            } else {
                text += "$"
                rest = rest.dropFirst()
            }
        }
        text += rest
    }

    /// Expands the variable whose name starts here; returns what follows its brace.
    private mutating func expandFirst(in source: Substring, environment: [String: String]) -> Substring {
        guard let brace = source.firstIndex(of: "}") else {
            problems.append("'${' without '}'; write '$${' for the characters themselves")
            return ""
        }
        let name = String(source[..<brace])
        if !Self.isVariableName(name) {
            problems.append("what stands in '${…}' is not a variable's name; write '$${' for the characters themselves")
        } else if let value = environment[name] {
            text += value
        } else {
            problems.append("the environment variable '\(printable(name))' is not set")
        }
        return source[source.index(after: brace)...]
    }

    // POSIX.1-2017, 3.235 "Name".
    private static func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default:
                false
            }
        }
    }
}
