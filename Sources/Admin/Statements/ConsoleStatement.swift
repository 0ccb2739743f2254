// Which console statements the proxy itself executes; all the rest is SQL.

/// A console statement by who answers it.
package enum ConsoleStatement: Sendable, Equatable {
    /// `EXPLAIN ROUTE [FOR USER u] [IN SCHEMA s] [IN CLUSTER c] <statement>`; the statement keeps its comments, which
    /// may be hints. Without a cluster, the first one of the settings is meant.
    case explainRoute(user: String?, schema: String?, cluster: String? = nil, statement: String)
    /// `PAUSE CLUSTER c [FOR n SECONDS | FOR n MINUTES]`; nil seconds when it does not say how long.
    case pauseCluster(String, seconds: Int? = nil)
    /// `RESUME CLUSTER c`.
    case resumeCluster(String)
    /// `DRAIN NODE n`.
    case drainNode(String)
    /// `ENABLE NODE n`.
    case enableNode(String)
    /// `RELOAD`.
    case reload
    /// A statement that changes settings.
    case settings(SettingsStatement)
    /// `KILL [CONNECTION | QUERY] id`.
    case kill(query: Bool, id: UInt64)
    /// `RESET DIGESTS`.
    case resetDigests
    /// `SHOW ERRORS`.
    case showErrors
    /// `SHOW ERROR id`, in quotes or bare.
    case showError(id: String)
    /// Anything else, for `ConsoleDatabase.run(_:)`, which also explains a misspelt command.
    case sql(String)

    /// Reads a statement: keywords in any case, comments and a closing semicolon skipped, names bare or quoted.
    /// Text that is none of the commands is `.sql`, also when it is malformed: running it gives the error.
    package static func parse(_ text: String) -> ConsoleStatement {
        guard let cut = try? ConsoleText(text) else { return .sql(text) }
        return command(ConsoleTokenCursor(cut)) ?? .sql(text)
    }

    private static func command(_ start: ConsoleTokenCursor) -> ConsoleStatement? {
        var cursor = start
        if cursor.take("EXPLAIN", "ROUTE") { return explainRoute(cursor) }
        if cursor.take("PAUSE", "CLUSTER") { return pauseCluster(cursor) }
        if cursor.take("RESUME", "CLUSTER") { return onlyName(cursor).map(ConsoleStatement.resumeCluster) }
        if cursor.take("DRAIN", "NODE") { return onlyName(cursor).map(ConsoleStatement.drainNode) }
        if cursor.take("ENABLE", "NODE") { return onlyName(cursor).map(ConsoleStatement.enableNode) }
        if cursor.take("RELOAD") { return cursor.isAtEnd ? .reload : nil }
        if cursor.take("KILL") { return kill(cursor) }
        if cursor.take("RESET", "DIGESTS") { return cursor.isAtEnd ? .resetDigests : nil }
        if cursor.take("SHOW", "ERRORS") { return cursor.isAtEnd ? .showErrors : nil }
        if cursor.take("SHOW", "ERROR") { return onlyName(cursor).map(ConsoleStatement.showError) }
        return SettingsStatement.parse(cursor).map(ConsoleStatement.settings)
    }

    /// The one name that is left; nil if it is missing or followed by more.
    private static func onlyName(_ start: ConsoleTokenCursor) -> String? {
        var cursor = start
        guard let name = cursor.takeObjectName(), !name.isEmpty, cursor.isAtEnd else { return nil }
        return name
    }

    private static func pauseCluster(_ start: ConsoleTokenCursor) -> ConsoleStatement? {
        var cursor = start
        guard let name = cursor.takeObjectName(), !name.isEmpty else { return nil }
        if cursor.isAtEnd { return .pauseCluster(name) }
        guard cursor.take("FOR"), case .number(let digits)? = cursor.takeAny()?.kind, let amount = Int(digits),
            let unit = cursor.take(anyOf: ["SECOND", "SECONDS", "MINUTE", "MINUTES"]), cursor.isAtEnd
        else { return nil }
        let (seconds, isTooLong) = amount.multipliedReportingOverflow(by: unit.hasPrefix("MINUTE") ? 60 : 1)
        return isTooLong ? nil : .pauseCluster(name, seconds: seconds)
    }

    private static func kill(_ start: ConsoleTokenCursor) -> ConsoleStatement? {
        var cursor = start
        let query = cursor.take(anyOf: ["QUERY", "CONNECTION"]) == "QUERY"
        guard case .number(let digits)? = cursor.takeAny()?.kind, cursor.isAtEnd, let id = UInt64(digits) else {
            return nil
        }
        return .kill(query: query, id: id)
    }

    private static func explainRoute(_ start: ConsoleTokenCursor) -> ConsoleStatement? {
        var cursor = start
        var user: String?
        var schema: String?
        var cluster: String?
        if cursor.take("FOR", "USER") {
            guard let name = cursor.takeObjectName() else { return nil }
            user = name
            // 'app'@'%': the host part does not choose a route.
            if case .userVariable? = cursor.current?.kind, cursor.current?.range.lowerBound == cursor.offset {
                _ = cursor.takeAny()
            }
        }
        if cursor.take("IN", "SCHEMA") {
            guard let name = cursor.takeObjectName() else { return nil }
            schema = name
        }
        if cursor.take("IN", "CLUSTER") {
            guard let name = cursor.takeObjectName() else { return nil }
            cluster = name
        }
        guard !cursor.isAtEnd else { return nil }
        return .explainRoute(user: user, schema: schema, cluster: cluster, statement: cursor.remainderWithComments)
    }

    /// How each command is written, by its first word; for the error that a malformed one gets.
    static let usage: [String: String] = [
        "PAUSE": "PAUSE CLUSTER <name> [FOR <n> SECONDS]",
        "RESUME": "RESUME CLUSTER <name>",
        "DRAIN": "DRAIN NODE <name>",
        "ENABLE": "ENABLE NODE <name>",
        "RELOAD": "RELOAD",
        "APPLY": "APPLY",
        "DISCARD": "DISCARD SETTINGS",
        "KILL": "KILL [QUERY] <id>",
        "RESET": "RESET DIGESTS",
    ]
}
