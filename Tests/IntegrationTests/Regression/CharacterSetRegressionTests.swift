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

        /// What MariaDB 11.8 reports of `SET NAMES utf8mb4` fits three collations.
        @Test(arguments: [
            ["SET NAMES utf8mb4"], ["SET NAMES latin1", "SET NAMES utf8mb4"], ["SET NAMES utf8mb4 COLLATE utf8mb4_bin"],
            ["SET NAMES utf8mb4 COLLATE 'utf8mb4_bin'", "SET NAMES utf8mb4"], ["SET NAMES DEFAULT"],
            ["SET NAMES utf8mb4", "SET character_set_results = NULL"], ["SET character_set_results = NULL"],
            ["SET NAMES utf8mb4, character_set_results = latin1"],
            ["SET character_set_results = latin1, NAMES utf8mb4"],
            ["SET NAMES utf8mb4", "SET character_set_connection = utf8mb4"], ["SET character_set_client = latin1"],
            ["SET collation_connection = utf8mb4_bin", "SET NAMES utf8mb4"], ["SET CHARACTER SET utf8mb4"],
            ["SET NAMES utf8mb4", "SET collation_connection = utf8mb4_unicode_ci"], ["SET CHARSET latin1"],
            ["SET NAMES latin1, CHARACTER SET utf8mb4"], ["SET CHARACTER SET utf8mb4, NAMES latin1"],
            ["SET NAMES utf8mb4", "SET NAMES nonsense"], ["SET @@character_set_connection = utf8mb4"],
            ["SET sql_mode = 'ANSI_QUOTES', NAMES utf8mb4"],
        ])
        func `readers compare and answer as the session's SET says`(statements: [String]) throws {
            let question =
                "SELECT 'a', 'stra\u{DF}e' = 'strasse', 'a' = 'A', 'a' = 'a ', @@collation_connection, "
                + "@@character_set_results"
            var program: [DifferentialStep] = []
            for statement in statements {
                program += [
                    .query(statement), .query("\(question) FROM node_marker"), .query("\(question) FROM node_marker"),
                    .query("\(question) FROM node_marker FOR UPDATE"),
                    .prepared("\(question) FROM node_marker", [[]]), .query("SELECT 'a' FROM node_marker"),
                ]
            }
            for _ in 0..<2 { try expectSameAnswers(Scene.stage.differential, program) }
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
