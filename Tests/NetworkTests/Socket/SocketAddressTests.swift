// Addresses from text and from the kernel, and back.
import Glibc
import Testing

@testable import Network

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", UInt16(3306), "127.0.0.1:3306"), ("0.0.0.0", 0, "0.0.0.0:0"),
        ("255.255.255.255", 65_535, "255.255.255.255:65535"), ("::1", 3306, "[::1]:3306"),
        ("2001:db8::7", 1, "[2001:db8::7]:1"),
    ])
    func `a numeric host is read and printed`(host: String, port: UInt16, text: String) throws {
        let address = try #require(SocketAddress(numericHost: host, port: port))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
        #expect(address.isInternet)
        #expect(address.family == (host.contains(":") ? AF_INET6 : AF_INET))
    }

    @Test(arguments: ["", "localhost", "db.example", "256.1.1.1", "1.2.3", "1.2.3.4.5", ":::", " 127.0.0.1"])
    func `what is not a number is no address`(host: String) {
        #expect(SocketAddress(numericHost: host, port: 1) == nil)
    }

    @Test func `a Unix path is read and printed`() throws {
        let address = try #require(SocketAddress(unixPath: "/run/a.sock"))
        #expect(address.host == "/run/a.sock")
        #expect(address.description == "unix:/run/a.sock")
        #expect(!address.isInternet)
        #expect(address.port == 0)
    }

    @Test func `a Unix path is at most 107 bytes and at least one`() {
        #expect(SocketAddress(unixPath: "") == nil)
        #expect(SocketAddress(unixPath: String(repeating: "a", count: 107))?.host.count == 107)
        #expect(SocketAddress(unixPath: String(repeating: "a", count: 108)) == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::1"])
    func `a kernel's copy equals the original`(host: String) throws {
        let address = try #require(SocketAddress(numericHost: host, port: 9))
        let copy = address.withKernelAddress { SocketAddress($0, length: $1) }
        #expect(copy == address)
        #expect(copy?.hashValue == address.hashValue)
    }

    @Test func `an IPv4 peer of a listener on IPv6 is an IPv4 address`() throws {
        // Host patterns of accounts say 10.0.0.%, not ::ffff:10.0.0.%.
        let mapped = try #require(SocketAddress(numericHost: "::ffff:10.0.0.7", port: 4_000))
        let peer = try #require(mapped.withKernelAddress { SocketAddress($0, length: $1) })
        #expect(peer.host == "10.0.0.7")
        #expect(peer.port == 4_000)
        #expect(peer == SocketAddress(numericHost: "10.0.0.7", port: 4_000))
    }

    @Test func `an unnamed Unix socket has an empty host`() throws {
        var raw = sockaddr_un()
        raw.sun_family = sa_family_t(AF_UNIX)
        let address = withUnsafePointer(to: &raw) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0, length: 2) }
        }
        #expect(try #require(address).host == "")
    }

    @Test(arguments: [0, 1, 129] as [socklen_t]) func `an impossible length is no address`(length: socklen_t) {
        var storage = sockaddr_storage()
        let address = withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0, length: length) }
        }
        #expect(address == nil)
    }

    @Test func `a number is looked up without the system's help`() {
        let (addresses, reason) = Resolver.lookUp(host: "192.0.2.1", port: 5)
        #expect(addresses.map(\.description) == ["192.0.2.1:5"])
        #expect(reason.isEmpty)
    }

    @Test func `localhost has a loopback address, each once`() {
        let (addresses, _) = Resolver.lookUp(host: "localhost", port: 77)
        #expect(addresses.contains { $0.host == "127.0.0.1" || $0.host == "::1" })
        #expect(Set(addresses).count == addresses.count)
        #expect(addresses.allSatisfy { $0.port == 77 })
    }

    @Test func `a name that cannot be says why`() {
        let (addresses, reason) = Resolver.lookUp(host: "no such host", port: 1)
        #expect(addresses.isEmpty)
        #expect(reason.contains("no such host"))
    }

    @Test func `the answer comes on the lane that asked`() async {
        let lane = Lane.started()
        defer { lane.stop() }
        let resolver = Resolver()
        let (count, onLane) = await withCheckedContinuation { continuation in
            resolver.resolve(host: "127.0.0.1", port: 1, on: lane) { addresses, _ in
                continuation.resume(returning: (addresses.count, lane.isCurrent))
            }
        }
        #expect(count == 1)
        #expect(onLane)
    }
}
