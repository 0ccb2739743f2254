// Who asks: what the console's own functions (`USER()`, `CONNECTION_ID()`) answer.

/// The client on whose behalf a statement runs.
package struct ConsoleSession: Sendable, Equatable {
    /// The account, as `name@host`.
    package let user: String
    /// The client's connection id in the proxy.
    package let connectionID: UInt64
    /// What the client may do.
    package let privilege: ConsolePrivilege

    /// A session; the default is the proxy asking itself.
    package init(
        user: String = "switchyard@localhost", connectionID: UInt64 = 0, privilege: ConsolePrivilege = .all
    ) {
        self.user = user
        self.connectionID = connectionID
        self.privilege = privilege
    }
}
