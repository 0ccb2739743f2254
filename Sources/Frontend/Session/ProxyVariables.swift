// Switchyard's own session variables: each is one entry of a table.
internal import Routing
internal import SQL

/// The value of a variable, as clients see it.
enum ProxyVariableValue: Equatable {
    case text(String)
    case number(Int64)
    case null

    /// As it stands in a row of the text protocol.
    var bytes: [UInt8]? {
        switch self {
        case .text(let text): Array(text.utf8)
        case .number(let number): Array(String(number).utf8)
        case .null: nil
        }
    }
}

/// A variable that a session has with the proxy, beside those it has with its servers.
struct ProxyVariable: Sendable {
    enum Kind {
        case text, number
    }

    /// Puts a value that was found good into force.
    typealias Change = () -> Void

    /// In lower case, with `switchyard_` in front.
    let name: String
    let kind: Kind
    let read: @Sendable (ProxySession) -> ProxyVariableValue
    /// Looks whether a value is good and gives what puts it into force; nil for a variable that cannot be set.
    var assign: (@Sendable (ProxySession, ProxyVariableStatement.Value) throws(ProxyError) -> Change)?

    /// In the order of their names.
    static let all: [ProxyVariable] = [
        .causalReads, .causalTimeout, .maxLag, .mode, .position, .timeout, .waitFor,
    ]

    /// The variable of this name, in lower case.
    static func named(_ name: String) -> ProxyVariable? { all.first { $0.name == name } }
}

extension ProxyVariable {
    static let modeName = "switchyard_mode"

    /// Where the session's statements go.
    static let mode = ProxyVariable(
        name: modeName, kind: .text, read: { .text($0.mode.rawValue) },
        assign: { session, value throws(ProxyError) in
            let mode: RoutingMode?
            switch value {
            case .text(let text): mode = RoutingMode(rawValue: text.lowercased())
            case .standard: mode = session.defaults.mode
            case .number, .null, .other: mode = nil
            }
            guard let mode else { throw .wrongValue(modeName, value, "split, primary or replica") }
            if let refusal = session.refusalToChangeMode(to: mode) { throw refusal }
            return { session.changeMode(to: mode) }
        })
}

extension ProxyVariable {
    /// How far behind a replica that serves the session's reads may be.
    static let maxLag = ProxyVariable(
        name: "switchyard_max_lag", kind: .number,
        read: { $0.limits.maxLagMilliseconds.map { .number(Int64(clamping: $0)) } ?? .null },
        assign: { session, value throws(ProxyError) in
            let limit: UInt64?
            switch value {
            case .standard: limit = session.defaults.limits.maxLagMilliseconds
            case .null: limit = nil
            default: limit = try milliseconds("switchyard_max_lag", value)
            }
            return { session.limits.maxLagMilliseconds = limit }
        })

    /// How long a statement may take.
    static let timeout = ProxyVariable(
        name: "switchyard_timeout", kind: .number,
        read: { .number(Int64(clamping: $0.limits.timeoutMilliseconds)) },
        assign: { session, value throws(ProxyError) in
            let limit =
                if value == .standard {
                    session.defaults.limits.timeoutMilliseconds
                } else {
                    try milliseconds("switchyard_timeout", value)
                }
            return { session.limits.timeoutMilliseconds = limit }
        })

    /// A number of milliseconds, or a text like `500ms`.
    private static func milliseconds(
        _ name: String, _ value: ProxyVariableStatement.Value
    ) throws(ProxyError) -> UInt64 {
        var found: UInt64?
        switch value {
        case .number(let number): found = UInt64(exactly: number)
        case .text(let text): found = StatementHints.milliseconds(text)
        case .standard, .null, .other: break
        }
        guard let found, found <= StatementHints.millisecondsMaximum else {
            throw .wrongValue(name, value, "milliseconds, or a time like '500ms' or '2s', of at most a day")
        }
        return found
    }
}

extension ProxyError {
    /// 1231, with what would do.
    static func wrongValue(
        _ name: String, _ value: ProxyVariableStatement.Value, _ expected: String
    ) -> ProxyError {
        let shown =
            switch value {
            case .text(let text): String(text.prefix(64))
            case .number(let number): String(number)
            case .null: "NULL"
            case .standard: "DEFAULT"
            case .other: "an expression"
            }
        return ProxyError(
            code: 1231, sqlState: "42000",
            message: "Variable '\(name)' can't be set to the value of '\(shown)': it takes \(expected)")
    }

    /// 1193, in the server's own words.
    static func unknownVariable(_ name: String) -> ProxyError {
        ProxyError(code: 1193, sqlState: "HY000", message: "Unknown system variable '\(name)'")
    }

    /// 1238, in the server's own words.
    static func readOnlyVariable(_ name: String) -> ProxyError {
        ProxyError(code: 1238, sqlState: "HY000", message: "Variable '\(name)' is a read only variable")
    }

    /// 1238, in the server's own words.
    static func sessionVariable(_ name: String) -> ProxyError {
        ProxyError(code: 1238, sqlState: "HY000", message: "Variable '\(name)' is a SESSION variable")
    }

    /// 1228, in the server's own words.
    static func notGlobal(_ name: String) -> ProxyError {
        ProxyError(
            code: 1228, sqlState: "HY000",
            message: "Variable '\(name)' is a SESSION variable and can't be used with SET GLOBAL")
    }
}
