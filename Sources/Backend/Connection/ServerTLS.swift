// TLS to the nodes of a cluster, as the proxy's own logins use it.
package import Security

/// How connections to servers are encrypted.
package struct ServerTLS: Sendable {
    /// Whether a server that offers no TLS is used without.
    package let isRequired: Bool
    /// Where handshakes get their trust and certificate.
    package let source: TLSContextSource

    /// TLS with the trust of a source.
    package init(isRequired: Bool, source: TLSContextSource) {
        self.isRequired = isRequired
        self.source = source
    }
}

/// What a login may rely on in the connection beneath it.
struct ServerChannel: Equatable {
    /// Whether nobody can listen or stand in between.
    var isSecure: Bool
    /// The fingerprint of a certificate that nobody signed: the server has to prove that it knows the account's password,
    /// and may be told nothing from which it could learn it.
    var unprovedFingerprint: [UInt8]?

    /// No TLS, over a socket in the file system or over a network.
    static func plain(isUnix: Bool) -> ServerChannel { ServerChannel(isSecure: isUnix) }
}

extension ServerChannel {
    /// A channel under TLS.
    init(_ session: TLSSession) {
        let isProved = !session.needsPasswordProof
        isSecure = isProved
        unprovedFingerprint = isProved ? nil : session.peerCertificate?.fingerprint ?? []
    }
}
