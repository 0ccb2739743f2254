// One plugin's part of a client's login: the machines that differ by plugin behind one face.
internal import Security

/// What an exchange wants next.
enum ExchangeStep: Equatable {
    /// Send this payload to the client's plugin, and wait for its reply.
    case ask([UInt8])
    /// Do this off the lane, and come back with the result.
    case work(LoginWork)
    /// The client knows the password. With a payload to send in front of the OK packet.
    case proved(LoginSecret, notice: [UInt8]?)
    /// It does not.
    case failed(usedPassword: Bool)
    /// It cannot be found out now.
    case overloaded
}

/// The exchange of one plugin with one client.
enum PluginExchange {
    case native(NativeExchange)
    case cachingSHA2(CachingSHA2Exchange)

    /// Those that are served, by the names that clients know.
    static let plugins = [NativePassword.plugin, CachingSHA2.plugin]

    /// - Parameters:
    ///   - offer: one of `plugins`, and what replies are verified against.
    ///   - salt: 20 bytes, those of the greeting or of the switch.
    init(_ offer: AuthOffer, salt: [UInt8], channel: LoginChannel, cache: PasswordCache) {
        switch offer.plugin {
        case CachingSHA2.plugin:
            self = .cachingSHA2(
                CachingSHA2Exchange(verifiers: offer.verifiers, salt: salt, isSecure: channel.isSecure, cache: cache))
        default:
            self = .native(NativeExchange(verifiers: offer.verifiers, salt: salt))
        }
    }

    /// The client's plugin sent this.
    mutating func replied(_ reply: [UInt8]) -> ExchangeStep {
        switch self {
        case .native(let exchange): return exchange.replied(reply)
        case .cachingSHA2(var exchange):
            let step = exchange.replied(reply)
            self = .cachingSHA2(exchange)
            return step
        }
    }

    /// What was to be done off the lane was done.
    mutating func workEnded(_ result: LoginWorkResult) -> ExchangeStep {
        switch self {
        case .native: return .failed(usedPassword: true)
        case .cachingSHA2(var exchange):
            let step = exchange.workEnded(result)
            self = .cachingSHA2(exchange)
            return step
        }
    }
}
