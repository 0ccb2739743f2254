// MySQL's LIKE: `%`, `_`, backslash as the default escape, case-insensitive; time is text × pattern at worst.

/// A LIKE pattern ready to match.
struct LikePattern {
    private enum Part: Equatable {
        case anyRun
        case anyOne
        case scalar(Unicode.Scalar)
    }

    private let parts: [Part]

    /// Reads a pattern; `escape` nil is for `ESCAPE ''`, no escape at all.
    init(_ pattern: String, escape: Unicode.Scalar? = "\\") {
        var parts: [Part] = []
        var escaped = false
        for scalar in pattern.unicodeScalars {
            if escaped {
                parts.append(.scalar(Self.folded(scalar)))
                escaped = false
            } else if scalar == escape {
                escaped = true
            } else if scalar == "%" {
                if parts.last != .anyRun { parts.append(.anyRun) }
            } else {
                parts.append(scalar == "_" ? .anyOne : .scalar(Self.folded(scalar)))
            }
        }
        if escaped, let escape { parts.append(.scalar(escape)) }
        self.parts = parts
    }

    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let mapping = scalar.properties.lowercaseMapping.unicodeScalars
        return scalar.isASCII || mapping.count == 1 ? mapping.first ?? scalar : scalar
    }

    /// Whether all of `text` matches.
    func matches(_ text: String) -> Bool { matches(text) { false } }

    /// The same, of a text that may be long. Only the latest `%` is ever retried, so nothing grows exponentially.
    ///
    /// - Parameter isLate: whether to give up; the answer means nothing then.
    func matches(_ text: String, isLate: () -> Bool) -> Bool {
        let scalars = text.unicodeScalars.map(Self.folded)
        var position = 0
        var part = 0
        var retry: (part: Int, position: Int)?
        var retries = 0
        while position < scalars.count {
            if part < parts.count, parts[part] == .anyRun {
                retry = (part + 1, position)
                part += 1
            } else if part < parts.count, parts[part] == .anyOne || parts[part] == .scalar(scalars[position]) {
                part += 1
                position += 1
            } else if let last = retry {
                part = last.part
                position = last.position + 1
                retry = (last.part, position)
                retries += 1
                if retries % ConsoleLimits.placesBetweenClockReads == 0, isLate() { return false }
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .anyRun }
    }
}
