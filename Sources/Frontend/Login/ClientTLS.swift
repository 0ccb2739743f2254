// TLS as a listener offers it to its clients.
package import Security

/// Whether clients may, or must, encrypt.
package enum ClientEncryption: Sendable, Equatable {
    case disabled, preferred, required
}

/// What a front door knows of TLS.
package struct ClientTLS: Sendable {
    /// What clients may and must do.
    package let mode: ClientEncryption
    /// Where handshakes get their certificate; nil exactly when TLS is disabled.
    package let source: TLSContextSource?

    /// No TLS.
    package static let none = ClientTLS(mode: .disabled, source: nil)

    private init(mode: ClientEncryption, source: TLSContextSource?) {
        self.mode = mode
        self.source = source
    }

    /// TLS with the certificate of a source.
    package init(isRequired: Bool, source: TLSContextSource) {
        self.init(mode: isRequired ? .required : .preferred, source: source)
    }
}

extension LoginChannel {
    /// A channel under TLS.
    init(_ session: TLSSession) {
        self.init(
            isSecure: true, cipher: session.cipher,
            peerCertificate: session.peerCertificate.map { PeerCertificate(subject: $0.subject, issuer: $0.issuer) })
    }
}
