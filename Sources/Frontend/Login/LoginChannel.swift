// What a login may rely on in the connection beneath it.

/// The connection a client logs in over.
package struct LoginChannel: Sendable, Equatable {
    /// Whether nobody can listen: TLS, or a Unix socket. Clients then send clear passwords.
    package var isSecure: Bool
    /// The TLS cipher's name; nil without TLS.
    package var cipher: String?
    /// The certificate that the client showed and that was verified; nil without one.
    package var peerCertificate: PeerCertificate?

    /// A channel by its parts; plain TCP without any.
    package init(isSecure: Bool = false, cipher: String? = nil, peerCertificate: PeerCertificate? = nil) {
        self.isSecure = isSecure
        self.cipher = cipher
        self.peerCertificate = peerCertificate
    }
}

/// What a client's certificate says, in OpenSSL's one-line form: `/C=CH/O=Example/CN=app`.
package struct PeerCertificate: Sendable, Equatable {
    /// Whose it is.
    package var subject: String
    /// Who signed it.
    package var issuer: String

    /// A certificate by what accounts can ask of it.
    package init(subject: String, issuer: String) {
        self.subject = subject
        self.issuer = issuer
    }
}
