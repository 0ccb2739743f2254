// From accounts as the settings and the primary spell them to accounts as logins want them.
internal import Configuration
internal import Frontend
internal import Security
internal import Topology

extension UserSettings {
    /// The account a client proves to own; any host.
    var account: Account {
        let plugin = plugin.map(\.clientName)
        let method =
            switch credential {
            case .password(let password):
                AuthMethod(plugin: plugin ?? "", verifier: .password(SecretBytes(password.utf8)))
            case .nativeHash(let hash):
                AuthMethod(
                    plugin: plugin ?? NativePassword.plugin,
                    verifier: NativePassword.stage2(fromAccountHash: hash).map { .native(stage2: $0) } ?? .unreadable)
            case .cachingSHA2Hash(let hash):
                AuthMethod(
                    plugin: plugin ?? CachingSHA2.plugin,
                    verifier: CachingSHA2Hash(hash).map { .cachingSHA2($0) } ?? .unreadable)
            }
        var account = Account(user: name, host: "%", methods: [method])
        account.serverLogin = server.map { server in
            ServerAccount(user: server.user, password: server.password.map { SecretBytes($0.utf8) })
        }
        return account
    }
}

extension LoginPlugin {
    /// As clients know it.
    var clientName: String {
        switch self {
        case .native: NativePassword.plugin
        case .cachingSHA2: CachingSHA2.plugin
        case .ed25519: MariaDBEd25519.plugin
        case .parsec: ParsecKey.plugin
        case .clear: ClearPassword.plugin
        }
    }
}

extension MirroredAccount {
    /// The account as the directory keeps it.
    var account: Account {
        var account = Account(user: user, host: host, methods: methods.map(\.method))
        account.hostRules = HostRules(knowsPrefixes: knowsPrefixes, resolvesNames: resolvesNames)
        account.isLocked = isLocked
        account.isExpired = isPasswordExpired && refusesExpired
        account.requirement = requirement.loginRequirement
        return account
    }
}

extension MirroredRequirement {
    fileprivate var loginRequirement: LoginRequirement {
        switch kind {
        case .none: .none
        case .tls: .tls
        case .certificate: .certificate
        case .specified: .specified(subject: subject, issuer: issuer, cipher: cipher)
        }
    }
}

extension MirroredMethod {
    /// Those for which no verifier means no password.
    private static let withPasswords = [NativePassword.plugin, CachingSHA2.plugin]

    /// The method as logins want it. A verifier that cannot be read never matches.
    fileprivate var method: AuthMethod {
        let server = plugin.isEmpty ? NativePassword.plugin : plugin
        let client = server == MariaDBEd25519.serverPlugin ? MariaDBEd25519.plugin : server
        if verifier.isEmpty, Self.withPasswords.contains(server) {
            return AuthMethod(plugin: client, verifier: .password(SecretBytes([])))
        }
        let read: PasswordVerifier? =
            switch server {
            case NativePassword.plugin:
                NativePassword.stage2(fromAccountHash: String(decoding: verifier, as: UTF8.self))
                    .map { .native(stage2: $0) }
            case CachingSHA2.plugin: CachingSHA2Hash(verifier).map { .cachingSHA2($0) }
            case MariaDBEd25519.serverPlugin:
                MariaDBEd25519.publicKey(fromAccount: verifier).map { .ed25519(publicKey: $0) }
            case ParsecKey.plugin: ParsecKey(verifier).map { .parsec($0) }
            default: nil
            }
        return AuthMethod(plugin: client, verifier: read ?? .unreadable)
    }
}
