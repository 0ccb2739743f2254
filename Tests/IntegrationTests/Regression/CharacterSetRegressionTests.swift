// A connection that served one client and serves another speaks the second one's character set.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.lines.append("lanes: 1") }) struct CharacterSetRegressionTests {
        private static let question =
            "SELECT 'ä', HEX('ä'), @@character_set_client, @@character_set_results, @@collation_connection"
        private static let program: [DifferentialStep] = [
            .query("\(question) FROM node_marker"), .query("\(question) FROM node_marker FOR UPDATE"),
        ]

        /// MySQL forgets the character set of the login when a connection is reset on its way into the pool.
        @Test(arguments: ["latin1", "utf8mb4", "cp1251"])
        func `connections of the pool speak the character set of the login`(name: String) throws {
            let stage = try Scene.stage
            let logins = [stage.direct(), stage.login].map { $0.with { $0.characterSet = name } }
            let differential = Differential(direct: logins[0], proxied: logins[1])
            for _ in 0..<4 { try expectSameAnswers(differential, Self.program) }
        }

        @Test(arguments: ["latin1", "utf8mb4"])
        func `after COM_RESET_CONNECTION the character set is the server's choice`(name: String) throws {
            let stage = try Scene.stage
            let logins = [stage.direct(), stage.login].map { $0.with { $0.characterSet = name } }
            let differential = Differential(direct: logins[0], proxied: logins[1])
            for _ in 0..<3 {
                try expectSameAnswers(differential, Self.program + [.reset, .schema("app")] + Self.program)
            }
        }
    }
}
