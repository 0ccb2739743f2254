// How a stream delivers what it reads: whole, in parts, paused and resumed.
import Glibc
import Testing

@testable import Network

@Suite struct ByteStreamReadingTests {
    let lane = Lane.started()
    let recorder = StreamRecorder()
    let peer: Peer
    private let descriptor: Int32

    init() {
        (descriptor, peer) = socketPair()
    }

    private func adopt(_ onBytes: (@Sendable (StreamRecorder, UnsafeMutableRawBufferPointer) -> Int)? = nil) async {
        await lane.run { [recorder, lane, descriptor] in
            recorder.onBytes = onBytes
            recorder.adopt(descriptor, on: lane)
        }
    }

    private func end() async {
        await lane.run { [recorder] in
            recorder.stream?.close()
            recorder.stream = nil
        }
        lane.stop()
    }

    @Test func `bytes that were there before the stream come`() async {
        peer.send([1, 2, 3])
        await adopt()
        await lane.expectEventually { [recorder] in recorder.received == [1, 2, 3] }
        await end()
    }

    @Test func `more than a scratch buffer comes whole and in order`() async {
        await adopt()
        let bytes = pattern(3 * NetworkLimits.scratchBytes + 17)
        let sender = inBackground { [peer] in peer.send(bytes) }
        await lane.expectEventually { [recorder] in recorder.received.count == bytes.count }
        _ = await sender.value
        await lane.expect { [recorder] in recorder.received == bytes }
        await end()
    }

    @Test(arguments: [1, 3, 100, 5_000]) func `what was not consumed comes again in front of what follows`(size: Int)
        async
    {
        // Frames of `size` bytes, whole ones only.
        await adopt { _, bytes in bytes.count / size * size }
        let bytes = pattern(size * 7)
        for start in stride(from: 0, to: bytes.count, by: max(1, size / 3)) {
            peer.send(Array(bytes[start..<min(start + max(1, size / 3), bytes.count)]))
        }
        await lane.expectEventually { [recorder] in recorder.received.count == bytes.count }
        await lane.expect { [recorder] in recorder.received == bytes }
        await end()
    }

    @Test func `an owner that consumes nothing gets everything at last`() async {
        let bytes = pattern(300_000)
        await adopt { _, offered in offered.count < bytes.count ? 0 : offered.count }
        let sender = inBackground { [peer] in peer.send(bytes) }
        await lane.expectEventually { [recorder] in recorder.received.count == bytes.count }
        _ = await sender.value
        await lane.expect { [recorder] in recorder.received == bytes }
        await end()
    }

    @Test func `an owner that never consumes is cut off at the limit`() async {
        await adopt { _, _ in 0 }
        let sender = inBackground { [peer] in peer.send(pattern(NetworkLimits.remainderMaximumBytes * 2)) }
        await lane.expectEventually { [recorder] in recorder.ends == [.remainderTooLong] }
        _ = await sender.value
        await end()
    }

    @Test func `nothing comes while reading is paused, and everything after`() async {
        await adopt { recorder, bytes in
            recorder.stream?.pauseReading()
            return 1
        }
        peer.send([1, 2, 3])
        await lane.expectEventually { [recorder] in recorder.received == [1] }
        peer.send([4])
        await lane.run {}
        await lane.expect { [recorder] in recorder.offered.count == 1 }
        for count in 2...4 {
            await lane.run { [recorder] in recorder.stream?.resumeReading() }
            await lane.expectEventually { [recorder] in recorder.received.count == count }
        }
        await lane.expect { [recorder] in recorder.received == [1, 2, 3, 4] }
        await end()
    }

    @Test func `pause and resume inside of the delivery brings the rest without new bytes`() async {
        // A command that is answered on the spot: the owner takes one at a time and reads on at once.
        await adopt { recorder, bytes in
            recorder.stream?.pauseReading()
            recorder.stream?.resumeReading()
            return 1
        }
        peer.send([1, 2, 3, 4, 5])
        await lane.expectEventually { [recorder] in recorder.received == [1, 2, 3, 4, 5] }
        await end()
    }

    @Test func `a hang-up is not heard while reading is paused, and the last bytes come before it`() async {
        await adopt { recorder, bytes in
            if recorder.received.isEmpty { recorder.stream?.pauseReading() }
            return 1
        }
        peer.send([1, 2])
        await lane.expectEventually { [recorder] in recorder.received == [1] }
        peer.send([3])
        peer.close()
        await lane.run {}
        await lane.expect { [recorder] in recorder.ends.isEmpty }
        await lane.run { [recorder] in
            recorder.onBytes = nil
            recorder.stream?.resumeReading()
        }
        await lane.expectEventually { [recorder] in recorder.ends == [.peerClosed] }
        await lane.expect { [recorder] in recorder.received == [1, 2, 3] }
        await end()
    }

    @Test func `a stream that ends when hung up ends while it is paused`() async {
        await adopt { recorder, bytes in
            recorder.stream?.pauseReading()
            return bytes.count
        }
        await lane.run { [recorder] in recorder.stream?.endWhenHungUp() }
        peer.send([1])
        await lane.expectEventually { [recorder] in recorder.received == [1] }
        peer.close()
        await lane.expectEventually { [recorder] in recorder.ends == [.peerClosed] }
        await end()
    }

    @Test func `an owner that closes in the middle of a delivery hears nothing more`() async {
        await adopt { recorder, bytes in
            recorder.stream?.close()
            return 0
        }
        peer.send([1, 2, 3])
        await lane.expectEventually { [recorder] in recorder.offered.count == 1 }
        #expect(peer.receiveToEnd() == [])
        await lane.expect { [recorder] in recorder.ends.isEmpty && recorder.offered.count == 1 }
        await end()
    }

    @Test func `bytes stay valid when the owner closes after flush in the middle of a delivery`() async {
        // Closing reads what the peer still sends: it must not land in the bytes the owner is looking at.
        let bytes = pattern(NetworkLimits.scratchBytes)
        await adopt { recorder, offered in
            let before = Array(offered)
            recorder.stream?.closeAfterFlush()
            recorder.connectedCount = before == Array(offered) ? 1 : -1
            return offered.count
        }
        let sender = inBackground { [peer] in
            peer.send(bytes)
            peer.send([UInt8](repeating: 0xEE, count: 100_000))
        }
        await lane.expectEventually { [recorder] in recorder.connectedCount != 0 }
        await lane.expect { [recorder] in recorder.connectedCount == 1 }
        peer.close()
        _ = await sender.value
        await end()
    }

    @Test func `one fast sender does not starve another stream`() async {
        await adopt()
        let other = StreamRecorder()
        let (second, quiet) = socketPair()
        await lane.run { [lane] in other.adopt(second, on: lane) }
        let flood = inBackground { [peer] in
            for _ in 0..<200 where !peer.send(pattern(100_000)) { return }
        }
        await lane.expectEventually { [recorder] in recorder.received.count > 1_000_000 }
        quiet.send([9])
        await lane.expectEventually { other.received == [9] }
        await lane.run { other.stream?.close() }
        await end()
        peer.close()
        await flood.value
    }

    @Test func `a closed stream is freed, and its descriptor is closed`() async {
        await adopt()
        let weakly = WeakStream()
        await lane.run { [recorder] in
            weakly.stream = recorder.stream
            recorder.stream?.close()
            recorder.stream = nil
        }
        await lane.expectEventually { weakly.stream == nil }
        #expect(peer.receive(1) == [])
        await end()
    }
}

final class WeakStream: @unchecked Sendable {
    weak var stream: ByteStream?
}
