// Results of rarer kinds, byte by byte: OUT parameters, RETURNING, extended and left out metadata.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct ResultKindTests {
        static let capabilities: [RawCapabilities] = [
            .ordinary.union([.multiStatements, .multiResults]),
            .ordinary.union([.multiStatements, .multiResults, .psMultiResults]),
            .ordinary.union([.multiStatements, .multiResults, .psMultiResults, .deprecateEOF]),
        ]

        /// A connection to the primary, and one through the proxy.
        private func connections(
            _ capabilities: RawCapabilities, _ extended: RawExtendedCapabilities = []
        ) throws -> [RawConnection] {
            let stage = try Scene.stage
            return try [stage.cluster.primaryNode.port, stage.proxy.ports.split].map { port in
                let connection = try RawConnection(port: port)
                let answer = try connection.logIn(
                    user: "open", schema: "app", capabilities: capabilities, extended: extended)
                #expect(answer?.isOK == true, "\(answer?.errorText ?? "closed")")
                return connection
            }
        }

        private func expectSame(
            _ what: String, _ connections: [RawConnection], sourceLocation: SourceLocation = #_sourceLocation,
            _ program: (RawConnection) throws -> [[RawPacket]]
        ) throws -> [[RawPacket]] {
            let direct = try program(connections[0])
            let proxied = try program(connections[1])
            for (number, (direct, proxied)) in zip(direct, proxied).enumerated() {
                let differs = zip(direct, proxied).first { $0 != $1 }
                #expect(
                    differs == nil && proxied.count == direct.count, "\(what), answer \(number)",
                    sourceLocation: sourceLocation)
            }
            #expect(proxied.count == direct.count, "\(what)", sourceLocation: sourceLocation)
            return direct
        }

        // MARK: OUT parameters

        private static let definition =
            "CREATE OR REPLACE PROCEDURE outs(IN n INT, OUT a INT, INOUT b VARCHAR(20), OUT c DECIMAL(10,3)) "
            + "BEGIN SELECT n, b; INSERT INTO called VALUES (n); SET a = n * 2, b = CONCAT(b, 'x'), c = n / 3; END"

        @Test(arguments: capabilities)
        func `OUT parameters of a prepared CALL come as a result of their own`(capabilities: RawCapabilities) throws {
            let stage = try Scene.stage
            try stage.connectDirectly().run("CREATE OR REPLACE TABLE called (n INT)", Self.definition)
            // NULL for the second and the fourth; INT, NULL, VAR_STRING, NULL; 5 and 'q'.
            let values: [UInt8] = [0b1010, 1, 3, 0, 6, 0, 253, 0, 6, 0, 5, 0, 0, 0, 1, UInt8(ascii: "q")]
            let wrong: [UInt8] = [0b1111, 1, 6, 0, 6, 0, 6, 0, 6, 0]
            let answers = try expectSame("CALL", connections(capabilities)) { connection in
                try connection.answers(toPrepared: "CALL outs(?, ?, ?, ?)", [values, wrong, values])
                    + [connection.answer(toQuery: "SELECT COUNT(*) FROM called WHERE n = 1")]
            }
            let hasOut = answers[1].contains { packet in
                // An end of rows whose status has SERVER_PS_OUT_PARAMS (0x1000).
                packet.payload.first == 0xfe && packet.payload.dropFirst().contains { $0 & 0x10 != 0 }
            }
            #expect(hasOut == capabilities.contains(.psMultiResults))
        }

        @Test func `OUT parameters reach a client of the library`() throws {
            let stage = try Scene.stage
            try expectSameAnswers(
                stage.differential,
                [
                    "CREATE OR REPLACE TABLE called (n INT)", .query(Self.definition),
                    .prepared(
                        "CALL outs(?, ?, ?, ?)",
                        [[.int(5), .null, .text("q"), .null], [.null, .null, .null, .null]]),
                    "SELECT COUNT(*) FROM called", "BEGIN",
                    .prepared("CALL outs(?, ?, ?, ?)", [[.int(9), .int(1), .text("ä"), .double(2)]]),
                    "SELECT COUNT(*) FROM called", "ROLLBACK", "SELECT COUNT(*) FROM called",
                    "CREATE OR REPLACE PROCEDURE fails(OUT a INT) BEGIN SET a = 1; SELECT a; SELECT nothing; END",
                    .prepared("CALL fails(?)", [[.null]]), "SELECT 1",
                    "CREATE OR REPLACE PROCEDURE only_out(OUT a INT) SET a = 7",
                    .prepared("CALL only_out(?)", [[.null], [.int(3)]]), "CALL only_out(@seven)", "SELECT @seven",
                ])
        }

        // MARK: RETURNING

        private static let given = "CREATE OR REPLACE TABLE given (id INT PRIMARY KEY AUTO_INCREMENT, name TEXT)"
        private static let returning = [
            "INSERT INTO given (name) VALUES ('a'), ('b'), ('c') RETURNING id, name, LENGTH(name)",
            "INSERT INTO given VALUES (1, 'again') RETURNING id", "REPLACE INTO given VALUES (1, 'new') RETURNING *",
            "INSERT INTO given VALUES (2, 'x') ON DUPLICATE KEY UPDATE name = 'changed' RETURNING id, name",
            "INSERT IGNORE INTO given VALUES (2, 'x') RETURNING id",
            "DELETE FROM given WHERE id > 1 RETURNING name, id",
            "DELETE FROM given WHERE id > 99 RETURNING id", "INSERT INTO given SELECT 8, 'eight' RETURNING nonsense",
            "SELECT COUNT(*) FROM given",
        ]

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL has no RETURNING"), arguments: capabilities)
        func `RETURNING gives the server's own rows`(capabilities: RawCapabilities) throws {
            let connections = try connections(capabilities)
            _ = try expectSame("texts", connections) { connection in
                _ = try connection.answer(toQuery: Self.given)
                return try Self.returning.map { try connection.answer(toQuery: $0) }
            }
            _ = try expectSame("several in one text", connections) { connection in
                _ = try connection.answer(toQuery: Self.given)
                return [
                    try connection.answer(
                        toQuery:
                            "INSERT INTO given VALUES (50, 'x') RETURNING id; DELETE FROM given RETURNING id; SELECT 1")
                ]
            }
            _ = try expectSame("prepared", connections) { connection in
                _ = try connection.answer(toQuery: Self.given)
                return try Self.returning.flatMap { try connection.answers(toPrepared: $0, [[], []]) }
            }
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL has no RETURNING"), arguments: capabilities)
        func `what RETURNING wrote is read, wherever that is`(capabilities: RawCapabilities) throws {
            let connection = try connections(capabilities)[1]
            _ = try connection.answer(toQuery: "CREATE OR REPLACE TABLE given (id INT PRIMARY KEY AUTO_INCREMENT)")
            for id in 1...30 {
                let text = "INSERT INTO given VALUES (\(id)) RETURNING id"
                if id % 2 == 0 {
                    _ = try connection.answer(toQuery: text)
                } else {
                    _ = try connection.answers(toPrepared: text, [[]])
                }
                let count = try connection.answer(toQuery: "SELECT COUNT(*) FROM given")
                let isThere = count.contains { $0.payload == [UInt8("\(id)".utf8.count)] + Array("\(id)".utf8) }
                #expect(isThere, "\(id)")
            }
        }

        // MARK: Metadata

        @Test(.enabled(if: TestServer.isMariaDB, "a capability of MariaDB"), arguments: capabilities)
        func `extended metadata of JSON, UUID, INET and geometry are the server's own`(
            capabilities: RawCapabilities
        ) throws {
            let answers = try expectSame("metadata", connections(capabilities, .extendedMetadata)) { connection in
                var answers: [[RawPacket]] = []
                for sql in [
                    "CREATE OR REPLACE TABLE formats (j JSON, u UUID, a INET6, b INET4, p POINT, t TEXT)",
                    "INSERT INTO formats VALUES ('[1]', '123e4567-e89b-12d3-a456-426655440000', '::1', '10.0.0.1', "
                        + "POINT(1, 2), 'x')",
                    "SELECT * FROM formats", "SELECT j, u FROM formats UNION SELECT j, u FROM formats",
                    "SELECT JSON_ARRAY(1), CAST('::1' AS INET6), 1",
                    "SELECT 1; SELECT j FROM formats; SELECT u FROM formats",
                    "INSERT INTO formats (j) VALUES ('{}') RETURNING j, a", "SHOW GRANTS",
                ] { answers.append(try connection.answer(toQuery: sql)) }
                answers += try connection.answers(toPrepared: "SELECT *, ? FROM formats", [[0, 1, 3, 0, 7, 0, 0, 0]])
                answers.append(try connection.answer(to: [4] + Array("formats".utf8) + [0]))
                return answers
            }
            let names = answers[2].map { String(decoding: $0.payload, as: UTF8.self) }
            for name in ["json", "uuid", "inet6", "inet4", "point"] {
                #expect(names.contains { $0.contains(name) }, "\(name)")
            }
        }

        @Test(.enabled(if: !TestServer.isMariaDB, "a capability of MySQL"), arguments: capabilities)
        func `a client that has no use for metadata gets none`(capabilities: RawCapabilities) throws {
            let answers = try expectSame("metadata", connections(capabilities.union(.optionalMetadata))) { connection in
                var answers: [[RawPacket]] = []
                for sql in [
                    "SELECT 1, 'a'", "SET resultset_metadata = NONE", "SELECT 1, 'a'", "SELECT 1 WHERE FALSE",
                    "SELECT marker >= 0 FROM node_marker", "SELECT marker >= 0 FROM node_marker FOR UPDATE",
                    "SELECT 1; SELECT 2, 3; DO 1", "SELECT nonsense", "SHOW TABLES LIKE 'node_marker'",
                    "SELECT @@resultset_metadata",
                ] { answers.append(try connection.answer(toQuery: sql)) }
                answers += try connection.answers(toPrepared: "SELECT ?, 'b'", [[0, 1, 3, 0, 7, 0, 0, 0]])
                answers += try connection.answers(toPrepared: "CALL nothing_there(?)", [[]])
                for sql in ["SET resultset_metadata = FULL", "SELECT 1, 'a'", "SET resultset_metadata = NONE"] {
                    answers.append(try connection.answer(toQuery: sql))
                }
                return answers
            }
            #expect(answers[0][0].payload == [2, 1] && answers[2][0].payload == [2, 0])
            // What Switchyard answers itself has the same form.
            let lists = try connections(capabilities.union(.optionalMetadata)).map { connection in
                _ = try connection.answer(toQuery: "SET resultset_metadata = NONE")
                let first = try connection.answer(toQuery: "SHOW PROCESSLIST")[0]
                _ = try connection.answer(toQuery: "SET @@session.resultset_metadata = FULL")
                return [first, try connection.answer(toQuery: "SHOW PROCESSLIST")[0]]
            }
            #expect(lists[1] == lists[0])
        }
    }
}
