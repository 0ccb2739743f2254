// The collation that a login names by number, also numbers of two bytes.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct CollationTests {
        /// utf8mb4_general_ci, latin1_swedish_ci, binary, none, unknown ones, some that only one of the servers has, and
        /// `ucs2`, which no client can have: MariaDB's uca1400 (2048 utf8mb3, 2304 utf8mb4 _ai_ci, 2313 a language) and nopad
        /// (1069), MySQL's 0900 (255 ai_ci, 256 de_pb, 303 ja_as_cs, 309 bin).
        static let collations: [UInt16] = [
            45, 8, 63, 0, 200, 255, 35, 224, 256, 303, 309, 576, 1069, 2048, 2304, 2313, 4000, 65_535,
        ]

        /// Whether the server knows the collation. MariaDB resets a connection that named another one to the character set
        /// of an earlier connection (seen on 11.8), so there is nothing to compare.
        private static func survivesReset(_ collation: UInt16) -> Bool {
            !TestServer.isMariaDB || [45, 8, 63, 224, 64, 9, 576, 1069, 2048, 2304, 2313].contains(collation)
        }

        private static let question =
            "SELECT @@character_set_client, @@character_set_results, @@collation_connection, COLLATION('x')"

        private func answers(_ body: (RawConnection, Stage) throws -> [[RawPacket]]) throws {
            let stage = try Scene.stage
            let answers = try [stage.cluster.primaryNode.port, stage.proxy.ports.split].map { port in
                // Rows and errors: in definitions the number of a collation may be that of its character set's default.
                try body(try RawConnection(port: port), stage).map { packets in
                    packets.map(\.payload).filter { !$0.starts(with: [3] + Array("def".utf8)) }.map {
                        String(decoding: $0.filter { $0 >= 0x20 && $0 < 0x7f }, as: UTF8.self)
                    }
                }
            }
            #expect(answers[1] == answers[0])
        }

        @Test(arguments: collations)
        func `a login's collation is that of every statement`(collation: UInt16) throws {
            try answers { connection, _ in
                let login = try connection.logIn(user: "open", schema: "app", collation: collation)
                guard login?.isOK == true else { return [[login].compactMap { $0 }] }
                var answers = [try connection.answer(toQuery: Self.question)]
                answers.append(try connection.answer(toQuery: Self.question + " FROM node_marker"))
                answers.append(try connection.answer(toQuery: Self.question + " FROM node_marker FOR UPDATE"))
                answers += try connection.answers(toPrepared: Self.question, [[]])
                guard Self.survivesReset(collation & 0xff) else { return answers }
                // COM_RESET_CONNECTION
                answers.append(try connection.answer(to: [0x1f]))
                answers.append(try connection.answer(toQuery: Self.question))
                answers.append(try connection.answer(toQuery: Self.question + " FROM node_marker FOR UPDATE"))
                return answers
            }
        }

        @Test(arguments: collations)
        func `so is that of COM_CHANGE_USER`(collation: UInt16) throws {
            try answers { connection, _ in
                #expect(try connection.logIn(user: "open", schema: "app")?.isOK == true)
                let change = try connection.changeUser(to: "open", schema: "app", collation: collation)
                guard change?.isOK == true else { return [[change].compactMap { $0 }] }
                var answers = [try connection.answer(toQuery: Self.question)]
                answers.append(try connection.answer(toQuery: Self.question + " FROM node_marker FOR UPDATE"))
                guard Self.survivesReset(collation) else { return answers }
                answers.append(try connection.answer(to: [0x1f]))
                answers.append(try connection.answer(toQuery: Self.question))
                return answers
            }
        }

        /// Of two bytes, of a default that MariaDB 11.8 takes for another, of no default, and of MySQL's own.
        @Test(arguments: [TestServer.isMariaDB ? 2304 : 303, 45, 224, 255] as [UInt16])
        func `a statement prepared before SET NAMES keeps the login's collation everywhere`(collation: UInt16) throws {
            try answers { connection, _ in
                #expect(try connection.logIn(user: "open", schema: "app", collation: collation)?.isOK == true)
                var prepared = try connection.answer(to: [0x16] + Array("SELECT COLLATION('x')".utf8))
                let id = Array(prepared[0].payload[1..<5])
                prepared.removeFirst()
                var answers = [prepared]
                answers.append(try connection.answer(toQuery: "SET NAMES latin1"))
                for _ in 0..<8 {
                    answers.append(try connection.answer(to: [0x17] + id + [0, 1, 0, 0, 0]))
                    answers.append(try connection.answer(toQuery: Self.question))
                    // A transaction runs elsewhere than a read.
                    answers.append(try connection.answer(toQuery: "BEGIN"))
                    answers.append(try connection.answer(to: [0x17] + id + [0, 1, 0, 0, 0]))
                    answers.append(try connection.answer(toQuery: "COMMIT"))
                }
                return answers
            }
        }
    }
}
