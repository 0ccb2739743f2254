// One value of the YAML tree together with its place, and the ways to read it; every failure is reported with both.

internal import Yams

/// A value in the file. A read that fails reports the problem and returns `nil`.
struct YAMLValue {
    let node: Node
    let path: String
    let context: ReadingContext

    var line: Int { node.mark?.line ?? 0 }

    func report(_ message: String, suggestion: String? = nil) {
        context.report(message, at: node.mark, path: path, suggestion: suggestion)
    }

    /// Whether nothing was written: an empty value, `~` or `null` without quotes.
    var isNothing: Bool {
        guard case .scalar(let scalar) = node, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    var isScalar: Bool {
        if case .scalar = node { true } else { false }
    }

    /// How many elements a list has; `nil` for anything else.
    var elementCount: Int? {
        if case .sequence(let sequence) = node { sequence.count } else { nil }
    }

    /// What kind of value this is, without its content, which may be a secret in the wrong place.
    private var kind: String {
        if isNothing { return "nothing" }
        switch node {
        case .scalar: return "a single value"
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .alias: return "an alias"
        }
    }

    /// The entries of a mapping that may have these keys; nothing at all counts as an empty mapping.
    func mapping(keys: [String]) -> YAMLMapping? {
        if isNothing { return YAMLMapping(value: self, entries: [:]) }
        guard case .mapping(let mapping) = node else {
            report("expected a mapping with \(quotedList(keys)), found \(kind)")
            return nil
        }
        return YAMLMapping(value: self, mapping: mapping, keys: keys)
    }

    /// The elements of a list.
    func list(of what: String) -> [YAMLValue]? {
        guard case .sequence(let sequence) = node else {
            report("expected a list of \(what), found \(kind)")
            return nil
        }
        return sequence.enumerated().map { index, node in
            YAMLValue(node: node, path: "\(path)[\(index)]", context: context)
        }
    }

    /// A single value as text, with `${NAME}` replaced.
    func text(expected: String = "text") -> String? {
        guard case .scalar(let scalar) = node, !isNothing else {
            report("expected \(expected), found \(kind)")
            return nil
        }
        let expansion = VariableExpansion(scalar.string, environment: context.environment)
        for problem in expansion.problems { report(problem) }
        return expansion.problems.isEmpty ? expansion.text : nil
    }

    /// How errors show the value: as written, so that the content of a variable is never shown.
    var shown: String {
        guard case .scalar(let scalar) = node else { return kind }
        return "'\(printable(scalar.string))'"
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        guard let text = text(expected: "a whole number") else { return nil }
        guard let number = wholeNumber(text) else {
            report("expected a whole number, found \(shown)")
            return nil
        }
        guard range.contains(number) else {
            report("must be from \(range.lowerBound) to \(range.upperBound), found \(shown)")
            return nil
        }
        return number
    }

    func boolean() -> Bool? {
        guard let text = text(expected: "true or false") else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            report("expected true or false, found \(shown)")
            return nil
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> Choice? {
        let names = Choice.allCases.map(\.rawValue)
        guard let text = text(expected: "one of \(quotedList(names))") else { return nil }
        guard let choice = Choice(rawValue: text) else {
            report("expected one of \(quotedList(names)), found \(shown)", suggestion: didYouMean(text, among: names))
            return nil
        }
        return choice
    }

    /// Milliseconds from `500ms`, `10s`, `5m`, `8h` or a number.
    func duration(in range: ClosedRange<Int>) -> Int? {
        quantity(
            DurationText.units, in: range, expected: "a time such as 500ms, 10s, 5m or 8h", show: DurationText.describe)
    }

    /// Bytes from `64KiB`, `16MiB`, `1GiB` or a number.
    func size(in range: ClosedRange<Int>) -> Int? {
        quantity(SizeText.units, in: range, expected: "a size such as 64KiB, 16MiB or 1GiB", show: SizeText.describe)
    }

    private func quantity(
        _ units: [(name: String, factor: Int)], in range: ClosedRange<Int>, expected: String, show: (Int) -> String
    ) -> Int? {
        guard let text = text(expected: expected) else { return nil }
        guard let amount = quantityValue(text, units: units) else {
            report("expected \(expected), found \(shown)")
            return nil
        }
        guard range.contains(amount) else {
            report("must be from \(show(range.lowerBound)) to \(show(range.upperBound)), found \(shown)")
            return nil
        }
        return amount
    }

    /// An address; port 0 only where the system may choose.
    func address(defaultPort: UInt16, allowsPortZero: Bool) -> NodeAddress? {
        guard let text = text(expected: "an address such as 127.0.0.1:\(defaultPort)") else { return nil }
        do throws(NodeAddress.ParseError) {
            let address = try NodeAddress.parse(text, defaultPort: defaultPort)
            if case .host(_, port: 0) = address, !allowsPortZero {
                report("a server's port cannot be 0")
                return nil
            }
            return address
        } catch {
            // The text is not repeated: people also paste addresses with a password in front of an '@'.
            let hint = text.contains("@") ? "write only host:port; accounts have keys of their own" : error.suggestion
            report("not an address: \(error.message)", suggestion: hint)
            return nil
        }
    }

    /// A name that can stand in a console statement without quotes.
    func name() -> String? {
        guard let text = text(expected: "a name") else { return nil }
        guard !text.isEmpty, text.utf8.count <= maximumNameBytes, text.utf8.allSatisfy(isNameByte) else {
            report("a name has 1 to \(maximumNameBytes) letters, digits, '_', '-' or '.', found \(shown)")
            return nil
        }
        return text
    }

    /// An account's name.
    func accountName() -> String? {
        guard let text = text(expected: "the name of an account") else { return nil }
        guard !text.isEmpty, text.utf8.count <= maximumAccountNameBytes, !text.utf8.contains(0) else {
            report("the name of an account has 1 to \(maximumAccountNameBytes) bytes and no zero byte")
            return nil
        }
        return text
    }
}

/// The longest name of a cluster, listener, node or zone.
let maximumNameBytes = 64
/// The longest account name: 128 characters in MariaDB's privilege tables, 32 in MySQL's, of up to 4 bytes.
let maximumAccountNameBytes = 512

extension Node.Scalar {
    var isPlain: Bool { style == .plain || style == .any }
}

private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
    default:
        false
    }
}
