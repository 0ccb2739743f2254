// Accounts that want a certificate of their clients (REQUIRE), with real certificates and other people's clients.

import Foundation
import LocalCluster
import TestSupport
import Testing

/// A client and a server that know of proofs by password.
private enum CurrentMariaDB {
    static let base =
        (ProcessInfo.processInfo.environment["SWITCHYARD_SERVERS"] ?? "/opt/switchyard-servers")
        + "/mariadb-current/usr"
    static let hasPlugins = FileManager.default.fileExists(atPath: base + "/lib/mysql/plugin/auth_parsec.so")
}

extension Integration {
    @Suite struct CertificateAccountTests {
        private static let subject = "/C=CH/O=Test/CN=app"
        private static let issuer = "/CN=Test authority"
        private static let accounts: [(user: String, requirement: String)] = [
            ("anybody", ""), ("encrypted", "REQUIRE SSL"), ("certified", "REQUIRE X509"),
            ("named", "REQUIRE SUBJECT '\(subject)'"), ("issued", "REQUIRE ISSUER '\(issuer)'"),
            ("paired", "REQUIRE SUBJECT '\(subject)' AND ISSUER '\(issuer)'"),
            ("misnamed", "REQUIRE SUBJECT '/CN=other'"), ("misissued", "REQUIRE ISSUER '/CN=other'"),
            ("half", "REQUIRE SUBJECT '\(subject)' AND ISSUER '/CN=other'"),
        ]

        /// What a client shows, and the accounts that let it in.
        private static let clients: [(name: String, shows: String?, letIn: Set<String>)] = [
            ("no certificate", nil, ["anybody", "encrypted"]),
            ("the account's", "client", ["anybody", "encrypted", "certified", "named", "issued", "paired"]),
            ("another of the same authority", "other", ["anybody", "encrypted", "certified", "issued"]),
        ]

        private func logIn(_ port: UInt16, _ user: String, _ options: [String]) throws -> (Int32?, String) {
            let run = try ChildProgram.run(
                EncryptionTests.mariadb,
                ["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--port=\(port)", "--user=\(user)"]
                    + ["--password=pw", "-BN"] + options, input: "SELECT 'in'")
            return (run.end.status, run.output)
        }

        @Test func `each account lets in through the proxy whom its server lets in`() throws {
            let certificates = try TestCertificates()
            try certificates.sign("other", subject: "/CN=somebody")
            let (authority, own, key) = (
                certificates.authority, certificates.certificate("server"), certificates.key("server")
            )
            var options = Stage.Options { configuration in
                configuration.tls = "{mode: preferred, certificate: \(own), key: \(key), ca: \(authority)}"
                configuration.cluster["tls"] =
                    "{mode: verify-ca, ca: \(authority), certificate: \(certificates.certificate("client")), "
                    + "key: \(certificates.key("client"))}"
            }
            options.cluster.replicas = 0
            options.cluster.extraServerOptions += ["--ssl-cert=\(own)", "--ssl-key=\(key)", "--ssl-ca=\(authority)"]
            try withStage(options) { stage in
                let sql = Self.accounts.map { "CREATE USER \($0.user)@'%' IDENTIFIED BY 'pw' \($0.requirement);" }
                try stage.cluster.execute(0, sql.joined())
                for client in Self.clients {
                    let shown = client.shows.map {
                        ["--ssl-cert=\(certificates.certificate($0))", "--ssl-key=\(certificates.key($0))"]
                    }
                    for (user, _) in Self.accounts {
                        for port in [stage.cluster.primaryNode.port, stage.proxy.ports.split] {
                            let (status, output) = try logIn(port, user, ["--ssl"] + (shown ?? []))
                            let isIn = client.letIn.contains(user)
                            let comment = "\(user) with \(client.name) at \(port): \(output)"
                            #expect((status == 0) == isIn, "\(comment)")
                            #expect(output.contains(isIn ? "in" : "1045"), "\(comment)")
                        }
                    }
                }
                // Without TLS only the first does, whatever is shown.
                for (user, _) in Self.accounts where TestServer.isMariaDB {
                    let (status, _) = try logIn(stage.proxy.ports.split, user, ["--skip-ssl"])
                    #expect((status == 0) == (user == "anybody"), "\(user)")
                }
            }
        }
    }

    /// Certificates that nobody signed, as MariaDB 11.4 and later prove them; one that has no such proof is refused.
    @Suite(
        .enabled(if: TestServer.flavor == .mariaDBCurrent, "clients and servers before 11.4 know no such proof"),
        .enabled(if: CurrentMariaDB.hasPlugins, "the server was installed without its plugins"))
    struct PasswordProofTests {
        private static let plugins: [(user: String, plugin: String)] = [
            ("edith", "ed25519"), ("percy", "parsec"), ("nat", "mysql_native_password"),
        ]

        private func stage(_ body: (Stage) throws -> Void) throws {
            var options = Stage.Options { configuration in
                configuration.address = "0.0.0.0"
                configuration.tls = "{mode: preferred}"
                configuration.cluster["tls"] = "{mode: verify-ca}"
                configuration.lines =
                    ["users:", "- {name: app, password: apppw}", "- {name: open, password: \"\"}"]
                    + Self.plugins.map { "- {name: \($0.user), password: pw, plugin: \($0.plugin)}" }
                    + ["- {name: sha, password: pw, plugin: caching_sha2_password, server_user: nat}"]
            }
            options.cluster.replicas = 0
            options.cluster.extraServerOptions += [
                "--plugin-load-add=auth_ed25519", "--plugin-load-add=auth_parsec",
            ]
            try withStage(options) { stage in
                for (user, plugin) in Self.plugins {
                    try stage.cluster.execute(
                        0, "CREATE USER \(user)@'%' IDENTIFIED VIA \(plugin) USING PASSWORD('pw')")
                }
                try body(stage)
            }
        }

        /// Clients look at no certificate of 127.0.0.1.
        private func logIn(_ stage: Stage, _ user: String) throws -> (Int32?, String) {
            let run = try ChildProgram.run(
                CurrentMariaDB.base + "/bin/mariadb",
                ["--no-defaults", "--protocol=tcp", "--host=127.0.0.2", "--port=\(stage.proxy.ports.split)"]
                    + ["--user=\(user)", "--password=pw", "-BN", "--ssl-verify-server-cert"],
                input: "SELECT CURRENT_USER(); SHOW STATUS LIKE 'Ssl_cipher';")
            return (run.end.status, run.output)
        }

        @Test func `clients trust the proxy's, and the proxy the node's, by native, ed25519 and parsec`() throws {
            try stage { stage in
                for (user, _) in Self.plugins {
                    let (status, output) = try logIn(stage, user)
                    #expect(status == 0 && output.contains("\(user)@%") && output.contains("TLS_"), "\(output)")
                }
                let (status, output) = try logIn(stage, "sha")
                #expect(status != 0 && output.contains("certificate"), "\(output)")
            }
        }
    }
}
