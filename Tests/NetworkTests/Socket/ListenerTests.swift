// Listening sockets: ports in use, Unix paths, and what happens without descriptors.
import Glibc
import Synchronization
import Testing

@testable import Network

/// Descriptors that a listener handed on.
private final class Accepted: Sendable {
    let items = Mutex<[(Int32, SocketAddress?)]>([])
    var count: Int { items.withLock { $0.count } }
    func closeAll() { items.withLock { for item in $0 { close(item.0) } } }
}

private func loopback(_ port: UInt16 = 0) throws -> SocketAddress {
    try #require(SocketAddress(numericHost: "127.0.0.1", port: port))
}

private func dial(_ address: SocketAddress) -> Peer {
    let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
    let peer = Peer(descriptor)
    _ = address.withKernelAddress { connect(descriptor, $0, $1) }
    return peer
}

private func waitUntil(_ condition: () -> Bool) async -> Bool {
    for _ in 0..<5_000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return false
}

@Suite struct ListenerTests {
    @Test func `the kernel's port is known, and connections are handed on with their peer`() async throws {
        let accepted = Accepted()
        let listener = try Listener(loopback()) { descriptor, peer in
            accepted.items.withLock { $0.append((descriptor, peer)) }
        }
        defer { listener.close() }
        #expect(listener.address.port != 0)
        listener.start()
        let peers = (0..<10).map { _ in dial(listener.address) }
        #expect(await waitUntil { accepted.count == 10 })
        accepted.items.withLock { items in
            for (descriptor, peer) in items {
                #expect(peer?.host == "127.0.0.1")
                #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            }
        }
        accepted.closeAll()
        withExtendedLifetime(peers) {}
    }

    @Test func `a port in use is an error that names it`() throws {
        let first = try Listener(loopback()) { descriptor, _ in close(descriptor) }
        defer { first.close() }
        let error = #expect(throws: ListenError.self) {
            try Listener(loopback(first.address.port)) { descriptor, _ in close(descriptor) }
        }
        #expect(error?.description.contains("\(first.address)") == true)
        #expect(error?.description.contains("another program") == true)
    }

    @Test func `a port is free again after close`() async throws {
        let first = try Listener(loopback()) { descriptor, _ in close(descriptor) }
        first.start()
        let address = first.address
        first.close()
        first.close()
        let isFree = await waitUntil {
            guard let second = try? Listener(address, onAccept: { descriptor, _ in close(descriptor) }) else {
                return false
            }
            second.close()
            return true
        }
        #expect(isFree)
    }

    @Test func `a listener that was never started can be dropped`() async {
        await #expect(processExitsWith: .success) {
            guard let address = SocketAddress(numericHost: "127.0.0.1", port: 0) else { exit(1) }
            do {
                _ = try Listener(address) { descriptor, _ in close(descriptor) }
            } catch {
                exit(2)
            }
            exit(0)
        }
    }

    @Test func `a started listener that is dropped gives its port back`() async {
        await #expect(processExitsWith: .success) {
            guard let address = SocketAddress(numericHost: "127.0.0.1", port: 0) else { exit(1) }
            do {
                var bound = address
                do {
                    let listener = try Listener(address) { descriptor, _ in close(descriptor) }
                    listener.start()
                    bound = listener.address
                }
                for _ in 0..<2_000 {
                    if (try? Listener(bound, onAccept: { descriptor, _ in close(descriptor) })) != nil { exit(0) }
                    usleep(2_000)
                }
                exit(3)
            } catch {
                exit(2)
            }
        }
    }

    @Test func `a Unix path is listened on and removed again`() async throws {
        let path = "/tmp/switchyard-listener-\(getpid())-a.sock"
        let accepted = Accepted()
        let listener = try Listener(try #require(SocketAddress(unixPath: path))) { descriptor, peer in
            accepted.items.withLock { $0.append((descriptor, peer)) }
        }
        listener.start()
        let peer = dial(listener.address)
        #expect(await waitUntil { accepted.count == 1 })
        listener.close()
        #expect(access(path, F_OK) != 0)
        accepted.closeAll()
        withExtendedLifetime(peer) {}
    }

    @Test func `a path that a dead process left is taken over`() throws {
        let path = "/tmp/switchyard-listener-\(getpid())-b.sock"
        let address = try #require(SocketAddress(unixPath: path))
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(address.withKernelAddress { bind(dead, $0, $1) } == 0)
        close(dead)
        #expect(access(path, F_OK) == 0)
        let listener = try Listener(address) { descriptor, _ in close(descriptor) }
        listener.close()
    }

    @Test func `a path that somebody answers on is in use`() throws {
        let path = "/tmp/switchyard-listener-\(getpid())-c.sock"
        let address = try #require(SocketAddress(unixPath: path))
        let first = try Listener(address) { descriptor, _ in close(descriptor) }
        defer { first.close() }
        let error = #expect(throws: ListenError.self) { try Listener(address) { descriptor, _ in close(descriptor) } }
        #expect(error?.description.contains("another program answers") == true)
        #expect(access(path, F_OK) == 0)
    }

    @Test(.timeLimit(.minutes(1))) func `a path whose owner is too busy to answer is in use`() throws {
        let path = "/tmp/switchyard-listener-\(getpid())-d.sock"
        let address = try #require(SocketAddress(unixPath: path))
        let busy = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(address.withKernelAddress { bind(busy, $0, $1) } == 0)
        #expect(listen(busy, 0) == 0)
        defer {
            close(busy)
            unlink(path)
        }
        // The queue of one is full: a blocking connect would wait for ever.
        let filler = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(filler) }
        #expect(address.withKernelAddress { connect(filler, $0, $1) } == 0)
        #expect(throws: ListenError.self) { try Listener(address) { descriptor, _ in close(descriptor) } }
        #expect(access(path, F_OK) == 0)
    }

    @Test func `a path that is a file is left alone`() throws {
        let path = "/tmp/switchyard-listener-\(getpid())-e.txt"
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(path) }
        let address = try #require(SocketAddress(unixPath: path))
        let error = #expect(throws: ListenError.self) { try Listener(address) { descriptor, _ in close(descriptor) } }
        #expect(error?.description.contains("not a socket") == true)
        #expect(access(path, F_OK) == 0)
    }

    @Test func `without descriptors clients are turned away instead of left hanging`() async {
        await #expect(processExitsWith: .success) {
            guard let address = SocketAddress(numericHost: "127.0.0.1", port: 0) else { exit(1) }
            do {
                let listener = try Listener(address) { descriptor, _ in close(descriptor) }
                listener.start()
                let clients = (0..<3).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
                var limit = rlimit(rlim_cur: 0, rlim_max: 0)
                getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                var spare = dup(0)
                let next = spare
                close(spare)
                limit.rlim_cur = rlim_t(next)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                spare = dup(0)
                guard spare < 0, errno == EMFILE else { exit(4) }
                for client in clients {
                    guard listener.address.withKernelAddress({ connect(client, $0, $1) }) == 0 else { exit(5) }
                    var timeout = timeval(tv_sec: 10, tv_usec: 0)
                    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
                    var byte: UInt8 = 0
                    let count = recv(client, &byte, 1, 0)
                    guard count == 0 || errno == ECONNRESET else { exit(6) }
                }
                exit(0)
            } catch {
                exit(2)
            }
        }
    }
}
