// Commands beside statements: what the proxy answers is what the server answers.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite(.stage()) struct CommandTests {
        private func connect(_ port: UInt16, _ capabilities: RawCapabilities = .ordinary) throws -> RawConnection {
            let connection = try RawConnection(port: port)
            #expect(try connection.logIn(user: "open", schema: "app", capabilities: capabilities)?.isOK == true)
            return connection
        }

        /// Commands whose answer is one packet.
        private static let commands: [(String, [UInt8])] = [
            ("nothing at all", []), ("COM_SLEEP", [0]), ("COM_INIT_DB without a name", [2]),
            ("COM_INIT_DB", [2] + Array("app".utf8)), ("COM_INIT_DB of a stranger", [2] + Array("nope".utf8)),
            ("COM_CREATE_DB", [5] + Array("made".utf8)), ("COM_DROP_DB", [6] + Array("made".utf8)),
            ("COM_REFRESH", [7, 1]), ("COM_REFRESH without flags", [7]), ("COM_CONNECT", [0x0b]),
            ("COM_DEBUG", [0x0d]), ("COM_PING", [0x0e]), ("COM_PING with an argument", [0x0e, 1, 2]),
            ("COM_TIME", [0x0f]),
            ("COM_DELAYED_INSERT", [0x10]), ("COM_TABLE_DUMP", [0x13]), ("COM_CONNECT_OUT", [0x14]),
            ("COM_STMT_EXECUTE without an id", [0x17]), ("COM_SET_OPTION of an unknown one", [0x1b, 7, 0]),
            ("COM_SET_OPTION on", [0x1b, 0, 0]), ("COM_SET_OPTION off", [0x1b, 1, 0]), ("COM_DAEMON", [0x1d]),
            ("COM_RESET_CONNECTION", [0x1f]), ("COM_CLONE", [0x20]), ("an unknown one", [0x7f]), ("COM_MULTI", [0xfe]),
            ("the last code", [0xff]),
        ]

        @Test func `each command is answered as the server answers it, and the session goes on`() throws {
            let stage = try Scene.stage
            let direct = try connect(stage.cluster.primaryNode.port)
            let proxied = try connect(stage.proxy.ports.split)
            for (name, payload) in Self.commands {
                // MySQL's COM_CLONE is a protocol of its own between servers: Switchyard does not serve it.
                if name == "COM_CLONE" && !TestServer.isMariaDB { continue }
                // MySQL repeats in OK packets of commands how many warnings the statement before them left.
                for connection in [direct, proxied] {
                    connection.sendQuery("DO 1")
                    #expect(try connection.receivePacket()?.isOK == true)
                }
                direct.send(RawPacket(payload))
                proxied.send(RawPacket(payload))
                #expect(try proxied.receivePacket() == (try direct.receivePacket()), "\(name)")
            }
            proxied.sendQuery("SELECT 1")
            #expect(try proxied.receivePacket()?.payload == [1])
        }

        @Test func `COM_SHUTDOWN is refused and nothing shuts down`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage.proxy.ports.split)
            connection.send(RawPacket([8]))
            #expect(try connection.receivePacket()?.errorCode == 1235)
            connection.send(RawPacket([0x0e]))
            #expect(try connection.receivePacket()?.isOK == true)
        }

        @Test func `a short command behind a long one is answered at once`() throws {
            let stage = try Scene.stage
            let connection = try connect(stage.proxy.ports.split)
            connection.sendQuery("DO '\(String(repeating: "x", count: 2 << 20))'")
            #expect(try connection.receivePacket()?.isOK == true)
            connection.send(RawPacket([0x7f]))
            #expect(try connection.receivePacket()?.errorCode == 1047)
            connection.send(RawPacket([0x0e]))
            #expect(try connection.receivePacket()?.isOK == true)
        }

        @Test func `COM_SET_OPTION follows the session to every node, and no other session`() throws {
            let stage = try Scene.stage
            /// The first packet of the answer, all of which is read: the ping behind it is answered last.
            func first(_ connection: RawConnection, _ payload: [UInt8]) throws -> RawPacket? {
                connection.send(RawPacket(payload))
                connection.send(RawPacket([0x0e]))
                let first = try connection.receivePacket()
                while let packet = try connection.receivePacket(), packet.sequence != 1 || !packet.isOK {}
                return first
            }
            func allowsSeveral(_ connection: RawConnection) throws -> Bool {
                let read = try first(connection, [3] + Array("SELECT 7; DO 2".utf8))
                let write = try first(connection, [3] + Array("DO 1; DO 2".utf8))
                #expect(read?.errorCode == write?.errorCode)
                return try #require(read).errorCode == nil
            }
            for _ in 0..<3 {
                let connection = try connect(stage.proxy.ports.split)
                #expect(try !allowsSeveral(connection))
                #expect(try first(connection, [0x1b, 0, 0])?.isError == false)
                #expect(try allowsSeveral(connection))
                // COM_RESET_CONNECTION leaves it as it is, on servers too.
                #expect(try first(connection, [0x1f])?.isOK == true)
                #expect(try allowsSeveral(connection))
                #expect(try first(connection, [0x1b, 1, 0])?.isError == false)
                #expect(try !allowsSeveral(connection))
                #expect(try first(connection, [0x1b, 0, 0])?.isError == false)
                connection.close()
                // The connections it had are in the pool now.
                for _ in 0..<4 { #expect(try !allowsSeveral(connect(stage.proxy.ports.split))) }
            }
        }
    }
}
