// One account that clients may log in as.
package import Security

/// One account that clients may log in as.
package struct Account: Sendable, Equatable {
    /// The user name; empty matches every user (MySQL's anonymous account).
    package var user: String
    /// A host pattern with `%` and `_`, as in `mysql.user`.
    package var host: String
    /// What the host pattern means where the account is from.
    package var hostRules = HostRules()
    /// The ways to prove to be it, in the order of the account: one of them is enough.
    package var methods: [AuthMethod]
    /// Whether logins are refused (`ACCOUNT LOCK`).
    package var isLocked = false
    /// Whether clients that cannot change an expired password are refused, for the password is expired.
    package var isExpired = false
    /// What the account wants of the connection (`REQUIRE`).
    package var requirement = LoginRequirement.none
    /// As whom servers are logged in to instead; nil for the account itself.
    package var serverLogin: ServerAccount?

    /// An account by its parts; everything else has its usual value.
    package init(user: String, host: String, methods: [AuthMethod]) {
        self.user = user
        self.host = host
        self.methods = methods
    }
}

/// The account of servers behind an account of clients.
package struct ServerAccount: Sendable, Equatable {
    /// The user name.
    package let user: String
    /// Its password; nil for the client's own.
    package let password: SecretBytes?

    /// An account by its parts.
    package init(user: String, password: SecretBytes?) {
        self.user = user
        self.password = password
    }
}

/// One way to prove to be an account.
package struct AuthMethod: Sendable, Hashable {
    /// The auth plugin's name, as clients know it; empty for any that is served: the client's own choice.
    package let plugin: String
    /// What the password is verified against.
    package let verifier: PasswordVerifier

    /// A method by its parts.
    package init(plugin: String, verifier: PasswordVerifier) {
        self.plugin = plugin
        self.verifier = verifier
    }
}

extension Account {
    /// The same account for a user who does not exist: it asks the same questions, and no password is right.
    ///
    /// - Parameter seed: 32 bytes, always the same ones for the same user.
    func decoy(user: String, seed: [UInt8]) -> Account {
        Account(
            user: user, host: host,
            methods: methods.filter(\.isForDecoys).map {
                AuthMethod(plugin: $0.plugin, verifier: $0.verifier.unmatched(seed: seed))
            })
    }

    /// Whether a user who does not exist may be treated as if this were his account.
    var isForDecoys: Bool { methods.contains(where: \.isForDecoys) }
}

extension AuthMethod {
    /// What is asked does not depend on whether a password is known already.
    fileprivate var isForDecoys: Bool {
        switch verifier {
        case .password, .native, .cachingSHA2: plugin.isEmpty || PluginExchange.plugins.contains(plugin)
        case .ed25519, .parsec, .unreadable: false
        }
    }
}
