// Prepared statements that are refused, killed, pushed out, or lose their connection.

import LocalCluster
import TestSupport
import Testing

/// COM_STMT_…, as bytes.
private func command(_ code: UInt8, _ id: [UInt8], _ rest: [UInt8] = []) -> RawPacket { RawPacket([code] + id + rest) }

extension RawConnection {
    /// Prepares a statement; gives its id.
    fileprivate func prepare(_ sql: String) throws -> [UInt8] {
        send(RawPacket([0x16] + Array(sql.utf8)))
        let head = try #require(try receivePacket())
        try #require(head.isOK, "\(head.errorText)")
        for count in [Int(head.payload[7]), Int(head.payload[5])] where count > 0 {
            for _ in 0...count { _ = try receivePacket() }
        }
        return Array(head.payload[1..<5])
    }

    /// A statement whose answer is an OK.
    fileprivate func run(_ sql: String) throws {
        sendQuery(sql)
        let answer = try receivePacket()
        #expect(answer?.isOK == true, "\(sql): \(answer?.errorText ?? "closed")")
    }

    /// The only cell of a text result of one row.
    fileprivate func cell(_ sql: String) throws -> String {
        sendQuery(sql)
        let packets = try receivePackets { packet, count in packet.isError || count == 5 }
        try #require(packets.count == 5)
        return String(decoding: packets[3].payload.dropFirst(), as: UTF8.self)
    }
}

extension Integration {
    @Suite struct PreparedMisfortuneTests {
        private func connect(_ port: UInt16) throws -> RawConnection {
            let connection = try RawConnection(port: port)
            let verdict = try connection.logIn(user: "open", schema: "app", capabilities: .ordinary)
            try #require(verdict?.isOK == true)
            return connection
        }

        @Test func `executions that are killed while a frozen server owes their preparation do not pile up`() throws {
            try withStage(.init { $0.cluster["hold_timeout"] = "120s" }) { stage in
                let victim = try connect(stage.proxy.ports.split)
                let killer = try stage.connect {
                    $0.user = "open"
                    $0.password = ""
                    $0.timeoutSeconds = 20
                }
                let number = try victim.cell("SELECT CONNECTION_ID()")
                // Prepared on the primary each; afterwards, a replica must prepare them.
                try victim.run("BEGIN")
                let ids = try (0..<100).map { try victim.prepare("SELECT \($0)") }
                try victim.run("COMMIT")
                for index in 1...2 { stage.cluster.freeze(index) }
                let answered = "SELECT statements FROM sessions WHERE id = \(number)"
                for id in ids + [ids[0], ids[0], ids[0]] {
                    let before = try stage.console().value(answered)
                    victim.send(command(0x17, id, [0, 1, 0, 0, 0]))
                    // The first KILL may come before the execution does.
                    try eventually("it is interrupted") {
                        try killer.run("KILL QUERY \(number)")
                        return try stage.console().value(answered) != before
                    }
                    // Once the replicas are known to be down, the primary answers.
                    let answer = try victim.receivePackets { packet, count in packet.isError || count == 5 }
                    #expect(answer.count == 5 || answer.first?.errorCode == 1317)
                }
                #expect(stage.proxy.isRunning)
                // One that is closed while it is prepared leaves nothing behind.
                victim.send(command(0x19, ids[1]))
                for index in 1...2 { stage.cluster.thaw(index) }
                for id in ids.dropFirst(2) {
                    victim.send(command(0x17, id, [0, 1, 0, 0, 0]))
                    let answer = try victim.receivePackets { packet, count in packet.isError || count == 5 }
                    #expect(answer.count == 5 && answer[3].payload.first == 0)
                }
                for id in ids { victim.send(command(0x19, id)) }
                #expect(try victim.cell("SELECT 'done'") == "done")
                try eventually("nothing is left prepared") {
                    try (0...2).allSatisfy {
                        try stage.cluster.execute($0, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")[0][1] == "0"
                    }
                }
            }
        }

        @Test func `a cursor that goes with its connection is said to be lost, and opened again`() throws {
            try withStage { stage in
                let connection = try connect(stage.proxy.ports.split)
                let id = try connection.prepare("SELECT 1 AS seq UNION SELECT 2 UNION SELECT 3")
                let open = command(0x17, id, [1, 1, 0, 0, 0])
                let fetch = command(0x1C, id, [1, 0, 0, 0])
                for round in 0..<2 {
                    connection.send(open)
                    let opened = try connection.receivePackets { packet, count in packet.isError || count == 3 }
                    #expect(opened.count == 3, "round \(round)")
                    connection.send(fetch)
                    #expect(try connection.receivePackets { _, count in count == 2 }[0].payload.first == 0)
                    for node in stage.cluster.nodes { try stage.killConnections(of: "open", on: node.index) }
                    try eventually("the proxy has noticed") {
                        try stage.console().value("SELECT COUNT(*) FROM connections WHERE user = 'open'") == "0"
                    }
                    connection.send(fetch)
                    #expect(try connection.receivePacket()?.errorCode == 9506)
                    connection.send(fetch)
                    #expect(try connection.receivePacket()?.errorCode == 1421)
                }
                #expect(try connection.cell("SELECT 'alive'") == "alive")
            }
        }

        @Test func `more statements than a connection keeps are prepared again when their turn comes`() throws {
            try withStage { stage in
                let connection = try connect(stage.proxy.ports.split)
                let ids = try (0..<1_100).map { try connection.prepare("SELECT \($0) FROM DUAL FOR UPDATE") }
                func count() throws -> String? {
                    try stage.cluster.execute(0, "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")[0][1]
                }
                #expect(try count() == "1024")
                for (number, id) in ids.enumerated() where number % 7 == 0 || number < 200 {
                    connection.send(command(0x17, id, [0, 1, 0, 0, 0]))
                    let answer = try connection.receivePackets { packet, count in packet.isError || count == 5 }
                    try #require(answer.count == 5, "\(number): \(answer[0].errorText)")
                    #expect(Int(answer[3].payload[2]) + Int(answer[3].payload[3]) << 8 == number)
                }
                #expect(try count() == "1024")
                for id in ids { connection.send(command(0x19, id)) }
                #expect(try connection.cell("SELECT 'done' FROM DUAL FOR UPDATE") == "done")
                #expect(try count() == "0")
            }
        }

        @Test func `a very long execution without types says so where its new connection does not know them`() throws {
            try withStage(.init { $0.limits["prepared_statements_per_node"] = "10" }) { stage in
                let session = try stage.connect()
                try session.run("CREATE TABLE bulk (data LONGBLOB)")
                let write = try MySQLStatement(session, "INSERT INTO bulk VALUES (?)")
                try write.bind([.bytes([UInt8](repeating: 7, count: 17 << 20))])
                #expect(write.executeBound().failure == nil)
                #expect(write.executeBound().failure == nil)
                // Ten others push it out.
                let others = try (0..<10).map { try MySQLStatement(session, "SELECT \($0) FROM DUAL FOR UPDATE") }
                #expect(write.executeBound().failure?.code == 9515)
                #expect(try others[9].value() == "9")
                // Bound anew, it names them.
                try write.bind([.bytes([UInt8](repeating: 7, count: 17 << 20))])
                #expect(write.executeBound().failure == nil)
                #expect(try session.value("SELECT COUNT(*) FROM bulk") == "3")
            }
        }

        // MARK: 1615

        /// A primary behind a relay, and a replica that is not.
        private func withRelay(_ body: (Stage, RefusingRelay, MySQLSession) throws -> Void) throws {
            try withStage { stage in
                let relay = try RefusingRelay(to: stage.cluster.nodes[0].port)
                let configuration = ProxyConfiguration(stage.cluster).with {
                    $0.nodes = [relay.address, stage.cluster.nodes[1].address]
                    $0.cluster = ["discover": "false"]
                    $0.limits = ["prepared_statements_per_node": "2"]
                }
                let proxy = try ProxyProcess.start(configuration, until: stage.login)
                defer { proxy.kill() }
                let login = stage.login.with {
                    $0.port = proxy.ports.split
                    $0.timeoutSeconds = 15
                }
                try body(stage, relay, try MySQLSession(login))
                #expect(proxy.isRunning)
            }
        }

        @Test func `a statement that a server cannot prepare anew is prepared by the proxy, once`() throws {
            try withRelay { stage, relay, session in
                try session.run("CREATE TABLE anew (id INT)")
                let read = try MySQLStatement(session, "SELECT ? + 1 /* switchyard: route=primary */")
                #expect(try read.value([.int(1)]) == "2")
                relay.refuse(1)
                try read.bind([.int(2)])
                let outcome = read.executeBound()
                #expect(outcome.failure == nil || outcome.failure?.code == 1615, "\(outcome)")
                // Twice in a row: the client hears of it, and the session goes on.
                relay.refuse(2)
                #expect(read.executeBound().failure?.code == 1615)
                relay.refuse(0)
                #expect(try read.value([.int(3)]) == "4")
                let write = try MySQLStatement(session, "INSERT INTO anew VALUES (?)")
                try write.execute([.int(1)])
                relay.refuse(1)
                _ = write.outcome(of: [.int(2)])
                relay.refuse(0)
                try write.execute([.int(3)])
                #expect(try session.value("SELECT COUNT(*) FROM anew WHERE id <> 2") == "2")
            }
        }

        @Test func `a SET that is prepared anew is answered`() throws {
            try withRelay { stage, relay, session in
                let set = try MySQLStatement(session, "SET @@max_sort_length = 100")
                // Two others push it out: it has to wait until it is prepared.
                let others = try (0..<2).map { try MySQLStatement(session, "SELECT \($0) FROM DUAL FOR UPDATE") }
                relay.refuse(1)
                try set.execute()
                #expect(relay.remaining == 0)
                #expect(try session.value("SELECT @@max_sort_length") == "100")
                #expect(try others[1].value() == "1")
            }
        }

        @Test func `long data is never left out of an execution that is tried again`() throws {
            try withRelay { stage, relay, session in
                #expect(try session.value("SELECT marker FROM node_marker FOR UPDATE") == "0")
                let length = try MySQLStatement(session, "SELECT LENGTH(?)")
                try length.bind([.longData])
                try length.sendLongData(0, [1, 2, 3])
                // Set on the replica: the execution has to wait for the primary to take it over.
                #expect(try session.marker() == 1)
                try session.run("SET time_zone = '+02:00'")
                relay.refuse(1)
                let outcome = length.executeBound()
                #expect(relay.remaining == 0)
                #expect(outcome.failure?.code == 1615 || outcome.replies.first?.rows == [["3"]], "\(outcome)")
            }
        }

        @Test func `long data of a read-only transaction is not used where it does not belong`() throws {
            try withStage { stage in
                try stage.connect().run("CREATE TABLE owned (data BLOB)")
                try stage.cluster.waitUntilReplicated()
                let session = try stage.connect()
                try session.run("START TRANSACTION READ ONLY")
                #expect(try session.marker() != 0)
                let read = try MySQLStatement(session, "SELECT LENGTH(?), (SELECT COUNT(*) FROM owned)")
                try read.bind([.longData])
                try read.sendLongData(0, [1, 2, 3])
                try session.run("COMMIT")
                for index in 1...2 { try stage.cluster.stopReplication(index) }
                try session.run("INSERT INTO owned VALUES (NULL)")
                // The replica does not know of the row.
                #expect(read.executeBound().failure?.code == 9506)
                try read.sendLongData(0, [1, 2, 3])
                let outcome = read.executeBound()
                #expect(outcome.replies.first?.rows == [["3", "1"]], "\(outcome)")
            }
        }
    }
}
