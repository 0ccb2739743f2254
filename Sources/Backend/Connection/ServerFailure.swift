// How a server connection can fail, as the session that used it hears.
internal import Wire

/// Why a server connection is of no use any more.
package enum ServerFailure: Sendable, Equatable {
    /// No connection could be made; nothing was sent.
    case unreachable(String)
    /// The server refused the login, with its own error.
    case refused(code: UInt16, sqlState: String, message: String)
    /// The server wants a login that this proxy does not speak.
    case loginUnsupported(String)
    /// The server refused to take over the session's state, with its own error. The statement was not run, or its
    /// answer was not used.
    case stateRefused(code: UInt16, sqlState: String, message: String)
    /// The connection ended with a reply owed.
    case lost(String)
    /// The server sent what the protocol does not allow.
    case nonsense(String)

    /// Whether it is certain that the server did not run the statement.
    package var isBeforeExecution: Bool {
        switch self {
        case .unreachable, .refused, .loginUnsupported: true
        case .stateRefused, .lost, .nonsense: false
        }
    }

    /// Whether the server has as many connections as it may have (`max_connections`).
    package var saysServerIsFull: Bool {
        if case .refused(let code, _, _) = self { return code == ErrorCode.tooManyConnections.rawValue }
        return false
    }

    /// Whether it has as many of the account (`max_user_connections`, limits for an hour).
    package var saysAccountIsFull: Bool {
        guard case .refused(let code, _, _) = self else { return false }
        return code == ErrorCode.tooManyUserConnections.rawValue || code == ErrorCode.userLimitReached.rawValue
    }

    /// Whether a connection is refused for a limit of the server's: others are waited for like those of the settings.
    package var saysLimitIsReached: Bool { saysServerIsFull || saysAccountIsFull }

    /// The cause in words.
    package var text: String {
        switch self {
        case .unreachable(let cause): "cannot connect: \(cause)"
        case .refused(let code, _, let message): "login refused: \(message) (\(code))"
        case .loginUnsupported(let cause): cause
        case .stateRefused(let code, _, let message): "session state refused: \(message) (\(code))"
        case .lost(let cause): "connection lost: \(cause)"
        case .nonsense(let cause): "protocol violated: \(cause)"
        }
    }
}
