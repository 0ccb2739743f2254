// Functions on values of any type.

extension ConsoleFunctions {
    static var valueFunctions: [ConsoleFunction] {
        [
            ConsoleFunction("if", [3]) { arguments, _ in arguments[0].isTrue ? arguments[1] : arguments[2] },
            ConsoleFunction("isnull", [1]) { arguments, _ in arguments[0] == .null ? 1 : 0 },
            ConsoleFunction("greatest", [-1]) { arguments, _ in extreme(arguments) { $0 > $1 } },
            ConsoleFunction("least", [-1]) { arguments, _ in extreme(arguments) { $0 < $1 } },
        ]
    }

    /// The argument that wins against all others; NULL if any is NULL. Texts compare as texts, all else as numbers.
    private static func extreme(
        _ arguments: [ConsoleValue], isBetter: (Double, Double) -> Bool
    ) -> ConsoleValue {
        guard var best = arguments.first, !arguments.contains(.null) else { return .null }
        for candidate in arguments.dropFirst() {
            let isCandidateBetter: Bool
            if case .text(let left) = candidate, case .text(let right) = best {
                isCandidateBetter = isBetter(left < right ? 0 : left == right ? 1 : 2, 1)
            } else {
                isCandidateBetter = isBetter(candidate.asNumber ?? 0, best.asNumber ?? 0)
            }
            if isCandidateBetter { best = candidate }
        }
        return best
    }
}
