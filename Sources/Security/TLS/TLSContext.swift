// What the handshakes of one side have in common. A reload makes a new context; connections keep theirs.

import COpenSSL

/// One side's certificate, key, trust and versions. Immutable after `init`.
///
/// `@unchecked Sendable` because an `SSL_CTX` may be used by several threads at once when it is not changed any more;
/// the cache of sessions has a lock of its own.
package final class TLSContext: @unchecked Sendable {
    enum Role { case server, client }

    let role: Role
    let handle: OpaquePointer
    /// Checks that a client makes after its handshakes.
    let verification: TLSVerification
    /// Whether a certificate that signs itself may be proved by the account's password instead.
    let acceptsPasswordProof: Bool
    /// The context's own certificate; nil for a client without one.
    package private(set) var certificate: CertificateFacts?
    /// Whether the certificate was made here: nobody can know it but by the account's password.
    package let isSelfMade: Bool
    let sessions = TLSSessionCache()

    /// A server's context; without a certificate's file, `fallback` is shown. Client certificates are asked for when
    /// there is an authority, and refused when it did not sign them.
    package static func server(_ material: TLSMaterial, fallback: SelfMadeCertificate) throws(TLSFailure) -> TLSContext
    {
        try TLSContext(.server, material, .none, fallback)
    }

    /// A client's context.
    package static func client(_ material: TLSMaterial, verification: TLSVerification) throws(TLSFailure) -> TLSContext
    {
        try TLSContext(.client, material, verification, nil)
    }

    private init(
        _ role: Role, _ material: TLSMaterial, _ verification: TLSVerification, _ fallback: SelfMadeCertificate?
    ) throws(TLSFailure) {
        guard let handle = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method()) else {
            throw TLSFailure(.library, "no TLS: \(OpenSSLErrors.take("out of memory"))")
        }
        self.role = role
        self.handle = handle
        self.verification = verification
        acceptsPasswordProof = role == .client && verification != .none && material.authority == nil
        isSelfMade = material.certificate == nil && fallback != nil
        switchyard_context_modes(handle)
        guard switchyard_context_minimum(handle, material.minimumVersion.number) == 1 else {
            throw TLSFailure(.library, "OpenSSL does not speak TLS \(material.minimumVersion.rawValue)")
        }
        try loadCertificate(material, fallback)
        try loadAuthority(material.authority)
        if role == .server { setUpServer() } else { setUpClient() }
    }

    deinit { SSL_CTX_free(handle) }

    private func loadCertificate(_ material: TLSMaterial, _ fallback: SelfMadeCertificate?) throws(TLSFailure) {
        if let path = material.certificate {
            guard SSL_CTX_use_certificate_chain_file(handle, path) == 1 else {
                throw TLSFailure(.certificate, "no certificate in \(path): \(OpenSSLErrors.take("unreadable"))")
            }
            let keyPath = material.key ?? path
            // A key that wants a passphrase would be asked for at the terminal.
            SSL_CTX_set_default_passwd_cb(handle) { _, _, _, _ in 0 }
            guard SSL_CTX_use_PrivateKey_file(handle, keyPath, SSL_FILETYPE_PEM) == 1 else {
                let reason = OpenSSLErrors.take("unreadable")
                throw TLSFailure(
                    .key,
                    reason.contains("mismatch")
                        ? "the key in \(keyPath) does not belong to the certificate in \(path)"
                        : "no private key in \(keyPath): \(reason)")
            }
            guard SSL_CTX_check_private_key(handle) == 1 else {
                ERR_clear_error()
                throw TLSFailure(.key, "the key in \(keyPath) does not belong to the certificate in \(path)")
            }
        } else if let fallback {
            guard SSL_CTX_use_certificate(handle, fallback.certificate) == 1,
                SSL_CTX_use_PrivateKey(handle, fallback.key) == 1
            else { throw TLSFailure(.library, "self-made certificate: \(OpenSSLErrors.take("refused"))") }
        }
        certificate = SSL_CTX_get0_certificate(handle).map { CertificateFacts($0) }
    }

    private func loadAuthority(_ path: String?) throws(TLSFailure) {
        if let path {
            guard SSL_CTX_load_verify_locations(handle, path, nil) == 1 else {
                throw TLSFailure(.authority, "no certificates in \(path): \(OpenSSLErrors.take("unreadable"))")
            }
            guard role == .server else { return }
            // Clients choose their certificate by the names that the server sends.
            SSL_CTX_set_client_CA_list(handle, SSL_load_client_CA_file(path))
            SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
        } else if role == .client && verification != .none {
            SSL_CTX_set_default_verify_paths(handle)
            ERR_clear_error()
        }
    }

    private func setUpServer() {
        // Clients resume by tickets, which cost the proxy nothing to keep; one is enough.
        _ = switchyard_session_cache(handle, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_num_tickets(handle, 1)
        SSL_CTX_set_session_id_context(handle, Array("switchyard".utf8), 10)
    }

    private func setUpClient() {
        // The outcome of the check is looked at after the handshake, where it can be said in words.
        SSL_CTX_set_verify(handle, SSL_VERIFY_NONE, nil)
        _ = switchyard_session_cache(handle, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(handle) { ssl, session in
            guard let ssl, let session, let held = SSL_get_ex_data(ssl, TLSSession.exDataIndex) else { return 0 }
            Unmanaged<TLSSession>.fromOpaque(held).takeUnretainedValue().sessionOffered(session)
            return 1
        }
    }
}
