// What a client showed, to be judged again when its account was changed meanwhile.

/// The last thing a client showed.
enum LoginEvidence: Equatable {
    /// A reply of its plugin.
    case reply([UInt8])
    /// What was checked off the lane.
    case work(LoginWork)
}

extension PluginExchange {
    /// Judges what a client showed in an earlier exchange of the same plugin; nil when it must be asked again.
    mutating func judge(_ evidence: LoginEvidence, _ verifiers: [PasswordVerifier]) -> ExchangeStep? {
        switch (self, evidence) {
        case (.native(let exchange), .reply(let reply)): return exchange.replied(reply)
        case (.cachingSHA2(var exchange), .work(.check(let password, _))):
            exchange.resumeChecking()
            self = .cachingSHA2(exchange)
            return .work(.check(password, verifiers))
        case (.cachingSHA2(var exchange), .work(.checkEncrypted(let encrypted, let salt, _))):
            exchange.resumeChecking()
            self = .cachingSHA2(exchange)
            return .work(.checkEncrypted(encrypted, salt: salt, verifiers))
        case (.ed25519, .work(.checkSignature(let signature, let nonce, _))):
            return .work(.checkSignature(signature, nonce: nonce, verifiers))
        case (.clear, .work(.check(let password, _))): return .work(.check(password, verifiers))
        default: return nil
        }
    }
}
