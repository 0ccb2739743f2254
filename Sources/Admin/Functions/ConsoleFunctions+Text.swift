// Functions on text.

extension ConsoleFunctions {
    static var textFunctions: [ConsoleFunction] {
        [
            // SQLite turns `a LIKE b` into like(b, a).
            ConsoleFunction("like", [2, 3]) { arguments, context in like(arguments, context) },
            ConsoleFunction("concat", [-1]) { arguments, _ in
                let texts = arguments.compactMap(\.asText)
                return texts.count == arguments.count ? .text(texts.joined()) : .null
            },
            ConsoleFunction("concat_ws", [-1]) { arguments, _ in
                guard let separator = arguments.first?.asText else { return .null }
                return .text(arguments.dropFirst().compactMap(\.asText).joined(separator: separator))
            },
            ConsoleFunction("left", [2]) { arguments, _ in
                guard let text = arguments[0].asText, let count = arguments[1].asInteger else { return .null }
                return .text(String(text.prefix(max(0, count))))
            },
            ConsoleFunction("right", [2]) { arguments, _ in
                guard let text = arguments[0].asText, let count = arguments[1].asInteger else { return .null }
                return .text(String(text.suffix(max(0, count))))
            },
            ConsoleFunction("lcase", [1]) { arguments, _ in arguments[0].asText.map { .text($0.lowercased()) } ?? .null
            },
            ConsoleFunction("ucase", [1]) { arguments, _ in arguments[0].asText.map { .text($0.uppercased()) } ?? .null
            },
            ConsoleFunction("char_length", [1]) { arguments, _ in
                arguments[0].asText.map { .integer(Int64($0.unicodeScalars.count)) } ?? .null
            },
            ConsoleFunction("format", [2]) { arguments, _ in
                guard let number = arguments[0].asNumber, let digits = arguments[1].asInteger else { return .null }
                return .text(grouped(number, digits: digits))
            },
        ]
    }

    private static func like(_ arguments: [ConsoleValue], _ context: StatementContext) -> ConsoleValue {
        guard let pattern = arguments[0].asText, let text = arguments[1].asText else { return .null }
        var escape: Unicode.Scalar? = "\\"
        if arguments.count == 3 {
            guard let given = arguments[2].asText else { return .null }
            escape = given.unicodeScalars.first
        }
        return LikePattern(pattern, escape: escape).matches(text) { context.isLate } ? 1 : 0
    }

    /// What FORMAT(number, digits) prints: thousands in groups, rounded half away from zero.
    private static func grouped(_ number: Double, digits: Int) -> String {
        let digitsMaximum = 30
        let places = max(0, min(digits, digitsMaximum))
        guard number.isFinite else { return String(number) }
        // Beyond 2^53 a double has no fraction, and beyond 2^63 no place in an integer.
        let scale = (0..<min(places, 15)).reduce(1.0) { product, _ in product * 10 }
        let scaled = (number.magnitude * scale).rounded(.toNearestOrAwayFromZero)
        guard let whole = UInt64(exactly: scaled) else { return String(number) }
        let divisor = UInt64(scale)
        let fraction = String(whole % divisor)
        var integer = ""
        for (position, digit) in String(whole / divisor).reversed().enumerated() {
            if position > 0, position.isMultiple(of: 3) { integer.append(",") }
            integer.append(digit)
        }
        let sign = number < 0 && whole > 0 ? "-" : ""
        let head = sign + String(integer.reversed())
        guard places > 0 else { return head }
        let shown = min(places, 15)
        let zeros = String(repeating: "0", count: shown - fraction.count)
        return head + "." + zeros + fraction + String(repeating: "0", count: places - shown)
    }
}
