// Streams that begin in the clear and go on under TLS, in both roles.
import Glibc
import Security
import Testing

@testable import Network

/// Two streams on one lane, joined by a socket pair. The first byte, in the clear, starts TLS on the server's side.
private final class TLSScene: @unchecked Sendable {
    let lane = Lane.started()
    let client = StreamRecorder()
    let server = StreamRecorder()
    let serverContext: TLSContext
    private let clientContext: TLSContext

    init() async throws {
        serverContext = try TLSContext.server(TLSMaterial(), fallback: try SelfMadeCertificate())
        clientContext = try TLSContext.client(TLSMaterial(), verification: .none)
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        precondition(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        let (mine, other) = (ends[0], ends[1])
        await lane.run { [self] in
            client.adopt(mine, on: lane)
            server.adopt(other, on: lane)
            server.onBytes = { [serverContext] recorder, bytes in
                guard recorder.stream?.encryption == nil else { return bytes.count }
                recorder.stream?.startTLS(.server(serverContext))
                return 1
            }
        }
    }

    deinit { lane.stop() }

    /// Asks for TLS; the request and the first bytes of TLS leave together.
    func start() async {
        await lane.run { [self] in
            [UInt8(7)].withUnsafeBytes { client.stream?.write($0) }
            client.stream?.startTLS(.client(clientContext, host: "db.example", cacheKey: "x"))
        }
    }

    func expectSecured() async {
        await lane.expectEventually { [self] in client.securedCount == 1 && server.securedCount == 1 }
    }
}

@Suite struct ByteStreamTLSTests {
    @Test func `bytes behind the request for TLS belong to TLS`() async throws {
        let scene = try await TLSScene()
        await scene.start()
        await scene.expectSecured()
        await scene.lane.run { Array("hello".utf8).withUnsafeBytes { scene.client.stream?.write($0) } }
        await scene.lane.expectEventually { scene.server.received == [7] + Array("hello".utf8) }
        await scene.lane.expect { scene.server.stream?.encryption?.serverName == "db.example" }
    }

    @Test func `clear text behind the request is no part of what the owner hears`() async throws {
        let scene = try await TLSScene()
        await scene.lane.run {
            Array("\u{7}a login in the clear".utf8).withUnsafeBytes { scene.client.stream?.write($0) }
        }
        await scene.lane.expectEventually { scene.server.ends.count == 1 }
        await scene.lane.expect {
            if case .encryptionFailed = scene.server.ends.first { scene.server.received == [7] } else { false }
        }
    }

    @Test func `large amounts pass to a slow reader, both ways at once`() async throws {
        let scene = try await TLSScene()
        await scene.start()
        await scene.expectSecured()
        let bytes = pattern(3_000_000)
        await scene.lane.run {
            scene.server.stream?.pauseReading()
            bytes.withUnsafeBytes { scene.client.stream?.write($0) }
            bytes.withUnsafeBytes { scene.server.stream?.write($0) }
        }
        await scene.lane.expectEventually { scene.client.received.count == bytes.count }
        await scene.lane.expect { scene.client.received == bytes && scene.client.stream?.isCongested == true }
        await scene.lane.run { scene.server.stream?.resumeReading() }
        await scene.lane.expectEventually { scene.server.received.count == bytes.count + 1 }
        await scene.lane.expect { Array(scene.server.received.dropFirst()) == bytes }
        await scene.lane.expectEventually { scene.client.drainedCount == 1 }
    }

    @Test func `what the owner leaves comes again, whatever the sizes of records`() async throws {
        let scene = try await TLSScene()
        await scene.start()
        await scene.expectSecured()
        await scene.lane.run { scene.server.onBytes = { _, bytes in bytes.count / 3 * 3 } }
        var expected: [UInt8] = [7]
        for size in [1, 2, 3, 100, 16_384, 16_385, 40_000, 1] {
            let bytes = pattern(size)
            expected += bytes
            await scene.lane.run { bytes.withUnsafeBytes { scene.client.stream?.write($0) } }
        }
        let wanted = expected
        await scene.lane.expectEventually { scene.server.received.count == (wanted.count - 1) / 3 * 3 + 1 }
        await scene.lane.expect { scene.server.received == Array(wanted[..<scene.server.received.count]) }
    }

    @Test func `a closed stream says goodbye after everything queued`() async throws {
        let scene = try await TLSScene()
        await scene.start()
        await scene.expectSecured()
        let bytes = pattern(1_000_000)
        await scene.lane.run {
            bytes.withUnsafeBytes { scene.client.stream?.write($0) }
            scene.client.stream?.closeAfterFlush()
        }
        await scene.lane.expectEventually { scene.server.ends == [.peerClosed] }
        await scene.lane.expect { scene.server.received.count == bytes.count + 1 }
    }

    @Test func `a handshake that does not go on ends by the owner's deadline`() async throws {
        let scene = try await TLSScene()
        await scene.lane.run { [UInt8(7), 0x16, 3].withUnsafeBytes { scene.client.stream?.write($0) } }
        await scene.lane.expectEventually { scene.server.received == [7] }
        await scene.lane.run { scene.server.stream?.setDeadline(milliseconds: scene.lane.nowMilliseconds + 1) }
        await scene.lane.expectEventually { scene.server.deadlineCount == 1 }
        await scene.lane.run {
            [UInt8(1)].withUnsafeBytes { scene.server.stream?.write($0) }
            scene.server.stream?.closeAfterFlush()
        }
        await scene.lane.expectEventually { scene.client.ends == [.peerClosed] }
        await scene.lane.expect { scene.client.received.isEmpty }
    }

    @Test func `a peer that leaves in the middle of the handshake is told of`() async throws {
        let scene = try await TLSScene()
        await scene.lane.run {
            [UInt8(7), 0x16, 3].withUnsafeBytes { scene.client.stream?.write($0) }
            scene.client.stream?.close()
        }
        await scene.lane.expectEventually { scene.server.ends.count == 1 }
    }
}
