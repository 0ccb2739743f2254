// What an account wants of the connection beneath its logins.

/// The `REQUIRE` clause of an account.
package enum LoginRequirement: Sendable, Equatable {
    /// Nothing.
    case none
    /// `REQUIRE SSL`
    case tls
    /// `REQUIRE X509`: a client certificate that was verified.
    case certificate
    /// `REQUIRE SUBJECT … ISSUER … CIPHER …`; an empty one is not asked for.
    case specified(subject: String, issuer: String, cipher: String)

    /// Whether this connection will do. The rules are those of servers.
    func isMet(by channel: LoginChannel) -> Bool {
        switch self {
        case .none: true
        case .tls: channel.cipher != nil
        case .certificate: channel.cipher != nil && channel.peerCertificate != nil
        case .specified(let subject, let issuer, let cipher):
            channel.cipher != nil && (cipher.isEmpty || cipher == channel.cipher)
                && ((subject.isEmpty && issuer.isEmpty) || channel.peerCertificate != nil)
                && (subject.isEmpty || subject == channel.peerCertificate?.subject)
                && (issuer.isEmpty || issuer == channel.peerCertificate?.issuer)
        }
    }
}
