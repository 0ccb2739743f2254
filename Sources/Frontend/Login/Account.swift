// One account that clients may log in as, and what its password is verified against.
package import Security

/// One account that clients may log in as.
package struct Account: Sendable, Equatable {
    /// The user name; empty matches every user (MySQL's anonymous account).
    package let user: String
    /// A host pattern with `%` and `_`, as in `mysql.user`.
    package let host: String
    /// The ways to prove to be it, in the order of the account: one of them is enough.
    package let methods: [AuthMethod]
    /// Whether logins are refused (`ACCOUNT LOCK`).
    package let isLocked: Bool

    /// An account by its parts.
    package init(user: String, host: String, methods: [AuthMethod], isLocked: Bool = false) {
        self.user = user
        self.host = host
        self.methods = methods
        self.isLocked = isLocked
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

/// What is known of an account's password.
package enum PasswordVerifier: Sendable, Hashable {
    /// The clear password; also the empty one.
    case password(SecretBytes)
    /// SHA1(SHA1(password)), 20 bytes.
    case native(stage2: [UInt8])
    /// The slow hash that MySQL stores.
    case cachingSHA2(CachingSHA2Hash)
    /// Nothing that can be read: no password matches.
    case unreadable

    /// Whether it is the verifier of `password`. May take milliseconds: not for a lane.
    func matches(_ password: SecretBytes) -> Bool {
        switch self {
        case .password(let wanted): wanted == password
        case .native(let stage2):
            constantTimeEqual(
                NativePassword.stage2(fromStage1: NativePassword.stage1(password: password.bytes)), stage2)
        case .cachingSHA2(let hash): !password.isEmpty && hash.matches(password.bytes)
        case .unreadable: false
        }
    }

    /// Whether it is the empty password's.
    var isEmptyPassword: Bool {
        if case .password(let password) = self { password.isEmpty } else { false }
    }

    /// One of the same kind that no password has.
    var unmatched: PasswordVerifier {
        switch self {
        case .password: .password(SecretBytes(SecureRandom.bytes(count: SHA256.size)))
        case .native: .native(stage2: SecureRandom.bytes(count: SHA1.size))
        case .cachingSHA2: .cachingSHA2(.unmatched())
        case .unreadable: .unreadable
        }
    }
}

/// The methods of one plugin: one reply is tried against all of them.
struct AuthOffer: Equatable {
    let plugin: String
    var verifiers: [PasswordVerifier]
}

extension Account {
    /// The account's served methods by plugin: the client's own plugin first, then in the account's order.
    ///
    /// - Parameters:
    ///   - preferred: the plugin the client began with.
    ///   - standard: the plugin of accounts that leave the choice open to a client whose own is not served.
    func offers(preferred: String, standard: String) -> [AuthOffer] {
        var offers: [AuthOffer] = []
        for method in methods {
            let open = PluginExchange.plugins.contains(preferred) ? preferred : standard
            let plugin = method.plugin.isEmpty ? open : method.plugin
            guard PluginExchange.plugins.contains(plugin) else { continue }
            if let index = offers.firstIndex(where: { $0.plugin == plugin }) {
                offers[index].verifiers.append(method.verifier)
            } else {
                offers.append(AuthOffer(plugin: plugin, verifiers: [method.verifier]))
            }
        }
        if let index = offers.firstIndex(where: { $0.plugin == preferred }) {
            offers.insert(offers.remove(at: index), at: 0)
        }
        return offers
    }

    /// The same account for a user who does not exist: it asks the same questions, and no password is right.
    func decoy(user: String) -> Account {
        Account(
            user: user, host: host,
            methods: methods.map { AuthMethod(plugin: $0.plugin, verifier: $0.verifier.unmatched) })
    }
}
