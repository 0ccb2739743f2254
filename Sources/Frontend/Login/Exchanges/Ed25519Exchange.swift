// client_ed25519 with a client: one reply, the signature of the nonce.
internal import Security

struct Ed25519Exchange {
    let verifiers: [PasswordVerifier]
    /// What the client signs.
    let nonce = SecureRandom.bytes(count: MariaDBEd25519.nonceSize)
    /// The key that verified the client's signature.
    private(set) var publicKey: [UInt8] = []

    init(verifiers: [PasswordVerifier]) { self.verifiers = verifiers }

    func replied(_ reply: [UInt8]) -> ExchangeStep {
        if reply.isEmpty {
            return verifiers.contains(where: \.isEmptyPassword)
                ? .proved(.empty, notice: []) : .failed(usedPassword: false)
        }
        guard reply.count == Ed25519.signatureSize else { return .failed(usedPassword: true) }
        return .work(.checkSignature(reply, nonce: nonce, verifiers))
    }

    mutating func workEnded(_ result: LoginWorkResult) -> ExchangeStep {
        guard case .signed(let password, let key) = result else { return .verdict(result) }
        publicKey = key
        return .proved(LoginSecret(password: password), notice: [])
    }
}
