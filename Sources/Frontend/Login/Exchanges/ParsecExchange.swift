// parsec with a client: it asks for the salt, and signs with the key that the stretched password gives.
internal import Security

/// The proxy's side of the plugin.
///
///     empty packet ──▶ (key stretched) ──▶ salt sent ──▶ signature ──▶ verified
struct ParsecExchange {
    private enum Phase { case begun, stretching, saltSent, ended }

    /// Salts of clear passwords are the same at each login, and tell nothing.
    private static let saltSeed = SecureRandom.bytes(count: SHA256.size)

    /// What the client signs, together with its own.
    let scramble = SecureRandom.bytes(count: ParsecKey.scrambleSize)
    private let verifier: PasswordVerifier
    private let cache: PasswordCache
    /// What the client's signature is verified with.
    private(set) var key: ParsecKey?
    private var phase = Phase.begun

    init(verifiers: [PasswordVerifier], cache: PasswordCache) {
        verifier = verifiers.first ?? .unreadable
        self.cache = cache
    }

    mutating func replied(_ reply: [UInt8]) -> ExchangeStep {
        switch phase {
        case .begun where reply.isEmpty: return saltAsked()
        case .saltSent: return signed(reply)
        case .begun, .stretching, .ended: return .failed(usedPassword: true)
        }
    }

    mutating func workEnded(_ result: LoginWorkResult) -> ExchangeStep {
        guard phase == .stretching, case .stretched(let key) = result else {
            return result == .overloaded ? .overloaded : .failed(usedPassword: true)
        }
        return send(key)
    }

    private mutating func saltAsked() -> ExchangeStep {
        switch verifier {
        case .parsec(let key): return send(key)
        case .password(let password):
            phase = .stretching
            let salt = Array(SHA256.hash(Self.saltSeed, password.bytes).prefix(ParsecKey.saltSize))
            return .work(.stretch(password, ParsecKey(factor: 0, salt: salt, publicKey: [])))
        case .native, .cachingSHA2, .ed25519, .unreadable: return .failed(usedPassword: true)
        }
    }

    private mutating func send(_ key: ParsecKey) -> ExchangeStep {
        self.key = key
        phase = .saltSent
        return .ask(key.extendedSalt)
    }

    /// A verification takes a tenth of a millisecond: less than the way to another thread and back is worth.
    private mutating func signed(_ reply: [UInt8]) -> ExchangeStep {
        phase = .ended
        guard let key, key.verifies(reply, scramble: scramble), let password = known else {
            return .failed(usedPassword: true)
        }
        return .proved(LoginSecret(password: password), notice: [])
    }

    private var known: SecretBytes? {
        if case .password(let password) = verifier { password } else { cache.password(of: verifier) }
    }
}
