// PROXY protocol headers: what they say, in every split, and what is none.

import Testing

@testable import Network

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static let headers: [(bytes: [UInt8], source: String?)] = [
        (Array("PROXY TCP4 10.1.2.3 10.0.0.1 4444 3306\r\n".utf8), "10.1.2.3:4444"),
        (Array("PROXY TCP6 fd00::1 fd00::2 4444 3306\r\n".utf8), "[fd00::1]:4444"),
        (Array("PROXY TCP6 ::ffff:10.1.2.3 ::1 1 2\r\n".utf8), "10.1.2.3:1"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil), (Array("PROXY UNKNOWN a b c d\r\n".utf8), nil),
        (signature + [0x21, 0x11, 0, 12, 10, 9, 8, 7, 1, 1, 1, 1, 0x11, 0x22, 0, 1], "10.9.8.7:4386"),
        // With a TLV behind the addresses.
        (signature + [0x21, 0x11, 0, 15, 10, 9, 8, 7, 1, 1, 1, 1, 0x11, 0x22, 0, 1, 4, 0, 0], "10.9.8.7:4386"),
        (
            signature + [0x21, 0x21, 0, 36] + [0xFD] + [UInt8](repeating: 0, count: 14) + [1]
                + [UInt8](repeating: 0, count: 16) + [0, 80, 0, 81],
            "[fd00::1]:80"
        ),
        (signature + [0x20, 0, 0, 0], nil), (signature + [0x20, 0x11, 0, 3, 1, 2, 3], nil),
        (signature + [0x21, 0x31, 0, 216] + [UInt8](repeating: 7, count: 216), nil),
    ]

    private func read(_ bytes: [UInt8]) -> ProxyHeader.Reading { bytes.withUnsafeBytes { ProxyHeader.read($0) } }

    @Test func `a header is read whole, and waited for in every split`() {
        for (bytes, source) in Self.headers {
            for length in 0..<bytes.count { #expect(read(Array(bytes[..<length])) == .incomplete) }
            for rest: [UInt8] in [[], [1, 2, 3]] {
                guard case .header(let length, let found) = read(bytes + rest) else {
                    Issue.record("\(bytes) is no header")
                    continue
                }
                #expect(length == bytes.count)
                #expect(found.map { "\($0)" } == source)
            }
        }
    }

    @Test func `what is no header is refused at once, and nothing is waited for without end`() {
        let refused: [[UInt8]] = [
            Array("GET / HTTP/1.0\r\n".utf8), [0], Array("PROXX".utf8), Array("PROXY TCP4 1.2.3.4\r\n".utf8),
            Array("PROXY TCP4 a b 1 2\r\n".utf8), Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n".utf8),
            Array("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n".utf8), Array("PROXY TCP4 ::1 ::1 1 2\r\n".utf8),
            Array("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n".utf8), Array("PROXY \(String(repeating: "x", count: 107))".utf8),
            Self.signature + [0x11, 0x11, 0, 0], Self.signature + [0x22, 0x11, 0, 0],
            Self.signature + [0x21, 0x11, 0, 4, 1, 2, 3, 4],
            Self.signature + [0x21, 0x41, 0, 0], Self.signature + [0x21, 0x11, 255, 255],
        ]
        for bytes in refused {
            guard case .invalid = read(bytes) else {
                Issue.record("\(bytes) is taken")
                continue
            }
        }
    }

    @Test func `what is written is read again`() throws {
        let four = try #require(SocketAddress(numericHost: "10.1.2.3", port: 4444))
        let six = try #require(SocketAddress(numericHost: "fd00::9", port: 5555))
        for version in [ProxyHeader.Version.v1, .v2] {
            for (source, destination) in [(four, four), (six, six), (four, six), (six, four)] {
                let bytes = ProxyHeader.encode(version, source: source, destination: destination)
                #expect(read(bytes) == .header(length: bytes.count, source: source))
            }
            let local = ProxyHeader.encode(version, source: nil, destination: four)
            #expect(read(local) == .header(length: local.count, source: nil))
        }
    }
}
