// client_ed25519: MariaDB's Ed25519, whose seed is the password itself, of any length.

import COpenSSL

/// The server keeps the public key; the client signs the server's 32 random bytes. The private scalar is the clamped first
/// half of SHA512(password), where RFC 8032 hashes a seed of 32 bytes; verifying is the same.
/// https://mariadb.com/kb/en/connection/#client_ed25519-plugin
package enum MariaDBEd25519 {
    /// The plugin's name, as clients know it.
    package static let plugin = "client_ed25519"
    /// The plugin's name in the account table.
    package static let serverPlugin = "ed25519"
    /// Bytes of the server's nonce.
    package static let nonceSize = 32

    /// The public key of an account, from its 43 characters in the account table; nil when it is not that.
    package static func publicKey(fromAccount text: [UInt8]) -> [UInt8]? {
        Base64.decoded(text).flatMap { $0.count == Ed25519.keySize ? $0 : nil }
    }

    /// Whether `password` belongs to `publicKey`.
    package static func matches(_ password: [UInt8], publicKey: [UInt8]) -> Bool {
        guard publicKey.count == Ed25519.keySize, let key = key(password: password) else { return false }
        return candidates(key.y).contains { constantTimeEqual($0, publicKey) }
    }

    /// The public key of `password`, if `signature` of `nonce` was made with it.
    package static func publicKey(
        verifying signature: [UInt8], of nonce: [UInt8], password: [UInt8]
    ) -> [UInt8]? {
        guard let key = key(password: password) else { return nil }
        return candidates(key.y).first { Ed25519.verifies(signature, of: nonce, publicKey: $0) }
    }

    /// The client's 64-byte answer, and the public key that verifies it. Less than a millisecond; nil when OpenSSL cannot.
    ///
    /// OpenSSL signs with seeds only. So the two multiplications of the base point are taken from it in constant time, one
    /// as the public key of a random seed (whose scalar is then known: the signature's own), one from X25519, and the
    /// rest is S = r + h a. X25519 tells y but not the sign of x, which the signature itself shows.
    package static func answer(password: [UInt8], nonce: [UInt8]) -> (reply: [UInt8], publicKey: [UInt8])? {
        let seed = SecureRandom.bytes(count: Ed25519.keySize)
        guard let key = key(password: password), let point = Ed25519.publicKey(seed: seed) else { return nil }
        let random = clamped(SHA512.hash(seed))
        for publicKey in candidates(key.y) {
            let challenge = SHA512.hash(point, publicKey, nonce)
            guard let scalar = FieldArithmetic.sum(random, challenge, times: key.scalar) else { return nil }
            let signature = point + scalar
            if Ed25519.verifies(signature, of: nonce, publicKey: publicKey) { return (signature, publicKey) }
        }
        return nil
    }

    /// The client's answer alone.
    package static func reply(password: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        answer(password: password, nonce: nonce)?.reply
    }

    /// The private scalar, and y of the public point.
    private static func key(password: [UInt8]) -> (scalar: [UInt8], y: [UInt8])? {
        let scalar = clamped(SHA512.hash(password))
        guard let u = Ed25519.montgomeryPoint(scalar: scalar), let y = FieldArithmetic.edwardsY(fromMontgomeryU: u)
        else { return nil }
        return (scalar, y)
    }

    /// The two points with this y: x is even or odd.
    private static func candidates(_ y: [UInt8]) -> [[UInt8]] {
        var odd = y
        odd[31] |= 0x80
        return [y, odd]
    }

    private static func clamped(_ hash: [UInt8]) -> [UInt8] {
        var scalar = Array(hash[..<32])
        scalar[0] &= 248
        scalar[31] = scalar[31] & 127 | 64
        return scalar
    }
}

/// Numbers modulo the prime of Curve25519's field and the order of its base point, 32 bytes each, lowest first.
private enum FieldArithmetic {
    private static let prime = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"
    private static let order = "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"

    /// y = (u - 1) / (u + 1): the same point on the other form of the curve. Public values only.
    static func edwardsY(fromMontgomeryU u: [UInt8]) -> [UInt8]? {
        withNumbers(4, modulus: prime) { numbers, modulus, context in
            let (value, above, below, inverse) = (numbers[0], numbers[1], numbers[2], numbers[3])
            guard BN_lebin2bn(u, 32, value) != nil, BN_copy(above, value) != nil, BN_sub_word(above, 1) == 1,
                BN_copy(below, value) != nil, BN_add_word(below, 1) == 1,
                BN_mod_inverse(inverse, below, modulus, context) != nil,
                BN_mod_mul(value, above, inverse, modulus, context) == 1
            else { return nil }
            return bytes(value)
        }
    }

    /// `addend` + `factor` × `secret`, modulo the order. `factor` may be longer: it is reduced.
    static func sum(_ addend: [UInt8], _ factor: [UInt8], times secret: [UInt8]) -> [UInt8]? {
        withNumbers(4, modulus: order) { numbers, modulus, context in
            let (first, second, third, result) = (numbers[0], numbers[1], numbers[2], numbers[3])
            for number in numbers { BN_set_flags(number, BN_FLG_CONSTTIME) }
            guard BN_lebin2bn(addend, Int32(addend.count), first) != nil,
                BN_lebin2bn(factor, Int32(factor.count), second) != nil,
                BN_lebin2bn(secret, Int32(secret.count), third) != nil,
                BN_mod_mul(result, second, third, modulus, context) == 1,
                BN_mod_add(result, result, first, modulus, context) == 1
            else { return nil }
            return bytes(result)
        }
    }

    private static func bytes(_ number: OpaquePointer) -> [UInt8]? {
        var result = [UInt8](repeating: 0, count: 32)
        return BN_bn2lebinpad(number, &result, 32) == 32 ? result : nil
    }

    /// Numbers for one calculation, wiped after it.
    private static func withNumbers(
        _ count: Int, modulus text: String, _ body: ([OpaquePointer], OpaquePointer, OpaquePointer) -> [UInt8]?
    ) -> [UInt8]? {
        let numbers = (0..<count).compactMap { _ in BN_new() }
        var modulus: OpaquePointer?
        BN_hex2bn(&modulus, text)
        let context = BN_CTX_new()
        defer {
            for number in numbers { BN_clear_free(number) }
            BN_free(modulus)
            BN_CTX_free(context)
            ERR_clear_error()
        }
        guard numbers.count == count, let modulus, let context else { return nil }
        return body(numbers, modulus, context)
    }
}
