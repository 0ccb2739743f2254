// What a comment in a statement asks of Switchyard: /* switchyard: route=primary, timeout=200ms */

/// The hints of one statement. They ask; whether they can be followed is decided with the route.
package struct StatementHints: Sendable, Equatable {
    /// Where the statement is to run.
    package enum Route: Sendable, Equatable {
        case primary, replica
        /// Where the session's last statement ran.
        case last
        /// The node of this name.
        case node(String)
    }

    /// How much of what was written before a read must see.
    package enum Causality: String, Sendable, CaseIterable {
        case none, session, global
    }

    /// nil when the comment does not say.
    package var route: Route?
    /// The node it runs on is not further behind than this.
    package var maxLagMilliseconds: UInt64?
    /// The statement is ended when it takes longer; 0 for never.
    package var timeoutMilliseconds: UInt64?
    /// What it must see.
    package var causality: Causality?
    /// Words that are not known, or have a value that is not.
    package var unknown = 0

    /// No hint at all.
    package init() {}

    /// Words of a comment that are looked at; those behind them count as unknown together.
    package static let wordsMaximum = 32
    /// The longest time that a hint can name: a day.
    package static let millisecondsMaximum: UInt64 = 86_400_000

    /// Reads what stands behind the word `switchyard` in a comment: `key=value`, separated by space, commas or semicolons.
    package static func parse(_ text: UnsafeRawBufferPointer) -> StatementHints {
        var hints = StatementHints()
        let words = text.split(maxSplits: wordsMaximum, whereSeparator: isSeparator)
        for word in words.prefix(wordsMaximum) { hints.read(String(decoding: word, as: UTF8.self)) }
        if words.count > wordsMaximum { hints.unknown += 1 }
        return hints
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
    }

    private mutating func read(_ word: String) {
        guard let equals = word.firstIndex(of: "=") else {
            unknown += 1
            return
        }
        let value = String(word[word.index(after: equals)...])
        let isKnown =
            switch word[..<equals].lowercased() {
            case "route": readRoute(value)
            case "max_lag": read(value, into: \.maxLagMilliseconds)
            case "timeout": read(value, into: \.timeoutMilliseconds)
            case "causal": readCausality(value)
            default: false
            }
        if !isKnown { unknown += 1 }
    }

    private mutating func readRoute(_ value: String) -> Bool {
        switch value.lowercased() {
        case "primary": route = .primary
        case "replica": route = .replica
        case "last": route = .last
        case let lowercased where lowercased.hasPrefix("node:") && lowercased.utf8.count > 5:
            route = .node(String(value.dropFirst(5)))
        default: return false
        }
        return true
    }

    private mutating func readCausality(_ value: String) -> Bool {
        guard let known = Causality(rawValue: value.lowercased()) else { return false }
        causality = known
        return true
    }

    private mutating func read(_ value: String, into field: WritableKeyPath<StatementHints, UInt64?>) -> Bool {
        guard let milliseconds = Self.milliseconds(value) else { return false }
        self[keyPath: field] = milliseconds
        return true
    }

    /// `500ms`, `2s`, `5m`, `1h`, or a number of milliseconds; nil for anything else, and for more than a day.
    package static func milliseconds(_ text: String) -> UInt64? {
        let digits = text.utf8.prefix { $0 &- UInt8(ascii: "0") < 10 }
        guard !digits.isEmpty, let amount = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        let factor: UInt64
        switch String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self).lowercased() {
        case "", "ms": factor = 1
        case "s": factor = 1_000
        case "m": factor = 60_000
        case "h": factor = 3_600_000
        default: return nil
        }
        let (product, overflows) = amount.multipliedReportingOverflow(by: factor)
        return overflows || product > millisecondsMaximum ? nil : product
    }
}
