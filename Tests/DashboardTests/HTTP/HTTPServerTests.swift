// Clients of the endpoint, each at the other end of a socket pair: what they send in pieces, and take late, or never.

import Frontend
import Glibc
import Network
import Security
import Testing

@testable import Admin
@testable import Dashboard

/// The client's end; reads give up after a minute.
private final class HTTPPeer {
    private let descriptor: Int32
    private var isOpen = true

    init(_ server: HTTPServer) {
        var ends: [Int32] = [0, 0]
        precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        descriptor = ends[0]
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        server.accept(ends[1], peer: nil)
    }

    deinit { close() }

    func close() {
        if isOpen { Glibc.close(descriptor) }
        isOpen = false
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func ask(_ target: String, _ more: String = "", method: String = "GET") {
        send("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(more)\r\n")
    }

    /// Up to `count` bytes; nil at the end.
    private func receive(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        return received > 0 ? Array(bytes[..<received]) : nil
    }

    var isAtEnd: Bool { receive(1) == nil }

    /// Whether the end comes after a few events at most.
    var endsSoon: Bool { (0..<20).contains { _ in receive(65_536) == nil } }

    func line() -> String {
        var bytes: [UInt8] = []
        while let byte = receive(1)?.first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    /// The status line and the headers.
    func head() -> [String] {
        var lines: [String] = []
        while case let next = line(), !next.isEmpty { lines.append(next) }
        return lines
    }

    /// The status and the body of one answer; the status is empty at the end.
    func reply(hasBody: Bool = true) -> (status: String, body: [UInt8]) {
        let head = head()
        let length = head.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        var body: [UInt8] = []
        while hasBody, body.count < length, let part = receive(length - body.count) { body += part }
        return (head.first.map { String($0.dropFirst(9)) } ?? "", body)
    }
}

@Suite struct HTTPServerTests {
    private static let big = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }

    private func withServer(_ body: (HTTPServer) throws -> Void) throws {
        let source = DashboardScene.source()
        let throttle = LoginThrottle(LoginThrottleSettings(failures: 0, windowMilliseconds: 1, refusalMilliseconds: 1))
        let service = DashboardService(
            executor: try ConsoleExecutor(source: source),
            access: HTTPAccess(users: [], token: nil, throttle: throttle), clusters: source.clusters,
            isDraining: { false }, assets: ["/big": DashboardAsset(contentType: "x/y", body: Self.big)])
        let lanes = LaneGroup(count: 1)
        let server = HTTPServer(lane: lanes.next(), service: service, tls: .none)
        defer {
            server.endAll()
            lanes.stop()
        }
        try body(server)
    }

    @Test func `requests on one connection are answered one after the other`() throws {
        try withServer { server in
            let peer = HTTPPeer(server)
            peer.ask("/healthz")
            #expect(peer.reply() == ("200 OK", Array("alive\n".utf8)))
            // All at once, from the lane itself and from the console's queue.
            peer.ask("/healthz")
            peer.ask("/api/v1/clusters")
            peer.ask("/metrics", method: "HEAD")
            peer.ask("/nothing")
            peer.ask("/readyz", "Connection: close\r\n")
            #expect(peer.reply().status == "200 OK")
            #expect(String(decoding: peer.reply().body, as: UTF8.self).hasPrefix(#"{"table":"clusters""#))
            #expect(peer.reply(hasBody: false).status == "200 OK")
            #expect(peer.reply().status == "404 Not Found")
            #expect(peer.reply() == ("200 OK", Array("ready\n".utf8)))
            #expect(peer.isAtEnd)
        }
    }

    @Test func `a request that comes byte by byte is one request`() throws {
        try withServer { server in
            let peer = HTTPPeer(server)
            for scalar in "GET /api/v1/clusters HTTP/1.1\r\nHost: localhost\r\n\r\n".unicodeScalars {
                peer.send(String(scalar))
            }
            #expect(peer.reply().status == "200 OK")
            peer.ask("/healthz", "Connection: close\r\n")
            #expect(peer.reply().status == "200 OK")
            #expect(peer.isAtEnd)
        }
    }

    @Test(arguments: ["", "Connection: close\r\n"])
    func `an answer that the socket does not take at once comes whole`(header: String) throws {
        try withServer { server in
            let peer = HTTPPeer(server)
            peer.ask("/big", header)
            // Others are served meanwhile.
            let other = HTTPPeer(server)
            other.ask("/healthz")
            #expect(other.reply().status == "200 OK")
            let reply = peer.reply()
            #expect(reply.status == "200 OK" && reply.body == Self.big)
            if header.isEmpty {
                peer.ask("/healthz")
                #expect(peer.reply().status == "200 OK")
            } else {
                #expect(peer.isAtEnd)
            }
        }
    }

    @Test func `what is no request is answered and ends the connection`() throws {
        try withServer { server in
            let peer = HTTPPeer(server)
            peer.send("HELO there\r\n\r\n")
            #expect(peer.reply().status == "400 Bad Request")
            #expect(peer.isAtEnd)
        }
    }

    @Test func `a client that is gone before its answer harms nobody`() throws {
        try withServer { server in
            for target in ["/metrics", "/big", "/api/v1/events"] {
                let peer = HTTPPeer(server)
                peer.ask(target)
                peer.close()
            }
            let peer = HTTPPeer(server)
            peer.ask("/metrics")
            #expect(peer.reply().status == "200 OK")
        }
    }

    @Test func `a silent client gives way to one client too many, and one that is served does not`() throws {
        try withServer { server in
            let follower = HTTPPeer(server)
            follower.ask("/api/v1/events")
            #expect(follower.head().contains("Content-Type: text/event-stream"))
            var silent = (1..<HTTPLimits.connections).map { _ in HTTPPeer(server) }
            // More often than there are silent ones, since some may have come in the same millisecond.
            for _ in 0..<(2 * HTTPLimits.connections) {
                let next = HTTPPeer(server)
                next.ask("/healthz")
                #expect(next.reply().status == "200 OK")
                silent.append(next)
            }
            #expect(silent[0].isAtEnd)
            #expect(follower.line() == "retry: \(HTTPLimits.reconnectMilliseconds)" && follower.line() == "")
            #expect(follower.line() == "event: tick")
        }
    }

    @Test func `the one of a crowd who waits longest gives way`() {
        #expect(HTTPServer.givesWay([("a", nil), ("b", nil)]) == nil)
        #expect(HTTPServer.givesWay([("a", nil), ("b", 7), ("c", 5), ("d", 6)]) == 2)
        // A prober that waits longer is let be while another address has more clients.
        #expect(HTTPServer.givesWay([("probe", 1), ("crowd", 9), ("crowd", nil), ("crowd", 8)]) == 3)
        #expect(HTTPServer.givesWay([("probe", 1), ("crowd", nil), ("crowd", nil)]) == 0)
    }

    @Test func `who follows the events has to ask again when others may ask`() throws {
        try withServer { server in
            let peer = HTTPPeer(server)
            peer.ask("/api/v1/events")
            #expect(peer.head().contains("Content-Type: text/event-stream"))
            #expect(peer.line() == "retry: \(HTTPLimits.reconnectMilliseconds)" && peer.line() == "")
            #expect(peer.line() == "event: tick")
            let throttle = LoginThrottle(
                LoginThrottleSettings(failures: 0, windowMilliseconds: 1, refusalMilliseconds: 1))
            server.adopt(HTTPAccess(users: [], token: SecretBytes("0123456789abcdef".utf8), throttle: throttle))
            #expect(peer.endsSoon)
            let next = HTTPPeer(server)
            next.ask("/api/v1/events")
            #expect(next.reply().status == "401 Unauthorized")
        }
    }

    @Test func `events go on, also when another who followed them is gone`() throws {
        try withServer { server in
            let peers = (0..<2).map { _ in HTTPPeer(server) }
            for peer in peers {
                peer.ask("/api/v1/events")
                #expect(peer.head().contains("Content-Type: text/event-stream"))
                #expect(peer.line() == "retry: \(HTTPLimits.reconnectMilliseconds)" && peer.line() == "")
                #expect(peer.line() == "event: tick")
            }
            peers[0].close()
            #expect(peers[1].line().hasPrefix(#"data: {"figures":["#) && peers[1].line() == "")
            #expect(peers[1].line() == "event: tick")
        }
    }
}
