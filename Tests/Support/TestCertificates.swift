// Certificates for tests, made by the openssl command.

import Foundation

/// An authority, and what it signed: for a server on this machine, and for a client.
package final class TestCertificates: Sendable {
    private let folder: ScratchFolder

    /// The authority's certificate.
    package var authority: String { "\(folder.path)/ca.pem" }
    /// The path of a certificate by its name: `server` or `client`.
    package func certificate(_ name: String) -> String { "\(folder.path)/\(name).pem" }
    /// The path of its key.
    package func key(_ name: String) -> String { "\(folder.path)/\(name)-key.pem" }

    package init() throws {
        folder = try ScratchFolder()
        try run(
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
                + ["-subj", "/CN=Test authority", "-keyout", key("ca"), "-out", authority])
        try sign("server", subject: "/CN=server")
        try sign("client", subject: "/C=CH/O=Test/CN=app")
    }

    /// Makes the certificate of this name anew.
    ///
    /// - Parameter days: how long it holds; 0 for one that is over at once.
    package func sign(_ name: String, subject: String, days: Int = 2) throws {
        try folder.write("extensions", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        try run(
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-subj", subject, "-keyout", key(name), "-out", "\(folder.path)/\(name).csr"])
        try run(
            ["x509", "-req", "-in", "\(folder.path)/\(name).csr", "-CA", authority, "-CAkey", key("ca")]
                + [
                    "-CAcreateserial", "-days", "\(days)", "-extfile", "\(folder.path)/extensions", "-out",
                    certificate(name),
                ])
    }

    private func run(_ arguments: [String]) throws {
        let openssl = ChildProgram.find("openssl") ?? "openssl"
        let run = try ChildProgram.run(openssl, arguments)
        guard run.end == .exit(0) else { throw ProxyFailure(description: "openssl: \(run.output)") }
    }
}
