// TLS with other people's clients in front, and with real servers behind.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct EncryptionTests {
        static let mariadb = ChildProgram.find("mariadb") ?? "mariadb"

        /// A primary with TLS, and a proxy that shows a certificate and verifies the node's.
        private func withScene(_ body: (Stage, TestCertificates) throws -> Void) throws {
            let certificates = try TestCertificates()
            let (authority, own, key) = (
                certificates.authority, certificates.certificate("server"), certificates.key("server")
            )
            let (shown, shownKey) = (certificates.certificate("client"), certificates.key("client"))
            var options = Stage.Options { configuration in
                configuration.tls = "{mode: preferred, certificate: \(own), key: \(key), ca: \(authority)}"
                configuration.cluster["tls"] =
                    "{mode: verify-identity, ca: \(authority), certificate: \(shown), key: \(shownKey)}"
            }
            options.cluster.replicas = 0
            options.cluster.extraServerOptions += ["--ssl-cert=\(own)", "--ssl-key=\(key)", "--ssl-ca=\(authority)"]
            try withStage(options) { try body($0, certificates) }
        }

        private func run(_ stage: Stage, _ sql: String, _ options: [String]) throws -> (status: Int32?, output: String)
        {
            let run = try ChildProgram.run(
                Self.mariadb,
                ["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--port=\(stage.proxy.ports.split)"]
                    + ["--user=app", "--password=apppw", "-BN"] + options + ["app"], input: sql)
            return (run.end.status, run.output)
        }

        @Test func `clients and nodes are encrypted, verified, and sessions to nodes resumed`() throws {
            try withScene { stage, certificates in
                let trusted = ["--ssl-ca=\(certificates.authority)", "--ssl-verify-server-cert"]
                let plain = try run(stage, "SHOW STATUS LIKE 'Ssl_cipher'; SELECT REPEAT('x', 3000000)", ["--skip-ssl"])
                #expect(plain.status == 0 && plain.output.contains("Ssl_cipher\tTLS_"))
                let encrypted = try run(
                    stage, "SHOW STATUS LIKE 'Ssl_cipher'; SELECT REPEAT('x', 3000000);\n\\s\n", trusted)
                #expect(encrypted.status == 0 && encrypted.output.contains("Cipher in use is TLS_"))
                #expect(encrypted.output.utf8.count > 3_000_000)
                let proved = try run(
                    stage, "SELECT 1",
                    trusted + [
                        "--ssl-cert=\(certificates.certificate("client"))", "--ssl-key=\(certificates.key("client"))",
                    ])
                #expect(proved.status == 0 && proved.output == "1\n")
                let stranger = try TestCertificates()
                let refused = try run(
                    stage, "SELECT 1",
                    ["--ssl-cert=\(stranger.certificate("client"))", "--ssl-key=\(stranger.key("client"))"])
                #expect(refused.status != 0)
                #expect(
                    try run(stage, "SELECT 1", ["--ssl-ca=\(stranger.authority)", "--ssl-verify-server-cert"]).status
                        != 0)
                // Sessions of different schemas and capabilities have connections of their own.
                _ = try MySQLSession(stage.login.with { $0.flags = 0 }).query("SELECT 1")
                let figures = try stage.console().rows("SELECT name, value FROM metrics WHERE name LIKE 'tls%'")
                let values = Dictionary(figures.map { ($0[0] ?? "", Int($0[1] ?? "") ?? 0) }) { one, _ in one }
                #expect((values["tls_node_handshakes_total"] ?? 0) > 1)
                #expect((values["tls_node_resumptions_total"] ?? 0) > 0)
                #expect((values["tls_client_handshake_failures_total"] ?? 0) > 0)
                #expect((values["tls_node_certificate_expires_unix_seconds"] ?? 0) > 1_700_000_000)
            }
        }

        @Test func `new certificates are used after SIGHUP, and broken ones are not`() throws {
            try withScene { stage, certificates in
                func subject() throws -> String {
                    try ChildProgram.run(
                        ChildProgram.find("openssl") ?? "openssl",
                        ["s_client", "-starttls", "mysql", "-connect", "127.0.0.1:\(stage.proxy.ports.split)"]
                    ).output.split(separator: "\n").first { $0.hasPrefix("subject=") }.map(String.init) ?? ""
                }
                #expect(try subject().contains("server"))
                let before = try stage.connect()
                try certificates.sign("server", subject: "/CN=renewed")
                stage.proxy.signal(1)
                try eventually("the new certificate is shown") { try subject().contains("renewed") }
                #expect(try before.value("SELECT 1") == "1")
                try "broken".write(
                    toFile: certificates.certificate("server"), atomically: false, encoding: .utf8)
                stage.proxy.signal(1)
                try eventually("the error is logged") { stage.proxy.log.contains("certificates cannot be read") }
                #expect(try subject().contains("renewed"))
            }
        }

        @Test func `a login in the clear behind the request for TLS ends that client alone`() throws {
            try withScene { stage, _ in
                let other = try stage.connect()
                for junk in [Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 0, count: 5_000), [0x16, 3, 1]] {
                    let client = try RawConnection(port: stage.proxy.ports.split)
                    _ = try client.receivePacket()
                    // SSLRequest: the head of a login with CLIENT_SSL.
                    let flags: [UInt8] = [0x05, 0xAA, 0x08, 0x00]
                    let request = flags + [0, 0, 0, 1, 45] + [UInt8](repeating: 0, count: 23)
                    client.send([32, 0, 0, 1] + request + junk)
                    client.finishSending()
                    try client.waitForClose()
                }
                #expect(try other.value("SELECT 1") == "1")
            }
        }

        @Test func `where TLS is required, clients without it are told so, and a self-made certificate serves`() throws
        {
            var options = Stage.Options { $0.tls = "{mode: preferred}" }
            options.cluster.replicas = 0
            try withStage(options) { stage in
                let run = try run(stage, "SELECT 1;\n\\s\n", ["--ssl"])
                #expect(run.status == 0 && run.output.contains("Cipher in use is TLS_"))
                let strict = try ProxyProcess(
                    ProxyConfiguration(stage.cluster).with { $0.tls = "{mode: required}" })
                defer { strict.kill() }
                try eventually("logins in the clear are refused in words") {
                    do throws(MySQLFailure) {
                        _ = try MySQLSession(stage.login.with { $0.port = strict.ports.split })
                        return false
                    } catch {
                        return error.code == 3159
                    }
                }
            }
        }
    }
}
