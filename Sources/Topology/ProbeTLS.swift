// TLS of the monitor's connections, in the terms of libmariadb.

import CMySQL

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

    /// Sets a handle up before it connects.
    func apply(to handle: UnsafeMutablePointer<MYSQL>) {
        var verifies: my_bool = mode == .verifyIdentity ? 1 : 0
        var enforces: my_bool = mode == .preferred ? 0 : 1
        mysql_ssl_set(handle, key ?? certificate, certificate, authority, nil, nil)
        mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforces)
        mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verifies)
    }
}
