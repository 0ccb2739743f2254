// One plugin's part of a client's login: the machines that differ by plugin behind one face.
internal import Security

/// What an exchange wants next.
enum ExchangeStep: Equatable {
    /// Send this payload to the client's plugin, and wait for its reply.
    case ask([UInt8])
    /// Do this off the lane, and come back with the result.
    case work(LoginWork)
    /// The client knows the password. With a payload to send in front of the OK packet, or an empty one.
    case proved(LoginSecret, notice: [UInt8])
    /// It does not.
    case failed(usedPassword: Bool)
    /// It cannot be found out now.
    case overloaded
}

/// The exchange of one plugin with one client.
enum PluginExchange {
    case native(NativeExchange)
    case cachingSHA2(CachingSHA2Exchange)
    case ed25519(Ed25519Exchange)
    case parsec(ParsecExchange)
    case clear(ClearExchange)

    /// Those that are served, by the names that clients know.
    static let plugins = [
        NativePassword.plugin, CachingSHA2.plugin, MariaDBEd25519.plugin, ParsecKey.plugin, ClearPassword.plugin,
    ]

    /// Whether a client may be asked for it.
    static func serves(_ plugin: String, over channel: LoginChannel) -> Bool {
        plugin == ClearPassword.plugin ? channel.isSecure : plugins.contains(plugin)
    }

    /// - Parameters:
    ///   - offer: one of `plugins`, and what replies are verified against.
    ///   - salt: 20 bytes, those of the greeting.
    init(_ offer: AuthOffer, salt: [UInt8], channel: LoginChannel, cache: PasswordCache) {
        switch offer.plugin {
        case CachingSHA2.plugin:
            self = .cachingSHA2(
                CachingSHA2Exchange(verifiers: offer.verifiers, salt: salt, isSecure: channel.isSecure, cache: cache))
        case MariaDBEd25519.plugin: self = .ed25519(Ed25519Exchange(verifiers: offer.verifiers))
        case ParsecKey.plugin: self = .parsec(ParsecExchange(verifiers: offer.verifiers, cache: cache))
        case ClearPassword.plugin: self = .clear(ClearExchange(verifiers: offer.verifiers))
        default: self = .native(NativeExchange(verifiers: offer.verifiers, salt: salt))
        }
    }

    /// The data of a switch to this plugin.
    var challenge: [UInt8] {
        switch self {
        case .native(let exchange): exchange.salt + [0]
        case .cachingSHA2(let exchange): exchange.salt + [0]
        case .ed25519(let exchange): exchange.nonce
        case .parsec(let exchange): exchange.scramble
        case .clear: []
        }
    }

    /// Whether the first reply may come with the client's first packet: it was made with the greeting's salt, or none.
    var beginsWithGreeting: Bool {
        switch self {
        case .native, .cachingSHA2, .clear: true
        case .ed25519, .parsec: false
        }
    }

    /// What both sides now know of the password, as `PasswordProof` wants it; empty for plugins that have no proof.
    func proofSecret(_ secret: LoginSecret) -> [UInt8] {
        switch self {
        case .native: secret.nativeStage1.map { NativePassword.stage2(fromStage1: $0) } ?? []
        case .ed25519(let exchange): exchange.publicKey
        case .parsec(let exchange): exchange.key?.proofSecret ?? []
        case .cachingSHA2, .clear: []
        }
    }

    /// The client's plugin sent this.
    mutating func replied(_ reply: [UInt8]) -> ExchangeStep {
        switch self {
        case .native(let exchange): return exchange.replied(reply)
        case .cachingSHA2(var exchange):
            defer { self = .cachingSHA2(exchange) }
            return exchange.replied(reply)
        case .ed25519(let exchange): return exchange.replied(reply)
        case .parsec(var exchange):
            defer { self = .parsec(exchange) }
            return exchange.replied(reply)
        case .clear(let exchange): return exchange.replied(reply)
        }
    }

    /// What was to be done off the lane was done.
    mutating func workEnded(_ result: LoginWorkResult) -> ExchangeStep {
        switch self {
        case .native: return .failed(usedPassword: true)
        case .cachingSHA2(var exchange):
            defer { self = .cachingSHA2(exchange) }
            return exchange.workEnded(result)
        case .parsec(var exchange):
            defer { self = .parsec(exchange) }
            return exchange.workEnded(result)
        case .ed25519(var exchange):
            defer { self = .ed25519(exchange) }
            return exchange.workEnded(result)
        case .clear: return .verdict(result)
        }
    }
}

extension ExchangeStep {
    /// What becomes of a password that was checked.
    static func verdict(_ result: LoginWorkResult) -> ExchangeStep {
        switch result {
        case .matched(let password): .proved(LoginSecret(password: password), notice: [])
        case .mismatched(let usedPassword): .failed(usedPassword: usedPassword)
        case .overloaded: .overloaded
        case .publicKey, .stretched, .signed: .failed(usedPassword: true)
        }
    }
}
