// Connections made by a stream: to a listener, to nobody, and when the failure is known at once.
import Glibc
import Testing

@testable import Network

@Suite struct ByteStreamConnectingTests {
    let lane = Lane.started()
    let recorder = StreamRecorder()

    private func connect(_ address: SocketAddress) async {
        await lane.run { [recorder, lane] in
            recorder.stream = ByteStream.connect(to: address, on: lane, userTimeoutMilliseconds: 1_000)
            recorder.stream?.setOwner(recorder)
        }
    }

    private func end() async {
        await lane.run { [recorder] in
            recorder.stream?.close()
            recorder.stream = nil
        }
        lane.stop()
    }

    @Test func `a connection is made, and bytes go both ways`() async {
        let (listener, address) = loopbackListener()
        defer { close(listener) }
        await lane.run { [recorder] in
            recorder.onConnected = { recorder in [UInt8]([1, 2]).withUnsafeBytes { recorder.stream?.write($0) } }
        }
        await connect(address)
        let peer = Peer(accept(listener, nil, nil))
        #expect(peer.receive(2) == [1, 2])
        peer.send([3])
        await lane.expectEventually { [recorder] in recorder.received == [3] }
        await lane.expect { [recorder] in recorder.connectedCount == 1 }
        await end()
    }

    /// TCP_USER_TIMEOUT of the recorder's stream; the Glibc overlay does not know the option, which is 18.
    private func userTimeout() async -> UInt32 {
        await lane.run { [recorder] in
            guard let stream = recorder.stream else { return .max }
            var (value, length) = (UInt32.max, socklen_t(MemoryLayout<UInt32>.size))
            getsockopt(stream.transport.descriptor, Int32(IPPROTO_TCP), 18, &value, &length)
            return value
        }
    }

    @Test func `how long bytes may stay unacknowledged can be changed, and no more when the stream is closed`() async {
        let (listener, address) = loopbackListener()
        defer { close(listener) }
        await connect(address)
        let peer = Peer(accept(listener, nil, nil))
        #expect(await userTimeout() == 1_000)
        await lane.run { [recorder] in recorder.stream?.setUserTimeout(milliseconds: 0) }
        #expect(await userTimeout() == 0)
        await lane.run { [recorder] in
            recorder.stream?.close()
            recorder.stream?.setUserTimeout(milliseconds: 5)
        }
        peer.close()
        await end()
    }

    @Test func `what is queued before the connection is made goes after it`() async {
        let (listener, address) = loopbackListener()
        defer { close(listener) }
        await lane.run { [recorder, lane] in
            recorder.stream = ByteStream.connect(to: address, on: lane, userTimeoutMilliseconds: 0)
            recorder.stream?.setOwner(recorder)
            [UInt8]([4, 5]).withUnsafeBytes { recorder.stream?.enqueue($0) }
        }
        let peer = Peer(accept(listener, nil, nil))
        #expect(peer.receive(2) == [4, 5])
        await end()
    }

    @Test func `a refused connection is told once and never connected`() async throws {
        let (listener, address) = loopbackListener()
        close(listener)
        await connect(address)
        await lane.expectEventually { [recorder] in recorder.ends == [.failed(ECONNREFUSED)] }
        await lane.expect { [recorder] in recorder.connectedCount == 0 }
        await end()
    }

    @Test func `a Unix path that is not there fails with its cause`() async throws {
        let address = try #require(SocketAddress(unixPath: "/tmp/switchyard-nobody-\(getpid())"))
        await connect(address)
        await lane.expectEventually { [recorder] in recorder.ends == [.failed(ENOENT)] }
        await lane.expect { [recorder] in recorder.connectedCount == 0 }
        await end()
    }

    @Test func `a failure known at once is told also when the connection was begun by deferred work`() async throws {
        final class Later: DeferredWork, @unchecked Sendable {
            let work: () -> Void
            init(_ work: @escaping () -> Void) { self.work = work }
            func runSoon() { work() }
        }
        let address = try #require(SocketAddress(unixPath: "/tmp/switchyard-nobody-\(getpid())"))
        await lane.run { [recorder, lane] in
            lane.soon(
                Later {
                    recorder.stream = ByteStream.connect(to: address, on: lane, userTimeoutMilliseconds: 0)
                    recorder.stream?.setOwner(recorder)
                })
        }
        await lane.expectEventually { [recorder] in recorder.ends == [.failed(ENOENT)] }
        await lane.expect { [recorder] in recorder.connectedCount == 0 }
        await end()
    }

    @Test func `an owner hears its deadline while the connection is not made`() async throws {
        // A full accept queue: the handshake is never answered.
        let (listener, address) = loopbackListener(backlog: 0)
        defer { close(listener) }
        var fillers: [Int32] = []
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            _ = address.withKernelAddress { Glibc.connect(filler, $0, $1) }
            fillers.append(filler)
        }
        defer { for filler in fillers { close(filler) } }
        // In one visit to the lane: a busy machine may let the kernel's own timeout pass between two.
        await lane.run { [recorder, lane] in
            recorder.stream = ByteStream.connect(to: address, on: lane, userTimeoutMilliseconds: 0)
            recorder.stream?.setOwner(recorder)
            recorder.stream?.setDeadline(milliseconds: lane.nowMilliseconds + 60)
        }
        await lane.expectEventually { [recorder] in recorder.deadlineCount == 1 }
        await lane.expect { [recorder] in recorder.connectedCount == 0 }
        await end()
    }

    @Test func `an owner may close inside of streamConnected`() async {
        let (listener, address) = loopbackListener()
        defer { close(listener) }
        await lane.run { [recorder] in recorder.onConnected = { $0.stream?.close() } }
        await connect(address)
        let peer = Peer(accept(listener, nil, nil))
        #expect(peer.receiveToEnd() == [])
        await lane.expect { [recorder] in recorder.ends.isEmpty }
        await end()
    }
}
