// What a password is verified against.
package import Security

/// What is known of an account's password.
package enum PasswordVerifier: Sendable, Hashable {
    /// The clear password; also the empty one.
    case password(SecretBytes)
    /// SHA1(SHA1(password)), 20 bytes.
    case native(stage2: [UInt8])
    /// The slow hash that MySQL stores.
    case cachingSHA2(CachingSHA2Hash)
    /// MariaDB's Ed25519 key, 32 bytes.
    case ed25519(publicKey: [UInt8])
    /// MariaDB's salted Ed25519 key.
    case parsec(ParsecKey)
    /// Nothing that can be read: no password matches.
    case unreadable

    /// Whether it is the verifier of `password`. May take milliseconds: not for a lane of the data path.
    package func matches(_ password: SecretBytes) -> Bool {
        switch self {
        case .password(let wanted): wanted == password
        case .native(let stage2):
            constantTimeEqual(
                NativePassword.stage2(fromStage1: NativePassword.stage1(password: password.bytes)), stage2)
        case .cachingSHA2(let hash): !password.isEmpty && hash.matches(password.bytes)
        case .ed25519(let key): MariaDBEd25519.matches(password.bytes, publicKey: key)
        case .parsec(let key): key.matches(password.bytes)
        case .unreadable: false
        }
    }

    /// Whether it is the empty password's.
    var isEmptyPassword: Bool {
        if case .password(let password) = self { password.isEmpty } else { false }
    }

    /// Whether a reply proves the password without giving away what a login to a server needs: that must be known
    /// already.
    var hidesPassword: Bool {
        switch self {
        case .ed25519, .parsec: true
        case .password, .native, .cachingSHA2, .unreadable: false
        }
    }

    /// One of the same kind that no password has.
    ///
    /// - Parameter seed: 32 bytes that nobody can guess.
    func unmatched(seed: [UInt8]) -> PasswordVerifier {
        switch self {
        case .password: .password(SecretBytes(seed))
        case .native: .native(stage2: Array(seed.prefix(SHA1.size)))
        case .cachingSHA2(let hash): .cachingSHA2(.unmatched(like: hash))
        case .ed25519, .parsec, .unreadable: .unreadable
        }
    }
}
