// From accounts as the settings and the primary spell them to accounts as logins want them.
internal import Configuration
internal import Frontend
internal import Security
internal import Topology

extension UserSettings {
    /// The account a client proves to own; any host.
    var account: Account {
        let method =
            switch credential {
            case .password(let password):
                AuthMethod(plugin: "", verifier: .password(SecretBytes(password.utf8)))
            case .nativeHash(let hash):
                AuthMethod(
                    plugin: NativePassword.plugin,
                    verifier: NativePassword.stage2(fromAccountHash: hash).map { .native(stage2: $0) } ?? .unreadable)
            }
        return Account(user: name, host: "%", methods: [method])
    }
}

extension MirroredAccount {
    /// The account as the directory keeps it.
    var account: Account {
        Account(
            user: user, host: host, methods: methods.map(\.method), isLocked: isLocked)
    }
}

extension MirroredMethod {
    /// The method as logins want it. A verifier that cannot be read never matches.
    var method: AuthMethod {
        let plugin = plugin.isEmpty ? NativePassword.plugin : plugin
        if verifier.isEmpty, plugin == NativePassword.plugin || plugin == CachingSHA2.plugin {
            return AuthMethod(plugin: plugin, verifier: .password(SecretBytes([])))
        }
        let read: PasswordVerifier? =
            switch plugin {
            case NativePassword.plugin:
                NativePassword.stage2(fromAccountHash: String(decoding: verifier, as: UTF8.self))
                    .map { .native(stage2: $0) }
            case CachingSHA2.plugin: CachingSHA2Hash(verifier).map { .cachingSHA2($0) }
            default: nil
            }
        return AuthMethod(plugin: plugin, verifier: read ?? .unreadable)
    }
}
