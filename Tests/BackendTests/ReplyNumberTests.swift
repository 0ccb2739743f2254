// Servers that number their packets wrongly, and what their user hears of it.
import Network
import Testing
import Wire

@testable import Backend

@Suite struct ReplyNumberTests {
    private func reply(_ rows: Int) -> [UInt8] {
        var writer = ByteWriter()
        TextResultSet.encode(
            columns: [ColumnDefinition(name: "a", type: .varString)],
            rows: Array(repeating: [Array("x".utf8)], count: rows), capabilities: serverCapabilities,
            status: .autocommit, firstSequence: 1, into: &writer)
        return writer.bytes
    }

    @Test func `rows before a wrong number are relayed, so that an error can take the next one's place`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.send("SELECT 1")
        _ = peer.packet()
        let whole = reply(3)
        // The last row, six bytes, and the end behind it.
        var bytes = whole
        let end = framed(0, okPayload(header: 0xFE)).count
        let place = whole.count - end - 6
        bytes[place + 3] = 9
        peer.send(bytes)
        await scene.lane.expectEventually {
            scene.user.failures == [.nonsense("node0: packet number 9 where 5 is due")]
        }
        await scene.lane.expect { scene.user.relayed == Array(whole[..<place]) && scene.user.completed == 0 }
        await scene.lane.expect { scene.connection?.isReady == false }
    }

    @Test func `a reply that nobody asked for is found by its number`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.send("SELECT 1")
        _ = peer.packet()
        peer.send(framed(0, okPayload()))
        await scene.lane.expectEventually {
            scene.user.failures == [.nonsense("node0: packet number 0 where 1 is due")]
        }
        await scene.lane.expect { scene.user.relayed.isEmpty }
    }

    @Test func `an error that is no answer says why the server closes`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.send("SELECT 1")
        _ = peer.packet()
        peer.send(framed(0, errorPayload(4031, "inactive")))
        await scene.lane.expectEventually { scene.user.failures == [.lost("node0: inactive")] }
        await scene.lane.expect { scene.user.relayed.isEmpty }
    }

    @Test func `a command sent in parts is answered behind its last part`() async {
        let scene = PoolScene()
        let peer = await scene.ready()
        await scene.lane.run {
            scene.connection?.send(UnsafeRawBufferPointer(start: nil, count: 0), expecting: .query)
            scene.connection?.commandEnded(with: 2)
        }
        peer.send(framed(3, okPayload()))
        await scene.lane.expectEventually { scene.user.completed == 1 }
        await scene.lane.run {
            scene.connection?.send(UnsafeRawBufferPointer(start: nil, count: 0), expecting: .query)
            scene.connection?.commandEnded(with: 2)
        }
        peer.send(framed(1, okPayload()))
        await scene.lane.expectEventually { scene.user.failures.count == 1 }
    }
}
