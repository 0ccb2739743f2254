// A server connection against a server whose every byte the test writes.
import Network
import Testing
import Topology
import Wire

@testable import Backend

/// A result of one column and `rows`, for a connection with DEPRECATE_EOF.
func resultSet(_ rows: [String], status: StatusFlags = .autocommit) -> [UInt8] {
    var writer = ByteWriter()
    TextResultSet.encode(
        columns: [ColumnDefinition(name: "a", type: .varString)], rows: rows.map { [Array($0.utf8)] },
        capabilities: serverCapabilities, status: status, firstSequence: 1, into: &writer)
    return writer.bytes
}

@Suite struct ServerConnectionTests {
    @Test func `a login ends with the tracker set up, and the user hears that it is ready`() async {
        let scene = PoolScene()
        #expect(await scene.acquire() == "connection")
        let peer = scene.server.acceptAndLogIn()
        let command = peer.command()
        #expect(command?.0 == 3)
        #expect(command?.1.contains("session_track_system_variables='*'") == true)
        await scene.lane.expectEventually { scene.user.events == ["ready"] }
        await scene.lane.expect { scene.connection?.isInSync == false && scene.connection?.isSynchronizing == true }
        peer.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.user.events == ["ready", "synchronized"] }
        await scene.lane.expect { scene.connection?.isInSync == true && scene.user.relayed.isEmpty }
    }

    @Test func `state and statement go together, and only the statement's reply is relayed`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        let wanted = image([("time_zone", "+01:00")], schema: "shop")
        let query = framed(0, [3] + Array("SELECT 1".utf8))
        await scene.lane.run {
            #expect(scene.connection?.synchronize(with: wanted, isMain: true) == true)
            query.withUnsafeBytes { scene.connection?.send($0, expecting: .query) }
            #expect(scene.connection?.synchronize(with: wanted, isMain: true) == false)
        }
        #expect(peer.command()?.1 == "SET @@session.time_zone='+01:00'")
        let use = peer.command()
        #expect(use?.0 == CommandCode.initDB.rawValue && use?.1 == "shop")
        #expect(peer.command()?.1 == "SELECT 1")
        let reply = resultSet(["x", "y"])
        peer.send(framed(1, okPayload()) + framed(1, okPayload()) + reply)
        await scene.lane.expectEventually { scene.user.completed == 1 }
        await scene.lane.expect { scene.user.relayed == reply && scene.connection?.isInSync == true }
        await scene.lane.expect { scene.user.events == ["ending endOfRows", "completed"] }
    }

    @Test func `a reply is the same however it is cut`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        let reply = resultSet(["a", String(repeating: "b", count: 300), ""])
        for cut in [1, 2, 3, 5, 7, 11] {
            await scene.lane.run {
                scene.user.relayed = []
                scene.user.completed = 0
            }
            await scene.send("SELECT 1")
            _ = peer.packet()
            for start in stride(from: 0, to: reply.count, by: cut) {
                peer.send(Array(reply[start..<min(start + cut, reply.count)]))
            }
            await scene.lane.expectEventually { scene.user.completed == 1 }
            await scene.lane.expect { scene.user.relayed == reply }
        }
    }

    @Test func `an error in a swallowed reply fails the connection with the server's words`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            _ = scene.connection?.synchronize(with: image([("sql_mode", "NONSENSE")]), isMain: true)
            scene.connection?.flush()
        }
        _ = peer.packet()
        peer.send(framed(1, errorPayload(1231, "can't be set")))
        await scene.lane.expectEventually {
            scene.user.failures == [.stateRefused(code: 1231, sqlState: "HY000", message: "can't be set")]
        }
        await scene.lane.expect { scene.pool.connections.isEmpty && scene.load.connections == 0 }
        #expect(peer.packet() == nil)
    }

    @Test func `an error in the statement's reply is the client's`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.send("NONSENSE")
        _ = peer.packet()
        let reply = framed(1, errorPayload(1064, "syntax"))
        peer.send(reply)
        await scene.lane.expectEventually { scene.user.completed == 1 }
        await scene.lane.expect {
            scene.user.relayed == reply && scene.user.failures.isEmpty && scene.connection?.isReady == true
        }
    }

    @Test func `an error nobody asked for fails the connection with its words`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        peer.send(framed(0, errorPayload(1927, "Connection was killed")))
        await scene.lane.expectEventually { scene.user.failures == [.lost("node0: Connection was killed")] }
        await scene.lane.expect { scene.user.relayed.isEmpty }
        #expect(scene.troubles.count == 1)
    }

    @Test func `bytes nobody asked for fail the connection`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        peer.send(framed(0, okPayload()))
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect { scene.user.relayed.isEmpty }
    }

    @Test func `a server that closes in the middle of a reply is lost, and what came was relayed`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.send("SELECT 1")
        _ = peer.packet()
        let reply = resultSet(["x"])
        peer.send(Array(reply.dropLast(8)))
        peer.close()
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect {
            if case .lost = scene.user.failures[0] { true } else { false }
        }
        await scene.lane.expect { scene.user.completed == 0 && reply.starts(with: scene.user.relayed) }
        await scene.lane.expect { scene.load.connections == 0 && scene.pool.connections.isEmpty }
    }

    @Test func `a change of session state is told before the end of the reply`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.send("SET time_zone = 'x'")
        _ = peer.packet()
        var record = ByteWriter()
        var pair = ByteWriter()
        pair.writeLengthEncodedString("time_zone")
        pair.writeLengthEncodedString("x")
        record.writeUInt8(0)
        record.writeLengthEncodedBytes(pair.bytes)
        peer.send(framed(1, okPayload(state: record.bytes)))
        await scene.lane.expectEventually { scene.user.events == ["time_zone=x", "ending ok", "completed"] }
    }

    @Test func `a packet that is replaced is not relayed, and keeps its place`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run { scene.user.replaces = true }
        await scene.send("SELECT 1")
        _ = peer.packet()
        let reply = resultSet(["x"])
        let end = framed(0, okPayload(header: 0xFE)).count
        peer.send(reply)
        await scene.lane.expectEventually { scene.user.completed == 1 }
        await scene.lane.expect {
            scene.user.relayed.suffix(10).elementsEqual("[replaced]".utf8)
                && scene.user.relayed.dropLast(10).elementsEqual(reply.dropLast(end))
        }
    }

    @Test func `a server that does not speak the protocol is nonsense`() async {
        let scene = PoolScene()
        _ = await scene.acquire()
        let peer = scene.server.accept()
        peer.send(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect {
            if case .nonsense = scene.user.failures[0] { true } else { false }
        }
    }

    @Test func `a server that closes during the login is unreachable`() async {
        let scene = PoolScene()
        _ = await scene.acquire()
        let peer = scene.server.accept()
        peer.send(framed(0, greeting()))
        _ = peer.packet()
        peer.close()
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect { scene.user.failures[0].isBeforeExecution && scene.load.connections == 0 }
    }

    @Test func `a server that never greets is given up after the timeout`() async {
        let scene = PoolScene(timeout: 80)
        _ = await scene.acquire()
        let peer = scene.server.accept()
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
        await scene.lane.expect { scene.user.failures[0].text.contains("connect timeout") }
        #expect(peer.packet() == nil)
    }

    @Test func `a user may release inside of its completion`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            scene.user.onCompleted = {
                $0.taint()
                $0.release()
            }
        }
        await scene.send("SELECT 1")
        _ = peer.packet()
        peer.send(resultSet(["x"]))
        #expect(peer.packet() == [CommandCode.resetConnection.rawValue])
        #expect(peer.command()?.0 == 3)
        peer.send(framed(1, okPayload()) + framed(1, okPayload()))
        await scene.lane.expectEventually { scene.pool.idleConnections == 1 }
        await scene.lane.run { scene.user.onCompleted = nil }
    }

    @Test func `a user may release in the middle of a reply, which closes the connection`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run { scene.user.onReplied = { $0.release() } }
        await scene.send("SELECT 1")
        _ = peer.packet()
        peer.send(Array(resultSet(["x"]).dropLast(8)))
        #expect(peer.packet() == nil)
        await scene.lane.expect { scene.user.failures.isEmpty && scene.pool.connections.isEmpty }
        await scene.lane.run { scene.user.onReplied = nil }
    }

    @Test func `a closed connection is freed`() async {
        final class Weak: @unchecked Sendable { weak var connection: ServerConnection? }
        let scene = PoolScene()
        let peer = await scene.ready()
        let weakly = Weak()
        await scene.lane.run {
            weakly.connection = scene.connection
            scene.connection?.close()
            scene.connection = nil
        }
        await scene.lane.expectEventually { weakly.connection == nil }
        #expect(peer.packet() == [CommandCode.quit.rawValue])
        #expect(peer.packet() == nil)
    }

    @Test(arguments: [
        (ServerFailure.unreachable("x"), true), (.refused(code: 1, sqlState: "HY000", message: "x"), true),
        (.loginUnsupported("x"), true), (.stateRefused(code: 1, sqlState: "HY000", message: "x"), false),
        (.lost("x"), false),
        (.nonsense("x"), false),
    ])
    func `a failure says whether the statement can have run`(failure: ServerFailure, isBefore: Bool) {
        #expect(failure.isBeforeExecution == isBefore)
        #expect(failure.text.contains("x"))
    }
}
