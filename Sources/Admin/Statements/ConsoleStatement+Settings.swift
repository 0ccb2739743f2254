// Statements that change settings: `SET limits.clients = 500, log.level = debug`, and what follows them.
package import Configuration

/// What a statement about settings asks for.
package enum SettingsStatement: Sendable, Equatable {
    /// `SET <setting> = <value>, …`.
    case set([SettingAssignment])
    /// `SHOW SETTINGS DIFF [n]`: what is pending, or what `ROLLBACK n` would change.
    case showDifference(version: Int?)
    /// `APPLY`.
    case apply
    /// `DISCARD SETTINGS`.
    case discard
    /// `ROLLBACK n`.
    case rollback(Int)
    /// Begins like one, and is none.
    case unreadable(ConsoleError)
}

extension SettingsStatement {
    /// The places at the top of the settings. Any other word alone behind `SET` is a variable of the session, which
    /// clients set by habit.
    private static let roots: Set<String> = [
        "clusters", "console", "http", "lanes", "limits", "listeners", "log", "policies", "users", "zone", "zone_order",
    ]

    /// Reads a statement; nil for any other, also for `ROLLBACK` alone, which drivers send.
    static func parse(_ start: ConsoleTokenCursor) -> SettingsStatement? {
        var cursor = start
        if cursor.take("APPLY") { return cursor.isAtEnd ? .apply : nil }
        if cursor.take("DISCARD", "SETTINGS") { return cursor.isAtEnd ? .discard : nil }
        if cursor.take("SHOW", "SETTINGS", "DIFF") {
            if cursor.isAtEnd { return .showDifference(version: nil) }
            return cursor.takeLastNumber().map { .showDifference(version: $0) }
        }
        if cursor.take("ROLLBACK") { return cursor.takeLastNumber().map(SettingsStatement.rollback) }
        guard cursor.take("SET"), isSetting(cursor) else { return nil }
        do throws(ConsoleError) {
            return .set(try assignments(cursor))
        } catch {
            return .unreadable(error)
        }
    }

    private static func isSetting(_ start: ConsoleTokenCursor) -> Bool {
        var cursor = start
        guard let first = cursor.takeIdentifier() else { return false }
        return roots.contains(first) || cursor.take(symbol: ".") || cursor.take(symbol: "[")
    }

    private static func assignments(_ start: ConsoleTokenCursor) throws(ConsoleError) -> [SettingAssignment] {
        var cursor = start
        var assignments: [SettingAssignment] = []
        repeat {
            let place = cursor.takeTokens { $0.isSymbol("=") }
            let text = cursor.text.raw(of: place)
            guard let path = SettingPath(text), cursor.take(symbol: "=") else {
                throw .syntax("a setting is written SET <place> = <value>, with places as in the table settings")
            }
            let value = cursor.takeTokens { $0.isSymbol(",") }
            assignments.append(SettingAssignment(path: path, value: try settingValue(value, in: cursor.text)))
        } while cursor.take(symbol: ",")
        guard cursor.isAtEnd else { throw .syntax("the value of a setting ends too early: are its brackets paired?") }
        return assignments
    }

    private static func settingValue(
        _ tokens: ArraySlice<ConsoleToken>, in text: ConsoleText
    ) throws(ConsoleError) -> SettingValue {
        guard let first = tokens.first else { throw .syntax("a setting needs a value, NULL or DEFAULT") }
        let depth = tokens.reduce(0) { depth, token in
            depth + (token.isSymbol("[") || token.isSymbol("{") ? 1 : 0)
                - (token.isSymbol("]") || token.isSymbol("}") ? 1 : 0)
        }
        guard depth == 0 else { throw .syntax("the brackets of a setting's value are not paired") }
        if first.isSymbol("[") || first.isSymbol("{") { return .yaml(text.raw(of: tokens)) }
        if tokens.count == 1 {
            switch first.kind {
            case .string(let value): return .text(value)
            case .word(let word) where word.uppercased() == "DEFAULT": return .fromFile
            case .word(let word) where word.uppercased() == "NULL": return .nothing
            case .word, .quotedIdentifier, .number, .userVariable, .systemVariable, .symbol: break
            }
        }
        let isPlain = tokens.allSatisfy { token in
            switch token.kind {
            case .word, .number, .symbol: true
            case .string, .quotedIdentifier, .userVariable, .systemVariable: false
            }
        }
        guard isPlain else { throw .syntax("a value with special characters is one text in quotes") }
        return .text(text.raw(of: tokens))
    }

    /// The one variable that `SET <word> = …` sets; nil for anything else.
    static func bareVariable(_ text: String) -> String? {
        guard let cut = try? ConsoleText(text) else { return nil }
        var cursor = ConsoleTokenCursor(cut)
        guard cursor.take("SET"), let name = cursor.takeIdentifier(), cursor.take(symbol: "=") else { return nil }
        return name.lowercased()
    }
}

extension ConsoleText {
    /// From the first of these tokens to the last.
    fileprivate func raw(of tokens: ArraySlice<ConsoleToken>) -> String {
        guard let first = tokens.first, let last = tokens.last else { return "" }
        return raw(first.range.lowerBound..<last.range.upperBound)
    }
}

extension ConsoleTokenCursor {
    /// Takes tokens up to one that ends them, outside of brackets, or to the end.
    fileprivate mutating func takeTokens(until ends: (ConsoleToken) -> Bool) -> ArraySlice<ConsoleToken> {
        var taken: ArraySlice<ConsoleToken> = []
        var depth = 0
        while let token = current, depth > 0 || !ends(token) {
            if token.isSymbol("[") || token.isSymbol("{") { depth += 1 }
            if token.isSymbol("]") || token.isSymbol("}") { depth -= 1 }
            taken.append(token)
            _ = takeAny()
        }
        return taken
    }

    /// The one number that is left; nil if it is missing or followed by more.
    fileprivate mutating func takeLastNumber() -> Int? {
        guard case .number(let digits)? = takeAny()?.kind, isAtEnd else { return nil }
        return Int(digits)
    }
}
