// Byte by byte: for a client without session tracking, the proxy's packets are the server's packets.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct RawProtocolTests {
        /// Capabilities whose combinations change what packets look like.
        static let sets: [RawCapabilities] = [
            .ordinary, .ordinary.union(.deprecateEOF), .ordinary.union([.multiStatements, .multiResults]),
            .ordinary.union([.multiStatements, .multiResults, .psMultiResults, .deprecateEOF]),
            .ordinary.subtracting(.pluginAuth),
            .ordinary.union(.foundRows), .ordinary.subtracting(.longFlag), .ordinary.subtracting(.transactions),
        ]

        private func connect(_ port: UInt16, _ capabilities: RawCapabilities) throws -> RawConnection {
            let connection = try RawConnection(port: port)
            let answer = try connection.logIn(user: "open", schema: "app", capabilities: capabilities)
            #expect(answer?.isOK == true, "\(answer?.errorText ?? "closed")")
            return connection
        }

        /// The answer to a command, read up to the answer of a ping sent after it.
        private func answer(_ connection: RawConnection, _ command: [UInt8]) throws -> [RawPacket] {
            connection.send(RawPacket(command))
            // The ping is sent right behind: servers and proxies must answer in order.
            connection.send(RawPacket([0x0e]))
            var packets: [RawPacket] = []
            while let packet = try connection.receivePacket() {
                // The ping's answer is the OK that begins a new sequence after something was answered.
                if packet.sequence == 1 && !packets.isEmpty { return packets }
                packets.append(packet)
            }
            return packets
        }

        /// MySQL's accounts cannot log in without plugins.
        @Test(arguments: TestServer.isMariaDB ? sets : sets.filter { $0.contains(.pluginAuth) })
        func `packets are the server's own`(capabilities: RawCapabilities) throws {
            let stage = try Scene.stage
            var commands: [[UInt8]] = [
                "SELECT 1", "SELECT 'a', NULL, '' UNION ALL SELECT 'b', 1, 2", "SELECT marker >= 0 FROM node_marker",
                "SELECT 1 WHERE FALSE", "SELECT nonsense", "DO 1", "SET @a = 1",
                "CREATE OR REPLACE TABLE raw (id INT PRIMARY KEY AUTO_INCREMENT, n INT)",
                "INSERT INTO raw (n) VALUES (1), (2)",
                "UPDATE raw SET n = 2", "UPDATE raw SET n = 5", "BEGIN", "SELECT n FROM raw", "ROLLBACK",
                "SELECT 1; SELECT 2; DO 1",
                "SELECT 1; SELECT nonsense", "SELECT 1/0", "SELECT CAST('x' AS SIGNED)", "SET autocommit = 0",
                "SELECT 5",
                "SET autocommit = 1", "DROP TABLE IF EXISTS missing", "SELECT * FROM seq_1_to_100",
                "SET sql_mode = 'NO_BACKSLASH_ESCAPES'", "SELECT 6", "SET sql_mode = DEFAULT",
                "CREATE OR REPLACE PROCEDURE rawp() BEGIN SELECT 1; SELECT 2; END", "CALL rawp()",
                // MySQL repeats in OK packets of commands how many warnings the statement before them left.
                "DO 1",
            ].flatMap(TestServer.spelled).map { (sql: String) in [3] + Array(sql.utf8) }
            // COM_PING, COM_INIT_DB (known and unknown), COM_FIELD_LIST.
            commands += [
                [0x0e], [0x02] + Array("app".utf8), [0x02] + Array("nowhere".utf8), [0x04] + Array("raw".utf8) + [0],
            ]
            // What both sides find must be the same.
            try stage.connectDirectly().run(
                "CREATE OR REPLACE TABLE raw (id INT)", "CREATE OR REPLACE PROCEDURE rawp() DO 1")
            try stage.cluster.waitUntilReplicated()
            let answers = try [stage.cluster.nodes[0].port, stage.proxy.ports.split].map { port in
                let connection = try connect(port, capabilities)
                return try commands.map { try answer(connection, $0) }
            }
            for (command, (direct, proxied)) in zip(commands, zip(answers[0], answers[1])) {
                #expect(!direct.isEmpty)
                #expect(proxied == direct, "\(String(decoding: command.dropFirst(), as: UTF8.self))")
            }
        }

        @Test(arguments: sets.prefix(4))
        func `packets of prepared statements are the server's own, but for the statement's id`(
            capabilities: RawCapabilities
        ) throws {
            let stage = try Scene.stage
            let direct = try connect(stage.cluster.nodes[0].port, capabilities)
            let proxied = try connect(stage.proxy.ports.split, capabilities)
            try stage.connectDirectly().run("CREATE OR REPLACE TABLE rawps (id INT)")
            // The table of the case before may still be filled on a replica.
            try stage.cluster.waitUntilReplicated()
            for sql in [
                "SELECT 1, 'a'", "SELECT ?, id FROM rawps", "INSERT INTO rawps VALUES (?)", "SELECT nonsense", "DO 1",
            ] {
                var answers: [[RawPacket]] = []
                for connection in [direct, proxied] {
                    var packets = try answer(connection, [0x16] + Array(sql.utf8))
                    if packets[0].isOK {
                        let id = Array(packets[0].payload[1..<5])
                        packets[0].payload.replaceSubrange(1..<5, with: [0, 0, 0, 0])
                        let parameters = Int(packets[0].payload[7])
                        // Flags, iteration count 1, then for one parameter: no NULL, types follow, INT, the value 7.
                        let values: [UInt8] = parameters == 0 ? [] : [0, 1, 3, 0, 7, 0, 0, 0]
                        packets += try answer(connection, [0x17] + id + [0, 1, 0, 0, 0] + values)
                        packets += try answer(connection, [0x17] + id + [0, 1, 0, 0, 0] + values)
                        packets += try answer(connection, [0x1a] + id)
                    }
                    answers.append(packets)
                }
                #expect(answers[1] == answers[0], "\(sql)")
            }
        }

        @Test func `with session tracking the packets say at least what the server's say`() throws {
            let stage = try Scene.stage
            let capabilities = RawCapabilities.ordinary.union([.sessionTrack, .deprecateEOF])
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(port, capabilities)
                // COM_INIT_DB: a schema record (type 1) that names the schema.
                let packets = try answer(connection, [0x02] + Array("app".utf8))
                #expect(packets.count == 1 && packets[0].isOK)
                let payload = packets[0].payload
                let status = Int(payload[3]) | Int(payload[4]) << 8
                #expect(status & 0x4000 != 0, "SESSION_STATE_CHANGED")
                let record: [UInt8] = [1, 4, 3] + Array("app".utf8)
                #expect(payload.count > 7 && payload.indices.contains { payload[$0...].starts(with: record) })
            }
        }

        @Test(arguments: [false, true])
        func `a client that tracks its session hears what a server would tell it`(throughStatement: Bool) throws {
            let stage = try Scene.stage
            let capabilities = RawCapabilities.ordinary.union([.sessionTrack, .deprecateEOF])
            var program = [
                "USE other", "USE app", "SET autocommit = 0", "SET autocommit = 1", "SET time_zone = '+01:00'",
                "SET SESSION sql_mode = 'ANSI_QUOTES'",
            ]
            // MySQL 9.7 tells states of transactions though it shows OFF, until that is set or the connection is reset.
            program += TestServer.isMariaDB ? ["BEGIN", "COMMIT"] : []
            program += [
                "SET @v = 1", "SET SESSION session_track_transaction_info = 'CHARACTERISTICS'", "BEGIN",
                "SET TRANSACTION READ ONLY",
                "SELECT COUNT(*) FROM app.node_marker", "COMMIT",
                "SET SESSION session_track_system_variables = 'sql_mode'", "SET SESSION sql_mode = 'ANSI_QUOTES'",
                "SET SESSION time_zone = '+02:00'", "SET SESSION session_track_state_change = 1", "USE other",
                "SET @v = 2",
            ]
            var ends: [[[UInt8]]] = []
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(port, capabilities)
                ends.append(
                    try program.map { sql in
                        if throughStatement, sql.contains("session_track") {
                            // An execution without parameters.
                            return try connection.answers(toPrepared: sql, [[]]).last?.last?.payload ?? []
                        }
                        return try connection.answer(toQuery: sql).last?.payload ?? []
                    })
            }
            for (index, sql) in program.enumerated() { #expect(ends[0][index] == ends[1][index], "\(sql)") }
        }

        @Test func `commands sent one behind the other are answered in order`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage.proxy.ports.split, .ordinary)
            var bytes: [UInt8] = []
            for number in 100..<200 {
                bytes += RawPacket([3] + Array("SELECT \(number)\(number % 3 == 0 ? " FOR UPDATE" : "")".utf8)).bytes
            }
            connection.send(bytes)
            for number in 100..<200 {
                let packets = try connection.receivePackets { _, count in count == 5 }
                #expect(packets.map(\.sequence) == [1, 2, 3, 4, 5])
                #expect(packets[3].payload == [3] + Array("\(number)".utf8))
            }
        }

        @Test func `a pipelined burst with errors and writes keeps its order`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage.proxy.ports.split, .ordinary)
            let statements = [
                "CREATE TABLE IF NOT EXISTS burst (id INT)", "INSERT INTO burst VALUES (1)", "SELECT nonsense",
                "INSERT INTO burst VALUES (2)", "SET @n = 3",
            ]
            connection.send(statements.flatMap { RawPacket([3] + Array($0.utf8)).bytes })
            let kinds = try statements.map { _ in try connection.receivePacket()?.payload.first }
            #expect(kinds == [0, 0, 0xff, 0, 0])
        }

        @Test func `unknown commands are refused with 1047 and the session goes on`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage.proxy.ports.split, .ordinary)
            for code: UInt8 in [0x00, 0x05, 0x06, 0x0b, 0x0f, 0x10, 0x14, 0x20, 0x7f, 0xf0, 0xfe, 0xff] {
                connection.send(RawPacket([code]))
                let answer = try #require(try connection.receivePacket(), "command \(code)")
                #expect(answer.errorCode == 1047, "command \(code): \(answer.payload.prefix(40))")
                #expect(answer.sequence == 1)
            }
            connection.sendQuery("SELECT 1")
            #expect(try connection.receivePacket()?.payload == [1])
        }

        @Test func `commands about statements that do not exist`() throws {
            let stage = try Scene.stage
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(port, .ordinary)
                #expect(try answer(connection, [0x17, 9, 9, 0, 0, 0, 1, 0, 0, 0]).first?.errorCode == 1243)
                #expect(try answer(connection, [0x1a, 9, 9, 0, 0]).first?.errorCode == 1243)
                // COM_STMT_CLOSE has no answer at all: the next one is the ping's.
                connection.send(RawPacket([0x19, 9, 9, 0, 0]))
                connection.send(RawPacket([0x0e]))
                #expect(try connection.receivePacket()?.isOK == true)
            }
        }

        @Test func `a command whose number is not 0 is refused, and the connection ends`() throws {
            let stage = try Scene.stage
            for port in [stage.cluster.nodes[0].port, stage.proxy.ports.split] {
                let connection = try connect(port, .ordinary)
                connection.send(RawPacket([3] + Array("SELECT 1".utf8), sequence: 5))
                let last = try connection.lastPacketBeforeClose()
                #expect(last == nil || last?.errorCode == 1156, "\(port): \(String(describing: last))")
                if port == stage.proxy.ports.split { #expect(last?.errorCode == 1156) }
            }
        }

        @Test func `COM_QUIT closes the connection without an answer`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage.proxy.ports.split, .ordinary)
            connection.send(RawPacket([1]))
            #expect(try connection.receivePacket() == nil)
        }
    }
}
