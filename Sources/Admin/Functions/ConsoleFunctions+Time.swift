// Functions on time; the console's time zone is UTC.

extension ConsoleFunctions {
    static var timeFunctions: [ConsoleFunction] {
        // Not deterministic for SQLite, so that each call asks the clock.
        let clocks = ["now", "sysdate", "utc_timestamp", "localtime", "localtimestamp"].map { name in
            ConsoleFunction(name, [0, 1], isDeterministic: false) { arguments, _ in
                now(fractionDigits: arguments.first?.asInteger ?? 0)
            }
        }
        let dates = ["curdate", "utc_date"].map { name in
            ConsoleFunction(name, [0], isDeterministic: false) { _, _ in
                guard case .text(let text) = now(fractionDigits: 0) else { return .null }
                return .text(String(text.prefix(10)))
            }
        }
        let conversions = [
            ConsoleFunction("unix_timestamp", [0], isDeterministic: false) { _, _ in
                .integer(ConsoleDateTime.now() / 1_000_000)
            },
            ConsoleFunction("unix_timestamp", [1]) { arguments, _ in
                guard let microseconds = arguments[0].asText.flatMap(ConsoleDateTime.microseconds) else { return .null }
                guard !microseconds.isMultiple(of: 1_000_000) else { return .integer(microseconds / 1_000_000) }
                return .real(Double(microseconds) / 1_000_000)
            },
            ConsoleFunction("from_unixtime", [1]) { arguments, _ in
                guard let seconds = arguments[0].asNumber, seconds.magnitude < 1e12 else { return .null }
                let isWhole = seconds == seconds.rounded()
                let microseconds = Int64((seconds * 1_000_000).rounded())
                let text = ConsoleDateTime.text(microseconds: microseconds, fractionDigits: isWhole ? 0 : 6)
                return text.map(ConsoleValue.text) ?? .null
            },
        ]
        return clocks + dates + conversions
    }

    private static func now(fractionDigits: Int) -> ConsoleValue {
        let text = ConsoleDateTime.text(microseconds: ConsoleDateTime.now(), fractionDigits: fractionDigits)
        return text.map(ConsoleValue.text) ?? .null
    }
}
