// The place of one setting, as the console spells it: names instead of positions.

/// For example `clusters[main].nodes[10.0.0.1:3306].weight`.
package struct SettingPath: Sendable, Hashable, CustomStringConvertible {
    /// A step from the whole to the part.
    enum Part: Sendable, Hashable {
        /// Into a mapping.
        case key(String)
        /// Into a list, by the element's name.
        case element(String)
    }

    let parts: [Part]

    /// Reads a place; nil for text that is none. Brackets inside of brackets must be paired: `nodes[[::1]:3306]`.
    package init?(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix("[") {
                guard !parts.isEmpty, let close = Self.closing(rest) else { return nil }
                let name = rest[rest.index(after: rest.startIndex)..<close]
                guard !name.isEmpty else { return nil }
                parts.append(.element(String(name)))
                rest = rest[rest.index(after: close)...]
                continue
            }
            if !parts.isEmpty {
                guard rest.hasPrefix(".") else { return nil }
                rest = rest.dropFirst()
            }
            let key = rest.prefix { $0 != "." && $0 != "[" }
            guard !key.isEmpty else { return nil }
            parts.append(.key(String(key)))
            rest = rest[key.endIndex...]
        }
        guard !parts.isEmpty else { return nil }
        self.parts = parts
    }

    private static func closing(_ text: Substring) -> Substring.Index? {
        var depth = 0
        for index in text.indices {
            if text[index] == "[" { depth += 1 }
            if text[index] == "]" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// Whether this is the other place, or a part of it.
    func isWithin(_ other: SettingPath) -> Bool { parts.starts(with: other.parts) }

    /// As it is read.
    package var description: String {
        parts.reduce("") { text, part in
            switch part {
            case .key(let key): SettingsDifference.join(text, key)
            case .element(let name): "\(text)[\(name)]"
            }
        }
    }
}
