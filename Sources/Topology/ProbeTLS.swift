// TLS of the monitor's connections.

import MySQLClient

/// How the monitor's connections are encrypted.
package struct ProbeTLS: Sendable, Equatable {
    /// Whether a node has to encrypt, and to show who it is.
    package enum Mode: Sendable, Equatable {
        /// With nodes that offer it.
        case preferred
        /// Only so; any certificate is taken.
        case required
        /// Only with a certificate for the node's name, from the authority or from the system's.
        case verifyIdentity
    }

    /// What nodes have to do.
    package var mode: Mode
    /// The certificate shown to nodes that ask for one, in PEM.
    package var certificate: String?
    /// Its key; the certificate's file when absent.
    package var key: String?
    /// Who may sign the nodes' certificates.
    package var authority: String?

    /// TLS by its parts.
    package init(mode: Mode, certificate: String? = nil, key: String? = nil, authority: String? = nil) {
        self.mode = mode
        self.certificate = certificate
        self.key = key
        self.authority = authority
    }

    /// The same in the terms of a client.
    var encryption: ClientEncryption {
        ClientEncryption(
            isRequired: mode != .preferred, verifiesIdentity: mode == .verifyIdentity, certificate: certificate,
            key: key,
            authority: authority)
    }
}
