// An account as the primary has it.

/// An account as the server's tables have it.
package struct MirroredAccount: Sendable, Equatable {
    /// The account name; empty for an anonymous account.
    package var user: String
    /// The host pattern, such as `%` or `10.0.0.%`.
    package var host: String
    /// The ways to prove to be the account, in its own order; one of them is enough.
    package var methods: [MirroredMethod]
    /// `ACCOUNT LOCK` is in force.
    package var isLocked: Bool
    /// The server accepts only a change of password.
    package var isPasswordExpired: Bool
    /// Clients that cannot change an expired password are refused (`disconnect_on_expired_password`).
    package var refusesExpired: Bool
    /// What the account wants of its connections.
    package var requirement: MirroredRequirement
    /// A client of TCP from the server's own machine is `localhost`, too: `skip_name_resolve` is off.
    package var resolvesNames: Bool
    /// The host may be an address with the length of a prefix.
    package var knowsPrefixes: Bool
    /// `read_only` does not bind this account: on a demoted node its writes would succeed.
    package var bypassesReadOnly: Bool

    /// An account; see the properties.
    package init(
        user: String, host: String, methods: [MirroredMethod], isLocked: Bool = false, isPasswordExpired: Bool = false,
        refusesExpired: Bool = false, requirement: MirroredRequirement = MirroredRequirement(),
        resolvesNames: Bool = true, knowsPrefixes: Bool = false, bypassesReadOnly: Bool = false
    ) {
        self.user = user
        self.host = host
        self.methods = methods
        self.isLocked = isLocked
        self.isPasswordExpired = isPasswordExpired
        self.refusesExpired = refusesExpired
        self.requirement = requirement
        self.resolvesNames = resolvesNames
        self.knowsPrefixes = knowsPrefixes
        self.bypassesReadOnly = bypassesReadOnly
    }
}

/// One authentication plugin of an account.
package struct MirroredMethod: Sendable, Equatable {
    /// The plugin's name, as the server spells it, such as `mysql_native_password`.
    package var plugin: String
    /// What the plugin verifies a password against; any bytes.
    package var verifier: [UInt8]

    /// A method; see the properties.
    package init(plugin: String, verifier: [UInt8]) {
        self.plugin = plugin
        self.verifier = verifier
    }
}

/// The `REQUIRE` clause of an account.
package struct MirroredRequirement: Sendable, Equatable {
    /// The kinds, as MariaDB numbers them.
    package enum Kind: Int, Sendable {
        case none, tls, certificate, specified
    }
    /// What is wanted.
    package var kind: Kind
    /// Parts of `specified`; an empty one is not asked for.
    package var subject: String
    package var issuer: String
    package var cipher: String

    /// A requirement; nothing by default.
    package init(kind: Kind = .none, subject: String = "", issuer: String = "", cipher: String = "") {
        self.kind = kind
        self.subject = subject
        self.issuer = issuer
        self.cipher = cipher
    }
}
