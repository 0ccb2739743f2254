// Functions of SQLite whose time is text × text there, in a form that looks at the clock: between two looks that SQLite takes
// itself, a few such calls could keep the console busy for minutes.

extension ConsoleFunctions {
    static var searchFunctions: [ConsoleFunction] {
        [
            ConsoleFunction("instr", [2]) { arguments, context in
                guard let text = bytes(arguments[0]), let wanted = bytes(arguments[1]) else { return .null }
                guard let place = place(of: wanted, in: text[...], context) else { return 0 }
                // Characters are counted, not bytes.
                return .integer(Int64(text[..<place].count { $0 & 0xC0 != 0x80 } + 1))
            },
            ConsoleFunction("replace", [3]) { arguments, context in
                guard let text = bytes(arguments[0]), let wanted = bytes(arguments[1]), let other = bytes(arguments[2])
                else { return .null }
                return .text(String(decoding: replacing(wanted, in: text, with: other, context), as: UTF8.self))
            },
            ConsoleFunction("trim", [2]) { arguments, _ in trimmed(arguments, atStart: true, atEnd: true) },
            ConsoleFunction("ltrim", [2]) { arguments, _ in trimmed(arguments, atStart: true, atEnd: false) },
            ConsoleFunction("rtrim", [2]) { arguments, _ in trimmed(arguments, atStart: false, atEnd: true) },
        ]
    }

    private static func bytes(_ value: ConsoleValue) -> [UInt8]? { value.asText.map { Array($0.utf8) } }

    /// Where a text begins in another for the first time; nil when it does not, or when time is up.
    private static func place(
        of wanted: [UInt8], in text: ArraySlice<UInt8>, _ context: StatementContext
    ) -> Int? {
        guard wanted.count <= text.count else { return nil }
        for start in text.startIndex...(text.endIndex - wanted.count) {
            if start % ConsoleLimits.placesBetweenClockReads == 0, context.isLate { return nil }
            if text[start...].starts(with: wanted) { return start }
        }
        return nil
    }

    /// Ends when it is too long for a value: SQLite says so then.
    private static func replacing(
        _ wanted: [UInt8], in text: [UInt8], with other: [UInt8], _ context: StatementContext
    ) -> [UInt8] {
        guard !wanted.isEmpty else { return text }
        var result: [UInt8] = []
        var rest = text[...]
        while result.count <= Int(ConsoleLimits.valueBytesMaximum), let place = place(of: wanted, in: rest, context) {
            result += rest[..<place]
            result += other
            rest = rest[(place + wanted.count)...]
        }
        return result + rest
    }

    /// Without those characters at its ends.
    private static func trimmed(_ arguments: [ConsoleValue], atStart: Bool, atEnd: Bool) -> ConsoleValue {
        guard let text = arguments[0].asText, let characters = arguments[1].asText else { return .null }
        let set = Set(characters.unicodeScalars)
        var rest = text.unicodeScalars[...]
        if atStart { rest = rest.drop { set.contains($0) } }
        while atEnd, let last = rest.last, set.contains(last) { rest.removeLast() }
        return .text(String(rest))
    }
}
