// The entries of one mapping, after unknown keys have been refused.

internal import Yams

/// A mapping whose keys are all known. A read of a missing optional key returns the fallback.
struct YAMLMapping {
    let value: YAMLValue
    private let entries: [String: YAMLValue]

    init(value: YAMLValue, entries: [String: YAMLValue]) {
        self.value = value
        self.entries = entries
    }

    /// Reports every key that is not among `keys`.
    init(value: YAMLValue, mapping: Node.Mapping, keys: [String]) {
        var entries: [String: YAMLValue] = [:]
        for (keyNode, node) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                value.context.report("a key must be a word", at: keyNode.mark, path: value.path)
                continue
            }
            let key = scalar.string
            guard keys.contains(key) else {
                Self.reportUnknown(key, at: keyNode.mark, in: value, keys: keys)
                continue
            }
            let path = value.path.isEmpty ? key : "\(value.path).\(key)"
            entries[key] = YAMLValue(node: node, path: path, context: value.context)
        }
        self.init(value: value, entries: entries)
    }

    private static func reportUnknown(_ key: String, at mark: Mark?, in value: YAMLValue, keys: [String]) {
        // `{password:secret}` is one key without a value: what follows the colon must not be shown.
        let (shown, isGlued) = redactedKey(key)
        let suggestion =
            isGlued
            ? "write a space after ':'" : didYouMean(key, among: keys) ?? "known here: \(keys.joined(separator: ", "))"
        value.context.report("unknown key '\(shown)'", at: mark, path: value.path, suggestion: suggestion)
    }

    subscript(key: String) -> YAMLValue? { entries[key] }

    /// The value of a key that must be there.
    func required(_ key: String) -> YAMLValue? {
        if let found = entries[key] { return found }
        value.report("missing key '\(key)'")
        return nil
    }

    /// The value of a key that may be missing, read by `read`; the fallback also stands in for a value with a problem.
    func optional<Value>(_ key: String, _ fallback: Value, _ read: (YAMLValue) -> Value?) -> Value {
        guard let found = entries[key] else { return fallback }
        return read(found) ?? fallback
    }

    func duration(_ key: String, _ fallback: Int, in range: ClosedRange<Int>) -> Int {
        optional(key, fallback) { $0.duration(in: range) }
    }

    func integer(_ key: String, _ fallback: Int, in range: ClosedRange<Int>) -> Int {
        optional(key, fallback) { $0.integer(in: range) }
    }
}

/// The part of a key that may be shown, and whether a value is glued to it.
func redactedKey(_ key: String) -> (shown: String, isGlued: Bool) {
    guard let colon = key.firstIndex(of: ":") else { return (printable(key), false) }
    return (printable(String(key[..<colon])), true)
}
