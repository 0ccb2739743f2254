// JSON that is put together and printed (RFC 8259).

/// A value in JSON.
package indirect enum JSONNode: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number in the words it came in.
    case number(String)
    case text(String)
    case array([JSONNode])
    /// Members in order.
    case object([(String, JSONNode)])

    package static func == (one: JSONNode, other: JSONNode) -> Bool { one.line == other.line }

    /// An integer.
    static func integer(_ value: Int64) -> JSONNode { .number(String(value)) }

    /// A text, or null.
    static func text(orNull text: String?) -> JSONNode { text.map(JSONNode.text) ?? .null }

    /// An integer, or null.
    static func integer(orNull value: Int64?) -> JSONNode { value.map(JSONNode.integer) ?? .null }

    /// On one line.
    package var line: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .text(let text): Self.quoted(text)
        case .array(let elements): "[" + elements.map(\.line).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0)): \($1.line)" }.joined(separator: ", ") + "}"
        }
    }

    /// An array or an object with one line for each element, two levels deep; for people who look at it.
    package var lines: String { lines(indent: "", depth: 2) + "\n" }

    private func lines(indent: String, depth: Int) -> String {
        let inner = indent + "  "
        switch self {
        case .array(let elements) where depth > 0 && !elements.isEmpty:
            let texts = elements.map { inner + $0.lines(indent: inner, depth: depth - 1) }
            return "[\n" + texts.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where depth > 0 && !members.isEmpty:
            let texts = members.map { "\(inner)\(Self.quoted($0)): \($1.lines(indent: inner, depth: depth - 1))" }
            return "{\n" + texts.joined(separator: ",\n") + "\n\(indent)}"
        default: return line
        }
    }

    /// A text with its quotes. What a terminal would obey is escaped too, which means the same.
    static func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\r": json += "\\r"
            case "\t": json += "\\t"
            case _ where TerminalText.isUnsafe(scalar):
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }
}
