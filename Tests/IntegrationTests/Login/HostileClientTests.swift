// Bytes that are no login, and clients that go away in the middle of one. Everybody else is served all the same.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage { $0.limits = ["login_timeout": "1s"] }) struct HostileClientTests {
        private func expectOthersAreServed(_ stage: Stage) throws {
            #expect(stage.proxy.isRunning)
            #expect(try stage.connect().value("SELECT 1") == "1")
        }

        private func connect(_ stage: Stage) throws -> RawConnection {
            try RawConnection(port: stage.proxy.ports.split)
        }

        @Test func `a request for TLS that nothing follows is closed when its time is over`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage)
            _ = try connection.receivePacket()
            let capabilities = RawCapabilities.ordinary.union(.ssl)
            let payload = RawConnection.loginPacket(user: "", capabilities: capabilities).payload.prefix(32)
            connection.send(RawPacket(Array(payload), sequence: 1))
            try connection.waitForClose()
            try expectOthersAreServed(stage)
        }

        @Test func `the protocol from before 4.1 gets a clear error`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage)
            _ = try connection.receivePacket()
            // Two bytes of capabilities without PROTOCOL_41, three of packet size, the user name.
            connection.send(RawPacket([0x05, 0x00, 0, 0, 0] + Array("app".utf8) + [0], sequence: 1))
            let answer = try #require(try connection.lastPacketBeforeClose())
            #expect(answer.errorCode == 1043)
            #expect(answer.errorText.contains("4.1"))
            try expectOthersAreServed(stage)
        }

        @Test(arguments: [
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{03}\u{01}\u{02}\0\u{01}\0", "\0\0\0\0",
            "\0\0\0\u{1}",
            "\u{1}\0\0\u{1}\u{3}", String(repeating: "A", count: 200_000),
        ])
        func `bytes that are no login end that connection alone`(text: String) throws {
            let stage = try Scene.stage
            let connection = try connect(stage)
            connection.send(Array(text.utf8))
            connection.finishSending()
            if let last = try connection.lastPacketBeforeClose(), last.sequence > 0 { #expect(last.isError) }
            try expectOthersAreServed(stage)
        }

        @Test func `a packet that claims to be 16 MB is not waited for`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage)
            _ = try connection.receivePacket()
            connection.send([0xff, 0xff, 0xff, 1] + [UInt8](repeating: 0x41, count: 64))
            #expect(try connection.lastPacketBeforeClose()?.isError == true)
            try expectOthersAreServed(stage)
        }

        @Test func `a login cut off after any byte harms nobody`() throws {
            let stage = try Scene.stage
            let login = RawConnection.loginPacket(user: "open", schema: "app").bytes
            for count in 0..<login.count {
                let connection = try connect(stage)
                if count % 2 == 0 { _ = try connection.receivePacket() }
                connection.send(Array(login.prefix(count)))
                connection.close()
            }
            try expectOthersAreServed(stage)
        }

        @Test func `a login in pieces of one byte succeeds`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage)
            _ = try connection.receivePacket()
            for byte in RawConnection.loginPacket(user: "open", schema: "app").bytes { connection.send([byte]) }
            #expect(try connection.receivePacket()?.isOK == true)
            for byte in RawPacket([3] + Array("SELECT 'pieces'".utf8)).bytes { connection.send([byte]) }
            #expect(try connection.receivePacket()?.payload == [1])
        }

        @Test func `a login with a broken body is refused, whatever byte is broken`() throws {
            let stage = try Scene.stage
            let payload = RawConnection.loginPacket(user: "open", schema: "app").payload
            for count in stride(from: 0, to: payload.count, by: 3) {
                let connection = try connect(stage)
                _ = try connection.receivePacket()
                connection.send(RawPacket(Array(payload.prefix(count)), sequence: 1))
                // Without the plugin's name it may be asked for; whatever else comes is an error or the end.
                let answer = try connection.receivePacket()
                #expect(
                    answer == nil || answer?.isError == true || answer?.payload.first == 0xfe || answer?.isOK == true)
                connection.close()
            }
            try expectOthersAreServed(stage)
        }

        @Test func `a client that vanishes at each step of its login leaves nothing behind`() throws {
            let stage = try Scene.stage
            for step in 0..<3 {
                for _ in 0..<20 {
                    let connection = try connect(stage)
                    if step >= 1 { _ = try connection.receivePacket() }
                    if step >= 2 { connection.send(RawConnection.loginPacket(user: "open", schema: "app")) }
                    connection.close()
                }
            }
            try expectOthersAreServed(stage)
            try eventually("only this session is left") {
                try stage.console().value("SELECT COUNT(*) FROM sessions") == "0"
            }
        }

        @Test func `fifty half-open sockets keep nobody from logging in, and are closed when their time is over`()
            throws
        {
            let stage = try Scene.stage
            let half = try (0..<50).map { _ in try connect(stage) }
            try expectOthersAreServed(stage)
            for connection in half { try connection.waitForClose() }
            try expectOthersAreServed(stage)
        }

        @Test func `two hundred made-up users at once get their answers, and keep nobody from logging in`() throws {
            let stage = try Scene.stage
            // Of one that does not count failures: they would be too many for everybody here.
            let proxy = try ProxyProcess.start(
                ProxyConfiguration(stage.cluster).with { $0.limits["login_failures"] = "0" }, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            let session = try MySQLSession(login)
            let flood = try (0..<200).map { _ in try RawConnection(port: proxy.ports.split) }
            for (index, connection) in flood.enumerated() {
                _ = try connection.receivePacket()
                connection.send(RawConnection.loginPacket(user: "nobody\(index)"))
            }
            #expect(try session.value("SELECT 1") == "1")
            #expect(try MySQLSession(login).value("SELECT 1") == "1")
            for connection in flood {
                // An error, or a question first: whatever the made-up account's plugin asks.
                let answer = try connection.receivePacket()
                #expect(answer?.isError == true || answer?.payload.first == 0xfe || answer?.payload.first == 1)
                connection.close()
            }
            #expect(try MySQLSession(login).value("SELECT 1") == "1")
        }

        /// TLS 1.2 with one cipher on P-256: the server's answer is a signature.
        private static let clientHello: [UInt8] =
            [0x16, 3, 1, 0, 0x45, 1, 0, 0, 0x41, 3, 3] + [UInt8](repeating: 7, count: 32)
            + [0, 0, 2, 0xC0, 0x2B, 1, 0, 0, 0x16]
            + [0, 10, 0, 4, 0, 2, 0, 0x17, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3]

        @Test func `two hundred handshakes of TLS begun at once are all answered, and others are served meanwhile`()
            throws
        {
            let stage = try Scene.stage
            let proxy = try ProxyProcess.start(
                ProxyConfiguration(stage.cluster).with { $0.tls = "{mode: preferred}" }, until: stage.login)
            defer { proxy.kill() }
            let session = try MySQLSession(stage.login.with { $0.port = proxy.ports.split })
            let payload = RawConnection.loginPacket(user: "", capabilities: RawCapabilities.ordinary.union(.ssl))
                .payload
            let request = RawPacket(Array(payload.prefix(32)), sequence: 1).bytes
            let flood = try (0..<200).map { _ in try RawConnection(port: proxy.ports.split) }
            for connection in flood {
                _ = try connection.receivePacket()
                connection.send(request + Self.clientHello)
            }
            #expect(try session.value("SELECT 1") == "1")
            // A record of the handshake.
            for connection in flood { #expect(try connection.receive(1) == [0x16]) }
            for connection in flood { connection.close() }
            #expect(try session.value("SELECT 2") == "2")
            #expect(try MySQLSession(stage.login.with { $0.port = proxy.ports.split }).value("SELECT 3") == "3")
        }

        @Test func `a client that does not log in is told why it has to go`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage)
            let last = try #require(try connection.lastPacketBeforeClose())
            #expect(last.errorCode == 1159)
            #expect(last.errorText.contains("login_timeout"))
        }

        @Test func `the login's time limit does not go on after the login`() throws {
            let stage = try Scene.stage
            let session = try stage.connect()
            let other = try connect(stage)
            try other.waitForClose()
            #expect(try session.value("SELECT 1") == "1")
        }

        @Test func `an empty command and an unknown one after the login`() throws {
            let stage = try Scene.stage
            let unknown = try connect(stage)
            try unknown.logIn(user: "open", schema: "app")
            unknown.send(RawPacket([0xf3]))
            #expect(try unknown.receivePacket()?.errorCode == 1047)
            unknown.sendQuery("SELECT 1")
            #expect(try unknown.receivePacket()?.payload == [1])

            let empty = try connect(stage)
            try empty.logIn(user: "open", schema: "app")
            empty.send(RawPacket([]))
            #expect(try empty.receivePacket()?.isError ?? true)
            try expectOthersAreServed(stage)
        }

        @Test func `random bytes after the login end that session alone`() throws {
            let stage = try Scene.stage
            var generator = SystemRandomNumberGenerator()
            for round in 0..<40 {
                let connection = try connect(stage)
                try connection.logIn(user: "open", schema: "app")
                var bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
                // Half of them as a well-formed packet with a random command.
                if round % 2 == 0 { bytes = RawPacket(bytes).bytes }
                connection.send(bytes)
                connection.finishSending()
                connection.close()
            }
            try expectOthersAreServed(stage)
        }

        @Test func `a client too many is told so, and let in when there is room again`() throws {
            let stage = try Scene.stage
            let configuration = ProxyConfiguration(stage.cluster).with { $0.limits = ["clients": "3"] }
            let proxy = try ProxyProcess.start(configuration, until: stage.login)
            defer { proxy.kill() }
            let login = stage.login.with { $0.port = proxy.ports.split }
            // The session that found the proxy ready may still be on its way out.
            var sessions = try (0..<3).map { _ in try eventually("there is room") { try MySQLSession(login) } }
            let refusal = #expect(throws: MySQLFailure.self) { try MySQLSession(login) }
            #expect(refusal?.code == 1040)
            #expect(refusal?.text.contains("Too many connections") == true)
            sessions.removeLast()
            let next = try eventually("there is room again") { try MySQLSession(login) }
            #expect(try next.value("SELECT 1") == "1")
            #expect(try sessions[0].value("SELECT 1") == "1")
        }
    }
}
