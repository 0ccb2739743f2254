// A certificate: one that was seen or read, and one that the proxy makes for itself.

import COpenSSL
import Glibc

/// What others want to know of a certificate.
package struct CertificateFacts: Sendable, Equatable {
    /// Whose it is, in OpenSSL's one-line form: `/C=CH/O=Example/CN=app`.
    package let subject: String
    /// Who signed it, in the same form.
    package let issuer: String
    /// When it ends, in seconds since 1970.
    package let notAfterUnixSeconds: Int64
    /// SHA-256 of the whole certificate, 32 bytes.
    package let fingerprint: [UInt8]

    /// Facts by value.
    package init(subject: String, issuer: String, notAfterUnixSeconds: Int64, fingerprint: [UInt8]) {
        self.subject = subject
        self.issuer = issuer
        self.notAfterUnixSeconds = notAfterUnixSeconds
        self.fingerprint = fingerprint
    }

    init(_ certificate: OpaquePointer) {
        subject = Self.line(X509_get_subject_name(certificate))
        issuer = Self.line(X509_get_issuer_name(certificate))
        var end = tm()
        let isRead = ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1
        notAfterUnixSeconds = isRead ? Int64(timegm(&end)) : 0
        var count: UInt32 = 0
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        let isHashed = X509_digest(certificate, EVP_sha256(), &digest, &count) == 1
        fingerprint = isHashed ? Array(digest[..<Int(count)]) : []
    }

    private static func line(_ name: OpaquePointer?) -> String {
        guard let text = X509_NAME_oneline(name, nil, 0) else { return "" }
        defer { CRYPTO_free(text, nil, 0) }
        return String(cString: text)
    }
}

/// A key on P-256 and a certificate that it signs itself. Lives as long as the process: it is never written anywhere.
///
/// `@unchecked Sendable` because nothing is changed after `init`; OpenSSL counts references atomically.
package final class SelfMadeCertificate: @unchecked Sendable {
    /// Ten years: clients that check it do so by their password, and nobody renews it but a restart.
    private static let lifetimeSeconds = 10 * 365 * 86_400

    let key: OpaquePointer
    let certificate: OpaquePointer

    /// Makes one: a fraction of a millisecond.
    package convenience init() throws(TLSFailure) { try self.init(lifetimeSeconds: Self.lifetimeSeconds) }

    /// Makes one that ends in so many seconds, which may be past.
    init(lifetimeSeconds: Int, name: String = "Switchyard") throws(TLSFailure) {
        guard let key = switchyard_p256_generate(), let certificate = X509_new() else {
            throw TLSFailure(.library, "no certificate can be made: \(OpenSSLErrors.take("out of memory"))")
        }
        self.key = key
        self.certificate = certificate
        guard fill(lifetimeSeconds, name) else {
            throw TLSFailure(.library, "no certificate can be made: \(OpenSSLErrors.take("OpenSSL refuses"))")
        }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    private func fill(_ lifetimeSeconds: Int, _ commonName: String) -> Bool {
        let serial = SecureRandom.bytes(count: 7).reduce(Int64(1)) { $0 << 7 | Int64($1 & 0x7F) }
        guard X509_set_version(certificate, 2) == 1,
            ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), serial) == 1,
            X509_gmtime_adj(X509_getm_notBefore(certificate), min(0, lifetimeSeconds * 2) - 86_400) != nil,
            X509_gmtime_adj(X509_getm_notAfter(certificate), lifetimeSeconds) != nil,
            X509_set_pubkey(certificate, key) == 1,
            let name = X509_get_subject_name(certificate)
        else { return false }
        let text = Array(commonName.utf8)
        return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC | 0x1000, text, Int32(text.count), -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
    }
}
