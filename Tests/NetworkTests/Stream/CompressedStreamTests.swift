// Streams that compress: whole and in parts, paused, with garbage, at their end.
import Compression
import Glibc
import Testing

@testable import Network

@Suite struct CompressedStreamTests {
    let lane = Lane.started()
    let near = StreamRecorder()
    let far = StreamRecorder()

    /// Two streams of one lane that speak to each other, as client and as server.
    private func connect(_ algorithm: CompressionAlgorithm) async {
        var ends: [Int32] = [0, 0]
        let status = socketpair(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
        precondition(status == 0)
        await lane.run { [near, far, lane, ends] in
            near.adopt(ends[0], on: lane)
            far.adopt(ends[1], on: lane)
            near.stream?.startCompression(FrameCodec(algorithm, role: .client))
            far.stream?.startCompression(FrameCodec(algorithm, role: .server))
        }
    }

    private func end() async {
        await lane.run { [near, far] in
            near.stream?.close()
            far.stream?.close()
        }
        lane.stop()
    }

    private func command(_ count: Int) -> [UInt8] {
        [UInt8(count & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count >> 16), 0] + pattern(count)
    }

    @Test(arguments: CompressionAlgorithm.allCases, [1, 60, 5_000, 1_000_000])
    func `what is written comes out at the other end`(algorithm: CompressionAlgorithm, size: Int) async {
        await connect(algorithm)
        let bytes = command(size)
        await lane.run { [near] in bytes.withUnsafeBytes { near.stream?.write($0) } }
        await lane.expectEventually { [far] in far.received.count == bytes.count }
        await lane.expect { [far] in far.received == bytes }
        await end()
    }

    @Test func `what expands to much comes whole, through pauses`() async {
        await connect(.zstd)
        await lane.run { [far] in
            far.onBytes = { recorder, bytes in
                recorder.stream?.pauseReading()
                recorder.stream?.resumeReading()
                return bytes.count
            }
        }
        let bytes = [255, 255, 255, 0] + [UInt8](repeating: 7, count: 0xFF_FFFF)
        await lane.run { [near] in bytes.withUnsafeBytes { near.stream?.write($0) } }
        await lane.expectEventually { [far] in far.received.count == bytes.count }
        await end()
    }

    @Test func `a command waits undecoded while reading is paused`() async {
        await connect(.zlib)
        await lane.run { [far] in
            far.onBytes = { recorder, bytes in
                recorder.stream?.pauseReading()
                return bytes.count
            }
        }
        let bytes = command(3)
        await lane.run { [near] in
            for _ in 0..<3 { bytes.withUnsafeBytes { near.stream?.enqueue($0) } }
            near.stream?.flush()
        }
        for count in 1...3 {
            await lane.expectEventually { [far] in far.received.count == count * bytes.count }
            await lane.run { [far] in far.stream?.resumeReading() }
        }
        await end()
    }

    @Test func `bytes behind the packet with which compression begins are taken as compressed`() async {
        let (descriptor, peer) = socketPair()
        await lane.run { [near, lane] in
            near.onBytes = { recorder, bytes in
                guard recorder.received.isEmpty else { return bytes.count }
                recorder.stream?.startCompression(FrameCodec(.zlib, role: .server))
                return 2
            }
            near.adopt(descriptor, on: lane)
        }
        peer.send([9, 9, 3, 0, 0, 0, 0, 0, 0, 1, 2, 3])
        await lane.expectEventually { [near] in near.received == [9, 9, 1, 2, 3] }
        await end()
    }

    @Test func `garbage ends the stream, and the owner may still answer`() async {
        let (descriptor, peer) = socketPair()
        await lane.run { [near, lane] in
            near.adopt(descriptor, on: lane)
            near.stream?.startCompression(FrameCodec(.zlib, role: .server))
        }
        peer.send([3, 0, 0, 0, 9, 0, 0, 1, 2, 3])
        await lane.expectEventually { [near] in near.ends == [.undecodable(.undecodable(.zlib))] }
        await lane.expect { [near] in near.stream?.isOpen == false && near.received.isEmpty }
        await end()
    }

    @Test func `the peer's end comes behind everything it sent`() async {
        let (descriptor, peer) = socketPair()
        peer.send([3, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1, 0, 0, 1, 0, 0, 0, 4])
        peer.finish()
        await lane.run { [near, lane] in
            near.adopt(descriptor, on: lane)
            near.stream?.startCompression(FrameCodec(.zlib, role: .server))
        }
        await lane.expectEventually { [near] in near.ends == [.peerClosed] && near.received == [1, 2, 3, 4] }
        await end()
    }
}
