// Ed25519 and X25519 of OpenSSL: what both signing plugins of MariaDB are made of.

import COpenSSL

/// Signatures as RFC 8032 has them.
package enum Ed25519 {
    /// Bytes of a public key, and of a seed.
    package static let keySize = 32
    /// Bytes of a signature.
    package static let signatureSize = 64

    /// Whether `signature` of `message` was made with the private half of `publicKey`. About a tenth of a millisecond.
    package static func verifies(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureSize, publicKey.count == keySize else { return false }
        defer { ERR_clear_error() }
        guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, keySize) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// The signature of `message` with the key made from a 32-byte seed; nil when OpenSSL cannot.
    package static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8]? {
        guard let key = privateKey(EVP_PKEY_ED25519, seed), let context = EVP_MD_CTX_new() else { return nil }
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        var signature = [UInt8](repeating: 0, count: signatureSize)
        var count = signatureSize
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == signatureSize
        else { return nil }
        return signature
    }

    /// The public key that belongs to a 32-byte seed; nil when OpenSSL cannot.
    package static func publicKey(seed: [UInt8]) -> [UInt8]? { publicKey(EVP_PKEY_ED25519, seed) }

    /// The Montgomery form's `u` of `scalar` times the base point; the scalar is clamped as Ed25519 clamps its own.
    static func montgomeryPoint(scalar: [UInt8]) -> [UInt8]? { publicKey(EVP_PKEY_X25519, scalar) }

    private static func publicKey(_ kind: Int32, _ secret: [UInt8]) -> [UInt8]? {
        guard let key = privateKey(kind, secret) else { return nil }
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: keySize)
        var count = keySize
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == keySize else { return nil }
        return bytes
    }

    private static func privateKey(_ kind: Int32, _ secret: [UInt8]) -> OpaquePointer? {
        guard secret.count == keySize else { return nil }
        return EVP_PKEY_new_raw_private_key(kind, nil, secret, keySize)
    }
}
