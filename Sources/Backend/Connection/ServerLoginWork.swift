// The slow parts of a login to a server, off the lane.
internal import Dispatch
internal import Network
internal import Security

/// A reply whose making takes a good part of a millisecond, or many.
enum ServerLoginWork: Sendable, Equatable {
    /// MariaDB's Ed25519 signature of the server's nonce.
    case ed25519(SecretBytes, nonce: [UInt8])
    /// The signature with the stretched password.
    case parsec(SecretBytes, ParsecKey, scramble: [UInt8])

    /// What came of it.
    struct Result: Sendable, Equatable {
        /// What the server waits for.
        let reply: [UInt8]
        /// What a server that knows the password knows of it, as `PasswordProof` wants it.
        let proofSecret: [UInt8]
    }

    /// The result; nil when OpenSSL cannot make it.
    var result: Result? {
        switch self {
        case .ed25519(let password, let nonce):
            MariaDBEd25519.answer(password: password.bytes, nonce: nonce)
                .map { Result(reply: $0.reply, proofSecret: $0.publicKey) }
        case .parsec(let password, let key, let scramble):
            key.answer(password: password.bytes, scramble: scramble)
                .map { Result(reply: $0.reply, proofSecret: $0.key.proofSecret) }
        }
    }

    /// One thread for all lanes: a connection has at most one piece of work, and connections are limited.
    private static let queue = DispatchQueue(label: "switchyard.serverlogin", qos: .utility)

    /// Does it and calls `completion` with the result on `lane`.
    func perform(on lane: Lane, completion: @escaping @Sendable (Result?) -> Void) {
        Self.queue.async {
            let result = result
            lane.post { completion(result) }
        }
    }
}
