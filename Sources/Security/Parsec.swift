// parsec: MariaDB's Ed25519 with a salted and stretched password.

import COpenSSL

/// What the server keeps of a parsec account, `P0:SALT:KEY` in base 64: how the password is stretched into the seed of an
/// Ed25519 key, and the key's public half. The client signs the server's 32 random bytes and 32 of its own.
/// https://mariadb.com/kb/en/authentication-plugin-parsec/
package struct ParsecKey: Hashable, Sendable {
    /// The plugin's name, everywhere.
    package static let plugin = "parsec"
    /// Bytes of the random values of both sides.
    package static let scrambleSize = 32
    /// Bytes of a client's answer: its random bytes and the signature.
    package static let replySize = scrambleSize + Ed25519.signatureSize
    /// Iterations are 1024, doubled up to this many times.
    package static let factorMaximum: UInt8 = 8
    /// Bytes of the salt, as servers make it, and at most.
    package static let saltSize = 18
    private static let saltMaximum = 64

    /// How often 1024 iterations are doubled.
    package let factor: UInt8
    /// The salt.
    package let salt: [UInt8]
    /// The public key; empty when only the salt is known.
    package let publicKey: [UInt8]

    /// A key by its parts.
    package init(factor: UInt8, salt: [UInt8], publicKey: [UInt8]) {
        self.factor = factor
        self.salt = salt
        self.publicKey = publicKey
    }

    /// Reads the text of the account table; nil when it is not that.
    package init?(_ text: [UInt8]) {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 3, parts[0].count == 2, parts[0][0] == UInt8(ascii: "P"),
            (UInt8(ascii: "0")...UInt8(ascii: "0") + Self.factorMaximum).contains(parts[0][1]),
            let salt = Base64.decoded(parts[1]), (1...Self.saltMaximum).contains(salt.count),
            let key = Base64.decoded(parts[2]), key.count == Ed25519.keySize
        else { return nil }
        self.init(factor: parts[0][1] - UInt8(ascii: "0"), salt: salt, publicKey: key)
    }

    /// Reads what the server sends to the client; nil when it is not that, or wants more work than is reasonable.
    package init?(extendedSalt bytes: [UInt8]) {
        guard bytes.count > 2, bytes.count <= 2 + Self.saltMaximum, bytes[0] == UInt8(ascii: "P"),
            bytes[1] <= Self.factorMaximum
        else { return nil }
        self.init(factor: bytes[1], salt: Array(bytes[2...]), publicKey: [])
    }

    /// What both sides keep of the password in memory, and prove with it that they know it.
    package var proofSecret: [UInt8] { publicKey.isEmpty ? [] : extendedSalt + publicKey }

    /// What the server sends to the client.
    package var extendedSalt: [UInt8] { [UInt8(ascii: "P"), factor] + salt }

    /// Whether it is the key of `password`. A millisecond and more: not for a lane.
    package func matches(_ password: [UInt8]) -> Bool {
        seed(password).flatMap { Ed25519.publicKey(seed: $0) }.map { constantTimeEqual($0, publicKey) } ?? false
    }

    /// The same with the public key of `password`; nil when OpenSSL cannot. A millisecond and more: not for a lane.
    package func with(password: [UInt8]) -> ParsecKey? {
        seed(password).flatMap { Ed25519.publicKey(seed: $0) }
            .map { ParsecKey(factor: factor, salt: salt, publicKey: $0) }
    }

    /// Whether a client's answer to the server's random bytes was made with the private key.
    package func verifies(_ reply: [UInt8], scramble: [UInt8]) -> Bool {
        guard reply.count == Self.replySize else { return false }
        return Ed25519.verifies(
            Array(reply[Self.scrambleSize...]), of: scramble + reply[..<Self.scrambleSize], publicKey: publicKey)
    }

    /// The client's answer, and the key that verifies it; nil when OpenSSL cannot. A millisecond and more: not for a lane.
    package func answer(password: [UInt8], scramble: [UInt8]) -> (reply: [UInt8], key: ParsecKey)? {
        let own = SecureRandom.bytes(count: Self.scrambleSize)
        guard let seed = seed(password), let publicKey = Ed25519.publicKey(seed: seed),
            let signature = Ed25519.sign(scramble + own, seed: seed)
        else { return nil }
        return (own + signature, ParsecKey(factor: factor, salt: salt, publicKey: publicKey))
    }

    /// The client's answer alone.
    package func reply(password: [UInt8], scramble: [UInt8]) -> [UInt8]? {
        answer(password: password, scramble: scramble)?.reply
    }

    private func seed(_ password: [UInt8]) -> [UInt8]? {
        var seed = [UInt8](repeating: 0, count: Ed25519.keySize)
        let iterations = Int32(1_024) << Int32(factor)
        let made = password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt,
                Int32(salt.count), iterations, EVP_sha512(), Int32(seed.count), &seed)
        }
        return made == 1 ? seed : nil
    }
}
