// Who may change something: read-only accounts ask, and that is all.
internal import Configuration

/// What a session of the console may do.
package enum ConsolePrivilege: Sendable, Equatable {
    /// Everything.
    case all
    /// What changes nothing.
    case readOnly
    /// What the account of this name in `console.users` may do when a statement comes: a role that is changed counts for
    /// sessions that are open, and an account that is gone may ask only.
    case account(String)
}

extension ConsoleProxyCommands {
    /// Throws 1227 for a statement that changes something, of a session that may not.
    func checkPrivilege(_ statement: ConsoleStatement, _ session: ConsoleSession) throws(ConsoleError) {
        guard statement.changesSomething, isReadOnly(session) else { return }
        throw ConsoleError.accessDenied(session.user)
    }

    private func isReadOnly(_ session: ConsoleSession) -> Bool {
        switch session.privilege {
        case .all: return false
        case .readOnly: return true
        case .account(let name):
            let users = snapshots.source.settings.console?.users ?? []
            return users.first { $0.name == name }?.role != .admin
        }
    }
}

extension ConsoleStatement {
    /// Whether it changes anything when it succeeds: of the proxy, of a cluster, or of what was counted.
    var changesSomething: Bool {
        switch self {
        case .explainRoute, .showErrors, .showError, .sql: false
        case .pauseCluster, .resumeCluster, .drainNode, .enableNode, .reload, .kill, .resetDigests: true
        case .settings(let statement): statement.changesSomething
        }
    }
}

extension SettingsStatement {
    fileprivate var changesSomething: Bool {
        switch self {
        case .showDifference, .unreadable: false
        case .set, .apply, .discard, .rollback: true
        }
    }
}

extension ConsoleError {
    /// 1227, ER_SPECIFIC_ACCESS_DENIED_ERROR.
    package static func accessDenied(_ user: String) -> ConsoleError {
        ConsoleError(
            code: accessDeniedCode, sqlState: "42000",
            message: "Access denied; you need (at least one of) the ADMIN privilege(s) for this operation: "
                + "\(user) has the role read_only")
    }

    /// The number of `accessDenied`.
    package static let accessDeniedCode: UInt16 = 1227
}
