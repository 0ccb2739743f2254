// Who may connect and where: listeners, accounts and the console.

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
    /// What reads on replicas must have seen.
    package var causalReads = CausalReads.session
    /// How long a read waits for a replica to have seen it; 0 for never.
    package var causalTimeoutMilliseconds = 50
    /// The version that clients are greeted with; nil for the primary's own.
    package var serverVersion: String?
    /// Networks whose connections begin with a PROXY protocol header.
    package var proxyProtocol: [NetworkRange] = []
    /// Encryption.
    package var tls: ListenerTLSSettings
    /// How clients may compress, if they want to; empty for not at all.
    package var compression: Set<CompressionMethod> = Set(CompressionMethod.allCases)

    /// Whether comments in statements may ask for something.
    package var hints = true
    /// A replica further behind than this serves no reads of this listener; nil for the cluster's limit only.
    package var maxLagMilliseconds: Int?
    /// So many replicas serve reads even when they are further behind.
    package var minReaders = 0
    /// A statement that takes longer is ended; 0 for never.
    package var timeoutMilliseconds = 0

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

/// What the sessions of one user begin with, wherever his account is from; nil for what the listener says.
package struct PolicySettings: Sendable, Equatable {
    /// The account's name.
    package var user: String
    package var mode: ListenerMode?
    package var maxLagMilliseconds: Int?
    package var timeoutMilliseconds: Int?

    /// Builds a policy in code. Nothing is validated here.
    package init(user: String) { self.user = user }
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

/// What reads on replicas must have seen.
package enum CausalReads: String, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// What their session wrote and read before.
    case session
    /// That, and all that was acknowledged through this proxy before.
    case global
}

/// One account, of clients or of the console. Its descriptions never contain the secret.
package struct UserSettings: Sendable, Equatable {
    /// The account's name.
    package var name: String
    /// How the account proves who it is.
    package var credential: UserCredential
    /// The auth plugin that clients must use; `nil` leaves it to them, or is that of the hash.
    package var plugin: LoginPlugin?
    /// The account of servers behind this one; `nil` when it is the same.
    package var server: ServerUserSettings?
    /// What an account of the console or of HTTP may do; without a meaning for clients.
    package var role = ConsoleRole.admin

    /// Builds an account in code.
    package init(
        name: String, credential: UserCredential, plugin: LoginPlugin? = nil, server: ServerUserSettings? = nil
    ) {
        self.name = name
        self.credential = credential
        self.plugin = plugin
        self.server = server
    }
}

/// What an account of the console, or of HTTP, may do.
package enum ConsoleRole: String, Sendable, CaseIterable {
    /// Ask, and change what is done.
    case admin
    /// Ask only.
    case readOnly = "read_only"
}

/// As whom servers are logged in to for a client. Its descriptions never contain the password.
package struct ServerUserSettings: Sendable, Equatable {
    /// The account's name.
    package var user: String
    /// Its clear password; `nil` when it is the client's own.
    package var password: String?

    /// Builds an account in code.
    package init(user: String, password: String?) {
        self.user = user
        self.password = password
    }
}

/// The auth plugins that an account of the settings can ask for.
package enum LoginPlugin: String, Sendable, CaseIterable {
    case native = "mysql_native_password"
    case cachingSHA2 = "caching_sha2_password"
    case ed25519
    case parsec
    case clear = "mysql_clear_password"
}

/// What the settings know about an account's password. Its descriptions never contain it.
package enum UserCredential: Sendable, Equatable {
    /// The clear password.
    case password(String)
    /// `*` and 40 upper-case hexadecimal digits: the double SHA-1 that `mysql_native_password` stores.
    case nativeHash(String)
    /// The 70 bytes that `caching_sha2_password` stores.
    case cachingSHA2Hash([UInt8])
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
