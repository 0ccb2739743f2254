// Who may connect and where: listeners, accounts, the console and the HTTP endpoint.

/// One address that clients connect to.
package struct ListenerSettings: Sendable, Equatable {
    /// Unique in the file.
    package var name: String
    /// Where to listen; the port may be 0 to let the system choose.
    package var bind: NodeAddress
    /// The name of the cluster behind this listener; it exists in the same settings.
    package var cluster: String
    /// Which nodes the statements of this listener may reach.
    package var mode: ListenerMode
    /// Encryption.
    package var tls: ListenerTLSSettings
    /// How clients may compress, if they want to; empty for not at all.
    package var compression: Set<CompressionMethod> = Set(CompressionMethod.allCases)

    /// Builds a listener in code. Nothing is validated here.
    package init(
        name: String, bind: NodeAddress, cluster: String, mode: ListenerMode = .split,
        tls: ListenerTLSSettings = ListenerTLSSettings()
    ) {
        self.name = name
        self.bind = bind
        self.cluster = cluster
        self.mode = mode
        self.tls = tls
    }
}

/// Which nodes the statements of a listener may reach.
package enum ListenerMode: String, Sendable, CaseIterable {
    /// Writes to the primary, reads over the replicas.
    case split
    /// Everything to the primary.
    case primary
    /// Everything to replicas; writes are refused.
    case replica
}

/// One account, of clients or of the console. Its descriptions never contain the secret.
package struct UserSettings: Sendable, Equatable {
    /// The account's name.
    package var name: String
    /// How the account proves who it is.
    package var credential: UserCredential

    /// Builds an account in code.
    package init(name: String, credential: UserCredential) {
        self.name = name
        self.credential = credential
    }
}

/// What the settings know about an account's password. Its descriptions never contain it.
package enum UserCredential: Sendable, Equatable {
    /// The clear password.
    case password(String)
    /// `*` and 40 upper-case hexadecimal digits: the double SHA-1 that `mysql_native_password` stores.
    case nativeHash(String)
}

/// The SQL console.
package struct ConsoleSettings: Sendable, Equatable {
    /// Where the console listens.
    package var bind: NodeAddress
    /// Who may log in, at least one account.
    package var users: [UserSettings]
    /// Encryption.
    package var tls: ListenerTLSSettings

    /// Builds console settings in code.
    package init(
        bind: NodeAddress, users: [UserSettings], tls: ListenerTLSSettings = ListenerTLSSettings()
    ) {
        self.bind = bind
        self.tls = tls
        self.users = users
    }
}

/// The HTTP endpoint for metrics, health checks and the dashboard.
package struct HTTPSettings: Sendable, Equatable {
    /// Where the endpoint listens.
    package var bind: NodeAddress

    /// Builds HTTP settings in code.
    package init(bind: NodeAddress) {
        self.bind = bind
    }
}

/// The ports that stand in when an address in the file names none.
package enum DefaultPort {
    /// A MySQL or MariaDB server.
    package static let server: UInt16 = 3306
    /// A listener for clients.
    package static let listener: UInt16 = 6306
    /// The SQL console.
    package static let console: UInt16 = 6307
    /// The HTTP endpoint.
    package static let http: UInt16 = 6308
}
