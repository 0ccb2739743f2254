// What a settings file says of encryption: to clients, and to nodes.

/// TLS on a listener, or on the console.
package struct ListenerTLSSettings: Sendable, Equatable {
    /// Whether clients may, or must, encrypt.
    package var mode: ListenerTLSMode
    /// The files; without a certificate, one is made at start.
    package var files: TLSFileSettings

    /// Builds TLS settings in code.
    package init(mode: ListenerTLSMode = .preferred, files: TLSFileSettings = TLSFileSettings()) {
        self.mode = mode
        self.files = files
    }
}

/// Whether clients may, or must, encrypt.
package enum ListenerTLSMode: String, Sendable, CaseIterable {
    /// TLS is not offered.
    case disabled
    /// TLS is offered, and clients choose.
    case preferred
    /// Logins without TLS are refused, but for those over a Unix socket.
    case required
}

/// TLS to the nodes of a cluster.
package struct ClusterTLSSettings: Sendable, Equatable {
    /// Whether nodes have to encrypt, and to show who they are.
    package var mode: ClusterTLSMode
    /// The files; the certificate is what the proxy shows to nodes that ask for one.
    package var files: TLSFileSettings

    /// Builds TLS settings in code.
    package init(mode: ClusterTLSMode = .disabled, files: TLSFileSettings = TLSFileSettings()) {
        self.mode = mode
        self.files = files
    }
}

/// Whether nodes have to encrypt, and to show who they are.
package enum ClusterTLSMode: String, Sendable, CaseIterable {
    /// Never TLS.
    case disabled
    /// TLS with the nodes that offer it.
    case preferred
    /// Only TLS; any certificate is taken.
    case required
    /// Only TLS, with a certificate that the authority signed, or that the account's password proves.
    case verifyAuthority = "verify-ca"
    /// The same, and the certificate is for the name or address that the node has in this file.
    case verifyIdentity = "verify-identity"
}

/// The files of one side of TLS; absolute paths, or relative to the process's working folder.
package struct TLSFileSettings: Sendable, Equatable {
    /// The certificate in PEM, with those that sign it.
    package var certificate: String?
    /// The certificate's private key in PEM.
    package var key: String?
    /// Certificates in PEM of those whose signature counts.
    package var authority: String?
    /// The oldest version of TLS.
    package var minimumVersion: TLSMinimumVersion

    /// Builds file settings in code.
    package init(
        certificate: String? = nil, key: String? = nil, authority: String? = nil,
        minimumVersion: TLSMinimumVersion = .tls12
    ) {
        self.certificate = certificate
        self.key = key
        self.authority = authority
        self.minimumVersion = minimumVersion
    }
}

/// The oldest version of TLS.
package enum TLSMinimumVersion: String, Sendable, CaseIterable {
    case tls12 = "1.2"
    case tls13 = "1.3"
}
