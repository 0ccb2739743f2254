// Whom a server connection is logged in as.
package import Security

/// An account and what is needed to log in as it, with whichever plugins that answers.
package struct BackendAccount: Hashable, Sendable {
    /// The user name.
    package let user: String
    /// What is known of the password.
    package let secret: LoginSecret

    /// An account by its name and what is known of its password.
    package init(user: String, secret: LoginSecret) {
        self.user = user
        self.secret = secret
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
