// Whom a server connection is logged in as.

/// An account and what is needed to log in as it with mysql_native_password: never the password itself.
package struct BackendAccount: Hashable, Sendable {
    /// The user name.
    package let user: String
    /// SHA1(password), 20 bytes; empty for an empty password. Secret: never printed.
    package let stage1: [UInt8]

    /// An account by its name and SHA1(password) (empty when it has no password).
    package init(user: String, stage1: [UInt8]) {
        self.user = user
        self.stage1 = stage1
    }
}

/// What the handshake fixes for the life of a connection: two sessions share one only when these are equal.
package struct ConnectionTraits: Hashable, Sendable {
    /// The capabilities asked of the server: those of the client that change what bytes mean, and the proxy's own.
    package let capabilities: UInt64
    /// The collation id of the login, low byte.
    package let collation: UInt8

    /// Traits by the raw capability flags and the collation id.
    package init(capabilities: UInt64, collation: UInt8) {
        self.capabilities = capabilities
        self.collation = collation
    }
}
