// caching_sha2_password with a client: the fast path when the password is known, else the password itself, over TLS
// or under the proxy's public key.
internal import Security
internal import Wire

/// The proxy's side of the plugin.
///
///     scramble ──┬──▶ proved (03)
///                └──▶ asked for more (04) ──┬──▶ clear password ──────────────▶ checked
///                                           ├──▶ key asked for ──▶ key sent ──▶ encrypted password ──▶ checked
///                                           └──▶ encrypted password ──────────▶ checked
struct CachingSHA2Exchange {
    private enum Phase { case begun, passwordAwaited, keyAwaited, encryptedAwaited, checking }

    /// 20 bytes.
    let salt: [UInt8]
    private let verifiers: [PasswordVerifier]
    private let isSecure: Bool
    private let cache: PasswordCache
    private var phase = Phase.begun

    init(verifiers: [PasswordVerifier], salt: [UInt8], isSecure: Bool, cache: PasswordCache) {
        self.verifiers = verifiers
        self.salt = salt
        self.isSecure = isSecure
        self.cache = cache
    }

    mutating func replied(_ reply: [UInt8]) -> ExchangeStep {
        switch phase {
        case .begun: return scrambleReceived(reply)
        case .passwordAwaited: return passwordReceived(reply)
        case .encryptedAwaited: return encryptedReceived(reply)
        case .keyAwaited, .checking: return .failed(usedPassword: true)
        }
    }

    mutating func workEnded(_ result: LoginWorkResult) -> ExchangeStep {
        switch (phase, result) {
        case (.keyAwaited, .publicKey(let key)):
            phase = .encryptedAwaited
            return .ask([AuthMoreData.header] + key)
        case (.checking, _), (_, .overloaded): return .verdict(result)
        default: return .failed(usedPassword: true)
        }
    }

    /// A check goes on that another exchange began.
    mutating func resumeChecking() { phase = .checking }

    private mutating func scrambleReceived(_ reply: [UInt8]) -> ExchangeStep {
        // No password is an empty packet, or, where packets cannot be empty, a NUL.
        if reply.isEmpty || reply == [0] {
            return verifiers.contains(where: \.isEmptyPassword)
                ? .proved(.empty, notice: []) : .failed(usedPassword: false)
        }
        guard reply.count == SHA256.size else { return .failed(usedPassword: true) }
        for verifier in verifiers {
            guard let password = known(verifier), !password.isEmpty else { continue }
            let stage2 = CachingSHA2.stage2(fromStage1: CachingSHA2.stage1(password: password.bytes))
            guard CachingSHA2.recoverStage1(reply: reply, salt: salt, stage2: stage2) != nil else { continue }
            return .proved(LoginSecret(password: password), notice: [AuthMoreData.header, CachingSHA2.fastAuthSuccess])
        }
        // Servers ask for the password after a wrong scramble, too: it may have been changed.
        phase = .passwordAwaited
        return .ask([AuthMoreData.header, CachingSHA2.fullAuthWanted])
    }

    private func known(_ verifier: PasswordVerifier) -> SecretBytes? {
        if case .password(let password) = verifier { password } else { cache.password(of: verifier) }
    }

    private mutating func passwordReceived(_ reply: [UInt8]) -> ExchangeStep {
        if reply == [CachingSHA2.publicKeyRequest] {
            phase = .keyAwaited
            return .work(.publicKey)
        }
        // A client that was given the key beforehand does not ask for it.
        guard isSecure else { return encryptedReceived(reply) }
        guard reply.count <= FrontendLimits.passwordBytes else { return .failed(usedPassword: true) }
        phase = .checking
        return .work(.check(SecretBytes(ClearPassword.password(in: reply)), verifiers))
    }

    private mutating func encryptedReceived(_ reply: [UInt8]) -> ExchangeStep {
        guard reply.count == RSAKeyPair.encryptedSize else { return .failed(usedPassword: true) }
        phase = .checking
        return .work(.checkEncrypted(reply, salt: salt, verifiers))
    }
}
