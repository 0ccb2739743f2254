// Cursors, long data, DDL, bulk executions, bounds: what prepared statements keep on a connection.

import LocalCluster
import TestSupport
import Testing

/// COM_STMT_…, as bytes.
private func command(_ code: UInt8, _ id: [UInt8], _ rest: [UInt8] = []) -> RawPacket { RawPacket([code] + id + rest) }

extension Integration {
    @Suite(
        .stage {
            $0.limits["prepared_statements_per_node"] = "40"
        }) struct PreparedStateTests
    {
        private func connect(_ stage: Stage, _ port: UInt16) throws -> RawConnection {
            let connection = try RawConnection(port: port)
            let verdict = try connection.logIn(user: "open", schema: "app", capabilities: .ordinary)
            try #require(verdict?.isOK == true)
            return connection
        }

        /// Prepares; gives the statement's id.
        private func prepare(_ connection: RawConnection, _ sql: String) throws -> [UInt8] {
            connection.send(RawPacket([0x16] + Array(sql.utf8)))
            let head = try #require(try connection.receivePacket())
            try #require(head.isOK, "\(head.errorText)")
            for count in [Int(head.payload[7]), Int(head.payload[5])] where count > 0 {
                for _ in 0...count { _ = try connection.receivePacket() }
            }
            return Array(head.payload[1..<5])
        }

        @Test func `a cursor is read to its end between other statements, and holds its connection until then`() throws
        {
            let stage = try Scene.stage
            var answers: [[[RawPacket]]] = []
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(stage, port)
                let id = try prepare(
                    connection, "SELECT 1 AS seq UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5")
                var answer: [[RawPacket]] = []
                connection.send(command(0x17, id, [1, 1, 0, 0, 0]))
                answer.append(try connection.receivePackets { _, count in count == 3 })
                for _ in 0..<3 {
                    connection.sendQuery("SELECT 1 FROM DUAL FOR UPDATE")
                    _ = try connection.receivePackets { _, count in count == 5 }
                    connection.send(command(0x1C, id, [2, 0, 0, 0]))
                    answer.append(try connection.receivePackets { packet, _ in packet.payload.first == 0xFE })
                }
                // The cursor is at its end, and closed.
                connection.send(command(0x1C, id, [2, 0, 0, 0]))
                #expect(try connection.receivePacket()?.errorCode == 1421)
                connection.send(command(0x1A, id))
                #expect(try connection.receivePacket()?.isOK == true)
                answers.append(answer)
            }
            #expect(answers[0].map { $0.map(\.payload.count) } == answers[1].map { $0.map(\.payload.count) })
            #expect(answers[0].map { $0.last?.payload } == answers[1].map { $0.last?.payload })
        }

        @Test func `long data is used once, goes with a reset, and a wrong id is ignored`() throws {
            let stage = try Scene.stage
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(stage, port)
                let id = try prepare(connection, "SELECT LENGTH(?)")
                let execute = command(0x17, id, [0, 1, 0, 0, 0] + [0, 1, 0xFC, 0])
                connection.send(command(0x18, [9, 9, 9, 0], [0, 0] + Array("lost".utf8)))
                connection.send(command(0x18, id, [0, 0] + Array("abc".utf8)))
                connection.send(command(0x18, id, [0, 0] + Array("de".utf8)))
                connection.send(execute)
                let first = try connection.receivePackets { _, count in count == 5 }
                #expect(first[3].payload.contains(5))
                connection.send(command(0x18, id, [0, 0] + Array("gone".utf8)))
                connection.send(command(0x1A, id))
                #expect(try connection.receivePacket()?.isOK == true)
                connection.send(command(0x18, id, [0, 0] + Array("x".utf8)))
                connection.send(execute)
                let second = try connection.receivePackets { _, count in count == 5 }
                #expect(second[3].payload.contains(1))
            }
        }

        @Test func `a command that is refused after long data is answered`() throws {
            let stage = try Scene.stage
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(stage, port)
                let id = try prepare(connection, "SELECT LENGTH(?)")
                let refused: [(RawPacket, Int)] = [
                    (command(0x17, [9, 9, 9, 0], [0, 1, 0, 0, 0]), 1243), (RawPacket([0x7F]), 1047),
                    (command(0x1C, [9, 9, 9, 0], [1, 0, 0, 0]), 1243),
                ]
                for (packet, code) in refused {
                    connection.send(command(0x18, id, [0, 0] + Array("abc".utf8)))
                    connection.send(packet)
                    #expect(try connection.receivePacket()?.errorCode == code)
                }
                // No error was kept for the statement.
                connection.send(command(0x17, id, [0, 1, 0, 0, 0] + [0, 1, 0xFC, 0]))
                let answer = try connection.receivePackets { _, count in count == 5 }
                #expect(answer[3].payload.contains(9))
            }
        }

        @Test(.enabled(if: TestServer.isMariaDB, "an extension of MariaDB's"))
        func `statement -1 is the one prepared last, also in the same write`() throws {
            let stage = try Scene.stage
            let last: [UInt8] = [255, 255, 255, 255]
            var answers: [[RawPacket]] = []
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(stage, port)
                let execute = command(0x17, last, [0, 1, 0, 0, 0])
                connection.send(RawPacket([0x16] + Array("SELECT 41".utf8)).bytes + execute.bytes)
                var answer = try connection.receivePackets { _, count in count == 8 }
                connection.send(RawPacket([0x16] + Array("SELECT nonsense".utf8)).bytes + execute.bytes)
                answer += try connection.receivePackets { _, count in count == 2 }
                answer[0].payload.replaceSubrange(1..<5, with: [0, 0, 0, 0])
                answers.append(answer)
            }
            #expect(answers[0].map(\.errorCode) == answers[1].map(\.errorCode))
            #expect(answers[0].prefix(8) == answers[1].prefix(8))
        }

        @Test func `a statement whose table changed answers with the columns of now, on every node`() throws {
            let stage = try Scene.stage
            var answers: [[[RawPacket]]] = []
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let other = try stage.connect()
                try other.run("CREATE OR REPLACE TABLE shape (a INT)", "INSERT INTO shape VALUES (1)")
                try stage.cluster.waitUntilReplicated()
                let connection = try connect(stage, port)
                let id = try prepare(connection, "SELECT * FROM shape")
                var answer: [[RawPacket]] = []
                for change in [
                    "ALTER TABLE shape MODIFY a VARCHAR(20)", "ALTER TABLE shape ADD b INT DEFAULT 7",
                    "ALTER TABLE shape DROP a", "DROP TABLE shape", "CREATE TABLE shape (c DATE)",
                ] {
                    try other.run(change)
                    try stage.cluster.waitUntilReplicated()
                    for begin in ["DO 0", "BEGIN"] {
                        connection.sendQuery(begin)
                        #expect(try connection.receivePacket()?.isOK == true)
                        connection.send(command(0x17, id, [0, 1, 0, 0, 0]))
                        var ends = 0
                        answer.append(
                            try connection.receivePackets { packet, _ in
                                ends += packet.payload.first == 0xFE ? 1 : 0
                                return ends == 2 || packet.isError
                            })
                        connection.sendQuery("COMMIT")
                        #expect(try connection.receivePacket()?.isOK == true)
                    }
                }
                answers.append(answer)
            }
            // Without the status flags of the ends.
            func contents(_ answer: [[RawPacket]]) -> [[[UInt8]]] {
                answer.map { $0.map(\.payload).filter { $0.first != 0xFE } }
            }
            #expect(contents(answers[0]) == contents(answers[1]))
        }

        @Test func `more statements than a node may have are refused in words, and closing makes room`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            var kept: [MySQLStatement] = []
            // One connection lets go of its own and prepares them again.
            for number in 0..<60 { kept.append(try MySQLStatement(session, "SELECT \(number) FROM DUAL FOR UPDATE")) }
            for (number, statement) in kept.enumerated() { #expect(try statement.value() == "\(number)") }
            let status = try stage.cluster.execute(0, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")[0][1]
            #expect(Int(status ?? "") == 40)
            let other = try stage.connect()
            #expect(throws: MySQLFailure.self) { try MySQLStatement(other, "SELECT 1 FROM DUAL FOR UPDATE") }
            kept = []
            // Closing has no answer: the next statement's says that it was seen.
            #expect(try session.value("SELECT 1") == "1")
            #expect(try MySQLStatement(other, "SELECT 1 FROM DUAL FOR UPDATE").value() == "1")
        }

        @Test(.enabled(if: TestServer.isMariaDB, "an extension of MariaDB's"))
        func `a bulk execution writes all rows at once, again and elsewhere too`() throws {
            let stage = try Scene.stage
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                try session.run("CREATE OR REPLACE TABLE bulky (id INT PRIMARY KEY)")
                let write = try MySQLStatement(session, "INSERT INTO bulky VALUES (?)")
                let outcome = write.executeBulk(Array(1...1000))
                #expect(outcome.failure == nil && outcome.replies.first?.affectedRows == 1000)
                #expect(write.executeBulk(Array(1001...1100)).failure == nil)
                #expect(write.executeBulk([1]).failure?.code == 1062)
                #expect(try session.value("SELECT COUNT(*) FROM bulky") == "1100")
            }
        }

        @Test(.enabled(if: TestServer.isMariaDB, "MySQL does not prepare SHOW WARNINGS"))
        func `what was prepared before asks about the statement before it`() throws {
            let stage = try Scene.stage
            let program: [String] = [
                "UPDATE asked SET n = n + 1", "SELECT 1/0", "SELECT SQL_CALC_FOUND_ROWS n FROM asked LIMIT 1",
                "INSERT INTO asked (n) VALUES (1), (2)", "SELECT CAST('1x' AS INT)", "DO 1",
            ]
            var answers: [[[[String?]]]] = []
            for login in [stage.direct(), stage.login] {
                let session = try MySQLSession(login)
                try session.run(
                    "CREATE OR REPLACE TABLE asked (id INT PRIMARY KEY AUTO_INCREMENT, n INT)",
                    "INSERT INTO asked (n) VALUES (1), (2), (3)")
                let questions = try [
                    "SELECT ROW_COUNT()", "SELECT FOUND_ROWS()", "SHOW WARNINGS", "SELECT LAST_INSERT_ID()",
                    "SHOW COUNT(*) WARNINGS",
                ].map { try MySQLStatement(session, $0) }
                answers.append([])
                for question in questions {
                    for statement in program {
                        try session.query(statement)
                        answers[answers.count - 1].append(try question.execute().rows)
                    }
                }
            }
            #expect(answers[0] == answers[1])
        }

        @Test func `a 16 MiB parameter, with and without its type`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            try session.run("CREATE OR REPLACE TABLE heavy (data LONGBLOB)")
            let write = try MySQLStatement(session, "INSERT INTO heavy VALUES (?)")
            for bytes in [16 << 20, 2 << 20] {
                try write.bind([.bytes([UInt8](repeating: 7, count: bytes))])
                for _ in 0..<2 { #expect(write.executeBound().failure == nil) }
            }
            #expect(try session.value("SELECT SUM(LENGTH(data)) FROM heavy") == "\((16 << 20) * 2 + (2 << 20) * 2)")
        }
    }
}
