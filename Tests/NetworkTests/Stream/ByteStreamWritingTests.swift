// How a stream sends, queues, says that it is full, and closes.
import Glibc
import Testing

@testable import Network

@Suite struct ByteStreamWritingTests {
    let lane = Lane.started()
    let recorder = StreamRecorder()
    let peer: Peer

    init() async {
        let (descriptor, peer) = socketPair()
        self.peer = peer
        await lane.run { [recorder, lane] in recorder.adopt(descriptor, on: lane) }
    }

    private func write(_ bytes: [UInt8]) async {
        await lane.run { [recorder] in bytes.withUnsafeBytes { recorder.stream?.write($0) } }
    }

    private func end() async {
        await lane.run { [recorder] in
            recorder.stream?.close()
            recorder.stream = nil
        }
        lane.stop()
    }

    @Test func `what is queued without a call goes with the next write, in order`() async {
        await lane.run { [recorder] in
            [UInt8]([1, 2]).withUnsafeBytes { recorder.stream?.enqueue($0) }
            #expect(recorder.stream?.queuedBytes == 2)
            [UInt8]([3]).withUnsafeBytes { recorder.stream?.write($0) }
            #expect(recorder.stream?.queuedBytes == 0)
        }
        #expect(peer.receive(3) == [1, 2, 3])
        await end()
    }

    @Test func `a peer that does not read makes the stream congested, and its reading drains it, once`() async {
        let part = pattern(100_000)
        let sent = await lane.run { [recorder] () -> Int in
            var sent = 0
            while recorder.stream?.isCongested == false {
                part.withUnsafeBytes { recorder.stream?.write($0) }
                sent += part.count
            }
            return sent
        }
        await lane.expect { [recorder] in recorder.stream?.queuedBytes ?? 0 > NetworkLimits.outputHighWaterBytes }
        await lane.expect { [recorder] in recorder.drainedCount == 0 }
        let got = peer.receive(sent)
        #expect(got.count == sent)
        #expect(
            (0..<(sent / part.count)).allSatisfy { Array(got[($0 * part.count)..<(($0 + 1) * part.count)]) == part })
        await lane.expectEventually { [recorder] in recorder.drainedCount == 1 }
        await lane.expect { [recorder] in recorder.stream?.queuedBytes == 0 }
        // Below the high-water mark nobody is told.
        await write([1])
        #expect(peer.receive(1) == [1])
        await lane.expect { [recorder] in recorder.drainedCount == 1 }
        await end()
    }

    @Test func `an owner may fill the stream again when it drained`() async {
        let total = 6_000_000
        let bytes = pattern(total)
        final class Progress: @unchecked Sendable { var sent = 0 }
        let progress = Progress()
        let fill: @Sendable (StreamRecorder) -> Void = { recorder in
            while progress.sent < total, recorder.stream?.isCongested == false {
                let next = min(progress.sent + 70_000, total)
                bytes[progress.sent..<next].withUnsafeBytes { recorder.stream?.write($0) }
                progress.sent = next
            }
        }
        let filler = Filler(recorder, fill)
        await lane.run { [recorder] in
            recorder.stream?.setOwner(filler)
            fill(recorder)
        }
        let got = await inBackground { [peer] in peer.receive(total) }.value
        #expect(got == bytes)
        await end()
    }

    @Test func `closing after flush delivers every byte, then closes`() async {
        let bytes = pattern(2_000_000)
        await lane.run { [recorder] in
            bytes.withUnsafeBytes { recorder.stream?.write($0) }
            recorder.stream?.closeAfterFlush()
            #expect(recorder.stream?.isOpen == false)
        }
        let got = await inBackground { [peer] in peer.receiveToEnd() }.value
        #expect(got == bytes)
        peer.close()
        await lane.run {}
        await lane.expect { [recorder] in recorder.ends.isEmpty }
        await end()
    }

    @Test func `closing after flush sends what was only queued`() async {
        await lane.run { [recorder] in
            [UInt8]([5, 6]).withUnsafeBytes { recorder.stream?.enqueue($0) }
            recorder.stream?.closeAfterFlush()
        }
        #expect(peer.receiveToEnd() == [5, 6])
        await end()
    }

    @Test func `closing over unread input does not reset the connection`() async {
        let (listener, address) = loopbackListener()
        defer { close(listener) }
        let client = Peer(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #expect(address.withKernelAddress { connect(client.descriptor, $0, $1) } == 0)
        let accepted = accept4(listener)
        let server = StreamRecorder()
        client.send(pattern(200_000))
        await lane.run { [lane] in
            server.adopt(accepted, on: lane)
            [UInt8]([7, 7, 7]).withUnsafeBytes { server.stream?.write($0) }
            server.stream?.closeAfterFlush()
        }
        #expect(client.receiveToEnd() == [7, 7, 7])
        await end()
    }

    @Test func `a peer that never closes is given up after the linger time`() async {
        let weakly = WeakStream()
        await lane.run { [recorder] in
            weakly.stream = recorder.stream
            recorder.stream?.closeAfterFlush()
            recorder.stream = nil
        }
        await lane.expect { weakly.stream != nil }
        await lane.expectEventually { weakly.stream == nil }
        await end()
    }

    @Test func `a broken pipe is told after the write, not inside of it`() async {
        await lane.run { [recorder] in recorder.stream?.pauseReading() }
        peer.close()
        let endsDuringWrite = await lane.run { [recorder] () -> Int in
            for _ in 0..<3 { [UInt8]([1]).withUnsafeBytes { recorder.stream?.write($0) } }
            return recorder.ends.count
        }
        #expect(endsDuringWrite == 0)
        await lane.expectEventually { [recorder] in recorder.ends == [.failed(EPIPE)] }
        await end()
    }

    @Test func `writing to a closed stream does nothing`() async {
        await lane.run { [recorder] in
            recorder.stream?.close()
            [UInt8]([1]).withUnsafeBytes {
                recorder.stream?.write($0)
                recorder.stream?.enqueue($0)
            }
            recorder.stream?.flush()
            recorder.stream?.resumeReading()
            recorder.stream?.closeAfterFlush()
            recorder.stream?.close()
            #expect(recorder.stream?.queuedBytes == 0)
        }
        #expect(peer.receiveToEnd() == [])
        await end()
    }

    @Test func `a stream's deadline is told to its owner once`() async {
        await lane.run { [recorder, lane] in recorder.stream?.setDeadline(milliseconds: lane.nowMilliseconds + 1) }
        await lane.expectEventually { [recorder] in recorder.deadlineCount == 1 }
        await end()
    }

    @Test func `end texts name the cause`() {
        #expect(StreamEnd.peerClosed.text == "the peer closed the connection")
        #expect(StreamEnd.failed(ECONNREFUSED).text == "Connection refused")
        #expect(!StreamEnd.remainderTooLong.text.isEmpty)
    }
}

private func accept4(_ listener: Int32) -> Int32 {
    let descriptor = accept(listener, nil, nil)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    return descriptor
}

/// Fills again whenever the stream drained.
private final class Filler: ByteStreamOwner, @unchecked Sendable {
    private let recorder: StreamRecorder
    private let fill: @Sendable (StreamRecorder) -> Void
    init(_ recorder: StreamRecorder, _ fill: @escaping @Sendable (StreamRecorder) -> Void) {
        self.recorder = recorder
        self.fill = fill
    }
    func streamConnected(_ stream: ByteStream) {}
    func streamReceived(_ stream: ByteStream, _ bytes: UnsafeMutableRawBufferPointer) -> Int { bytes.count }
    func streamDrained(_ stream: ByteStream) { fill(recorder) }
    func streamClosed(_ stream: ByteStream, _ end: StreamEnd) {}
    func streamDeadlinePassed(_ stream: ByteStream) {}
}
