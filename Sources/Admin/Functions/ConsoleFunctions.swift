// Registers the MySQL functions that SQLite lacks or means differently, and those whose time it does not bound.

import CSQLite

/// One SQL function: its name, how many arguments it takes, and what it answers.
struct ConsoleFunction {
    let name: String
    /// Argument counts; -1 is any number.
    let argumentCounts: [Int32]
    /// Whether the same arguments always give the same answer within one statement.
    let isDeterministic: Bool
    let answer: ([ConsoleValue], StatementContext) -> ConsoleValue

    init(
        _ name: String, _ argumentCounts: [Int32], isDeterministic: Bool = true,
        answer: @escaping ([ConsoleValue], StatementContext) -> ConsoleValue
    ) {
        self.name = name
        self.argumentCounts = argumentCounts
        self.isDeterministic = isDeterministic
        self.answer = answer
    }
}

/// The functions of the console.
enum ConsoleFunctions {
    static var all: [ConsoleFunction] {
        textFunctions + searchFunctions + valueFunctions + timeFunctions + sessionFunctions
    }

    /// What SQLite holds on to for one function.
    private final class Box {
        let function: ConsoleFunction
        unowned let context: StatementContext

        init(function: ConsoleFunction, context: StatementContext) {
            self.function = function
            self.context = context
        }
    }

    /// Registers all functions; `context` must outlive the connection. False if SQLite refuses one.
    static func install(on connection: OpaquePointer, context: StatementContext) -> Bool {
        for function in all {
            for count in function.argumentCounts {
                let box = Unmanaged.passRetained(Box(function: function, context: context)).toOpaque()
                let flags = SQLITE_UTF8 | (function.isDeterministic ? SQLITE_DETERMINISTIC : 0)
                // SQLite releases the box itself, also when this call fails.
                let status = sqlite3_create_function_v2(
                    connection, function.name, count, flags, box, call, nil, nil,
                    { box in
                        if let box { Unmanaged<Box>.fromOpaque(box).release() }
                    })
                guard status == SQLITE_OK else { return false }
            }
        }
        return true
    }

    private static let call: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = {
        result, count, arguments in
        guard let opaque = sqlite3_user_data(result) else { return sqlite3_result_null(result) }
        let box = Unmanaged<Box>.fromOpaque(opaque).takeUnretainedValue()
        // Long texts make one call dear, so time is looked at here too, not only between instructions.
        if box.context.isLate { return sqlite3_result_error_code(result, SQLITE_INTERRUPT) }
        let values = (0..<Int(count)).map { index in
            arguments?[index].map { ConsoleValue($0) } ?? .null
        }
        let answer = box.function.answer(values, box.context)
        // A call that looks at the time by itself gave up, and its answer is none.
        if box.context.isLate { return sqlite3_result_error_code(result, SQLITE_INTERRUPT) }
        answer.set(asResultOf: result)
    }
}

extension ConsoleValue {
    /// The value as text; nil for NULL.
    var asText: String? { displayText }

    /// The value as a number, text by its leading digits as MySQL reads it; nil for NULL.
    var asNumber: Double? {
        switch self {
        case .null: nil
        case .integer(let value): Double(value)
        case .real(let value): value
        case .text(let value): Self.leadingNumber(value)
        }
    }

    /// The value as a count, clamped to what fits.
    var asInteger: Int? {
        if case .integer(let value) = self { return Int(value) }
        guard let number = asNumber, !number.isNaN else { return nil }
        return Int(max(-1e15, min(1e15, number)))
    }

    /// Whether IF takes its second argument.
    var isTrue: Bool { (asNumber ?? 0) != 0 }

    private static func leadingNumber(_ text: String) -> Double {
        let prefix = text.drop(while: \.isWhitespace).prefix { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
        var candidate = prefix
        while !candidate.isEmpty {
            if let number = Double(candidate) { return number }
            candidate.removeLast()
            // Nothing longer than a double's digits is worth trying again.
            if candidate.count > 40 { candidate = candidate.prefix(40) }
        }
        return 0
    }
}
