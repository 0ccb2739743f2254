// Networks in the usual notation.

import Testing

@testable import Configuration

@Suite struct NetworkRangeTests {
    @Test func `addresses are in it or not`() throws {
        let table: [(String, [String], [String])] = [
            ("10.0.0.0/8", ["10.0.0.1", "10.255.255.255"], ["11.0.0.0", "::1", "localhost", ""]),
            ("192.168.1.128/25", ["192.168.1.200"], ["192.168.1.127"]), ("127.0.0.1", ["127.0.0.1"], ["127.0.0.2"]),
            ("0.0.0.0/0", ["8.8.8.8"], ["::1"]), ("fd00::/8", ["fd12::1"], ["fe00::1", "10.0.0.1"]),
        ]
        for (text, inside, outside) in table {
            let range = try #require(NetworkRange(text))
            for host in inside { #expect(range.contains(host), "\(host) in \(text)") }
            for host in outside { #expect(!range.contains(host), "\(host) not in \(text)") }
        }
    }

    @Test func `what is no network`() {
        for text in [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "host/8", "fd00::/129", "10.0.0.0/8/9", "/8",
        ] {
            #expect(NetworkRange(text) == nil, "\(text)")
        }
    }
}
