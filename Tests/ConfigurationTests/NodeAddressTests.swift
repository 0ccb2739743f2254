// Addresses as people write them.

import Testing

@testable import Configuration

@Suite struct NodeAddressTests {
    @Test(arguments: [
        ("127.0.0.1:23306", NodeAddress.host("127.0.0.1", port: 23306)),
        ("127.0.0.1", .host("127.0.0.1", port: 3306)),
        ("[::1]:3307", .host("::1", port: 3307)),
        ("[FE80::1%eth0]", .host("fe80::1%eth0", port: 3306)),
        ("DB.example:3306", .host("db.example", port: 3306)),
        ("my_db-1", .host("my_db-1", port: 3306)),
        ("unix:/run/mysqld.sock", .unix(path: "/run/mysqld.sock")),
        ("/run/mysqld.sock", .unix(path: "/run/mysqld.sock")),
        ("h:0", .host("h", port: 0)),
        ("h:65535", .host("h", port: 65535)),
    ])
    func `an address is read and its description reads back as the same address`(text: String, address: NodeAddress) {
        #expect(NodeAddress(text) == address)
        #expect(NodeAddress(address.description) == address)
    }

    @Test(arguments: [
        "", ":3306", "*:3306", "h:", "h:65536", "h:-1", "h:+1", "h:٣", "a:b:c", "::1", "[::1", "[::1]x", "[::1]:",
        "[h]:1",
        "[::1%]:1", "300.1.1.1", "10.0.0", "6306", "user@h:1", "h h", "-h", "unix:", "unix:run.sock", "/",
        "/\(String(repeating: "x", count: 107))", String(repeating: "x", count: 254), "/a\0b",
    ])
    func `what is not an address is refused`(text: String) {
        #expect(NodeAddress(text) == nil)
    }

    @Test func `the default port is the caller's`() {
        #expect(NodeAddress("h", defaultPort: 6306) == .host("h", port: 6306))
        #expect(NodeAddress("[::1]", defaultPort: 6306) == .host("::1", port: 6306))
    }

    @Test func `an IPv6 address without brackets is shown with them`() {
        let error = #expect(throws: NodeAddress.ParseError.self) { try NodeAddress.parse("::1") }
        #expect(error?.suggestion == "write an IPv6 address in brackets, \"[::1]:3306\"")
    }
}
