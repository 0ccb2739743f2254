// TLS and compression together, on both sides.

import LocalCluster
import TestSupport
import Testing

/// CLIENT_COMPRESS
private let compress: UInt = 32

extension Integration {
    @Suite struct EncryptedCompressionTests {
        static let algorithms = TestServer.isMariaDB ? ["zlib"] : ["zlib", "zstd"]

        private func withScene(_ algorithm: String, _ body: (Stage) throws -> Void) throws {
            let certificates = try TestCertificates()
            let (authority, own, key) = (
                certificates.authority, certificates.certificate("server"), certificates.key("server")
            )
            var options = Stage.Options { configuration in
                configuration.tls = "{mode: preferred, certificate: \(own), key: \(key)}"
                configuration.cluster["tls"] = "{mode: verify-identity, ca: \(authority)}"
                configuration.cluster["compression"] = algorithm
            }
            options.cluster.replicas = 1
            options.cluster.extraServerOptions += ["--ssl-cert=\(own)", "--ssl-key=\(key)", "--ssl-ca=\(authority)"]
            try withStage(options, body)
        }

        @Test(arguments: algorithms)
        func `sessions work over both, on both sides, also after COM_CHANGE_USER`(algorithm: String) throws {
            try withScene(algorithm) { stage in
                for flags in [compress, 0] {
                    let session = try stage.connect {
                        $0.requiresTLS = true
                        $0.flags |= flags
                    }
                    try exercise(session)
                    try session.changeUser("open", "", "app")
                    #expect(try session.value("SELECT CURRENT_USER()") == "open@%")
                    try exercise(session)
                    try session.changeUser(stage.cluster.appUser, stage.cluster.appPassword, "app")
                    try exercise(session)
                    try session.reset()
                    try exercise(session)
                    #expect(throws: MySQLFailure.self) { try session.changeUser("open", "wrong", "app") }
                }
            }
        }

        private func exercise(_ session: MySQLSession) throws {
            let status = "SHOW SESSION STATUS WHERE Variable_name IN ('Compression', 'Ssl_version')"
            let values = try session.rows(status).map { $0[1] ?? "" }.sorted()
            #expect(values.count == 2 && values.first == "ON" && values.last?.hasPrefix("TLS") == true, "\(values)")
            for count in [10, 5_000, 300_000, (1 << 24) + 10] {
                let body = String(repeating: "qwertz", count: count / 6)
                #expect(try session.value("SELECT LENGTH('\(body)')") == "\(body.utf8.count)")
                #expect(try session.value("SELECT REPEAT('r', \(count))")?.utf8.count == count)
            }
            try session.run("CREATE OR REPLACE TABLE app.squeezed (n INT)", "USE app")
            let folder = try ScratchFolder()
            let path = try folder.write("numbers", (1...50_000).map { "\($0)\n" }.joined())
            try session.query("LOAD DATA LOCAL INFILE '\(path)' INTO TABLE squeezed")
            #expect(try session.value("SELECT SUM(n) FROM squeezed") == "1250025000")
            let outcome = session.outcome(of: "SELECT 1; SELECT n FROM squeezed; SELECT nonsense; SELECT 3")
            #expect(outcome.replies.map(\.rows.count) == [1, 50_000] && outcome.failure?.code == 1054)
            let statement = try MySQLStatement(session, "SELECT ?, LENGTH(?)")
            #expect(try statement.execute([.int(7), .text("ä")]).rows == [["7", "2"]])
        }

        @Test(arguments: algorithms, [0, compress])
        func `long data of 5 MB, then a result of more than 256 frames`(algorithm: String, flags: UInt) throws {
            var options = Stage.Options { $0.cluster["compression"] = algorithm }
            options.cluster.replicas = 0
            try withStage(options) { stage in
                let outcomes = try [stage.direct(), stage.login].map { login in
                    let session = try MySQLSession(login.with { $0.flags |= flags })
                    let statement = try MySQLStatement(
                        session, "SELECT seq, LENGTH(?), SHA2(seq, 256) FROM seq_1_to_150000 WHERE seq > ?")
                    var outcomes: [MySQLOutcome] = []
                    for pieces in [1, 5, 40] {
                        try statement.bind([.longData, .int(10)])
                        for piece in 0..<pieces {
                            let bytes = (0..<(5 << 20) / pieces).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ piece) }
                            try statement.sendLongData(0, bytes)
                        }
                        outcomes.append(statement.executeBound())
                        outcomes.append(session.outcome(of: "SELECT 'in step'"))
                    }
                    return outcomes
                }
                #expect(outcomes[0][0].replies.first?.rows.count == 149_990)
                #expect(outcomes[1] == outcomes[0])
            }
        }
    }
}
