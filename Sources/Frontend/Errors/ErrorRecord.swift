// One error that Switchyard itself made, as the console and the log tell it.

/// What is known of the place of an error by whoever answers the client.
package struct ErrorOrigin: Sendable, Equatable {
    /// The cluster's name; nil for the console and for what is refused before it is known.
    package var cluster: String?
    /// The client's account.
    package var user: String?
    /// The node that it is about.
    package var node: String?
    /// The digest of the statement that it answers.
    package var digest: UInt64?

    /// An origin by its parts.
    package init(cluster: String? = nil, user: String? = nil, node: String? = nil, digest: UInt64? = nil) {
        self.cluster = cluster
        self.user = user
        self.node = node
        self.digest = digest
    }
}

/// An error with its id.
package struct ErrorRecord: Sendable, Equatable {
    /// Unique within the process; it is in the log, in the table `errors`, and in the message unless that is a server's own.
    package let id: String
    /// When it was made.
    package let unixMilliseconds: Int64
    /// Whether it refused a login or a connection: no session was there yet.
    package let isLogin: Bool
    /// The connection id that the client sees; 0 before it has one.
    package let session: UInt32
    /// Where the client comes from.
    package let peer: String
    /// Whom and what it is about.
    package let origin: ErrorOrigin
    /// The error number.
    package let code: UInt16
    /// Five characters.
    package let sqlState: String
    /// What happened, in the words that the client was told; cut at `FrontendLimits.errorTextBytes`.
    package let cause: String
    /// What to do about it.
    package let nextStep: String

    /// A record by its parts; the cause is cut.
    package init(
        id: String, unixMilliseconds: Int64, isLogin: Bool, session: UInt32, peer: String, origin: ErrorOrigin,
        error: ProxyError
    ) {
        self.id = id
        self.unixMilliseconds = unixMilliseconds
        self.isLogin = isLogin
        self.session = session
        self.peer = peer
        self.origin = origin
        code = error.code
        sqlState = error.sqlState
        cause = String(decoding: error.message.utf8.prefix(FrontendLimits.errorTextBytes), as: UTF8.self)
        nextStep = error.nextStep
    }
}
