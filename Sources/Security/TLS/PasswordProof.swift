// How a server with a certificate that nobody signed shows that it is no stranger: by the account's password.

import COpenSSL

/// MariaDB's check of a certificate without an authority, from 11.4 on: at the end of the login the server sends, as the
/// OK packet's text, a byte 1 and, in hexadecimal digits, SHA256(secret, salt, SHA256 of the certificate). Who stands in
/// between has another certificate, and does not know the secret: what a server's plugin has of the password in memory. For
/// `mysql_native_password` that is SHA1(SHA1(password)), for `client_ed25519` the public key, for `parsec` the salt with what
/// is in front of it, and the public key. Other plugins have none. The salt is the greeting's, whatever the plugin signs.
/// https://mariadb.com/docs/server/security/encryption/data-in-transit-encryption/zero-configuration-ssl
package enum PasswordProof {
    private static let sha256Mark: UInt8 = 1

    /// The OK packet's text.
    package static func make(secret: [UInt8], salt: [UInt8], fingerprint: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        let hash = SHA256.hash(secret, salt, fingerprint)
        return [sha256Mark] + hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// Whether `text` is the proof of who knows the secret and has the certificate.
    package static func holds(_ text: [UInt8], secret: [UInt8], salt: [UInt8], fingerprint: [UInt8]) -> Bool {
        guard !secret.isEmpty, fingerprint.count == SHA256.size else { return false }
        // Digits of either case are taken.
        let upper = text.map { (0x61...0x66).contains($0) ? $0 - 0x20 : $0 }
        return constantTimeEqual(upper, make(secret: secret, salt: salt, fingerprint: fingerprint))
    }
}
