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

    /// The reply; nil when OpenSSL cannot make it.
    var reply: [UInt8]? {
        switch self {
        case .ed25519(let password, let nonce): MariaDBEd25519.reply(password: password.bytes, nonce: nonce)
        case .parsec(let password, let key, let scramble): key.reply(password: password.bytes, scramble: scramble)
        }
    }

    /// One thread for all lanes: a connection has at most one piece of work, and connections are limited.
    private static let queue = DispatchQueue(label: "switchyard.serverlogin", qos: .utility)

    /// Makes the reply and calls `completion` with it on `lane`.
    func perform(on lane: Lane, completion: @escaping @Sendable ([UInt8]?) -> Void) {
        Self.queue.async {
            let reply = reply
            lane.post { completion(reply) }
        }
    }
}
