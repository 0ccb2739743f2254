// TLS of a client's connection, in the terms of libmariadb.

internal import CMySQL

/// How a connection is encrypted.
package struct ClientEncryption: Sendable, Equatable {
    /// Whether it ends when the server does not encrypt; else it is encrypted if the server offers that.
    package var isRequired: Bool
    /// Whether the certificate has to be for the server's name, from the authority or from the system's.
    package var verifiesIdentity: Bool
    /// The certificate that is shown to servers that ask for one, in PEM.
    package var certificate: String?
    /// Its key; the certificate's file when absent.
    package var key: String?
    /// Who may sign the server's certificate.
    package var authority: String?

    /// Encryption by its parts.
    package init(
        isRequired: Bool, verifiesIdentity: Bool, certificate: String? = nil, key: String? = nil,
        authority: String? = nil
    ) {
        self.isRequired = isRequired
        self.verifiesIdentity = verifiesIdentity
        self.certificate = certificate
        self.key = key
        self.authority = authority
    }

    /// Sets a handle up before it connects.
    func apply(to handle: UnsafeMutablePointer<MYSQL>) {
        var verifies: my_bool = verifiesIdentity ? 1 : 0
        var enforces: my_bool = isRequired ? 1 : 0
        mysql_ssl_set(handle, key ?? certificate, certificate, authority, nil, nil)
        mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforces)
        mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verifies)
    }
}
