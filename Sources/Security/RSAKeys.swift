// RSA with OAEP, for the clear password of caching_sha2_password without TLS: the proxy's own key pair, and a server's
// public key.

import COpenSSL

/// A private key and its public half. Made anew at every start: clients ask for the public key at each login.
///
/// `@unchecked Sendable` because the key is never changed after `init`; OpenSSL's operations on it take it as constant.
package final class RSAKeyPair: @unchecked Sendable {
    /// Bits of the modulus, as MySQL makes them.
    package static let bits: UInt32 = 2_048
    /// Bytes of what a client sends under this key.
    package static let encryptedSize = Int(bits / 8)

    private let key: OpaquePointer
    /// The public key as clients want it: PEM, `BEGIN PUBLIC KEY`.
    package let publicKey: [UInt8]

    /// Makes a pair: about a tenth of a second. Nil when OpenSSL cannot.
    package init?() {
        guard let key = switchyard_rsa_generate(Self.bits) else { return nil }
        guard let text = Self.publicText(key) else {
            EVP_PKEY_free(key)
            return nil
        }
        self.key = key
        publicKey = text
    }

    deinit { EVP_PKEY_free(key) }

    private static func publicText(_ key: OpaquePointer) -> [UInt8]? {
        guard let output = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(output) }
        guard PEM_write_bio_PUBKEY(output, key) == 1 else { return nil }
        var start: UnsafeMutablePointer<CChar>?
        let count = switchyard_bio_contents(output, &start)
        guard let start, count > 0 else { return nil }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// What was encrypted with the public key; nil for anything else. About a millisecond: not for a lane.
    package func decrypt(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count == Self.encryptedSize, let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_PKEY_decrypt_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
        else { return nil }
        var clear = [UInt8](repeating: 0, count: Self.encryptedSize)
        defer { clear.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        var count = clear.count
        guard EVP_PKEY_decrypt(context, &clear, &count, bytes, bytes.count) == 1 else { return nil }
        return Array(clear[..<count])
    }
}

/// Someone else's public key.
package enum RSAPublicKey {
    /// `bytes` under the key of a PEM text; nil when that is no RSA key, or too small for them.
    package static func encrypt(_ bytes: [UInt8], publicKey text: [UInt8]) -> [UInt8]? {
        defer { ERR_clear_error() }
        guard let input = BIO_new_mem_buf(text, Int32(clamping: text.count)) else { return nil }
        defer { BIO_free(input) }
        guard let key = PEM_read_bio_PUBKEY(input, nil, nil, nil) else { return nil }
        defer { EVP_PKEY_free(key) }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var count = 0
        guard EVP_PKEY_encrypt_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
            EVP_PKEY_encrypt(context, nil, &count, bytes, bytes.count) == 1
        else { return nil }
        var encrypted = [UInt8](repeating: 0, count: count)
        guard EVP_PKEY_encrypt(context, &encrypted, &count, bytes, bytes.count) == 1 else { return nil }
        return Array(encrypted[..<count])
    }
}
