// The PROXY protocol: who the client of a connection is, said by the proxy in front, before anything else.

/// A header of version 1 (text) or 2 (binary). A pure reader and writer.
/// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
package enum ProxyHeader {
    /// What to write.
    package enum Version: Sendable, Equatable { case v1, v2 }

    /// What the first bytes of a connection are.
    package enum Reading: Equatable, Sendable {
        /// A header so far, and not whole.
        case incomplete
        /// A header of `length` bytes. Without a source it speaks of nobody but the proxy itself.
        case header(length: Int, source: SocketAddress?)
        /// No header, and why not.
        case invalid(String)
    }

    /// The longest line of version 1, with its end.
    static let lineMaximum = 107
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    /// Reads the first bytes of a connection. Decides on as few as possible.
    package static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
        if matches(bytes, signature) {
            return bytes.count < 16 ? .incomplete : readBinary(bytes)
        }
        if matches(bytes, Array("PROXY ".utf8)) { return readLine(bytes) }
        return .invalid("no PROXY protocol header")
    }

    private static func matches(_ bytes: UnsafeRawBufferPointer, _ start: [UInt8]) -> Bool {
        zip(bytes, start).allSatisfy { $0 == $1 }
    }

    private static func readBinary(_ bytes: UnsafeRawBufferPointer) -> Reading {
        let (version, command, family) = (bytes[12] >> 4, bytes[12] & 15, bytes[13] >> 4)
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard version == 2, command <= 1 else { return .invalid("an unknown version or command") }
        guard length <= NetworkLimits.proxyHeaderBytes else { return .invalid("a header of \(length) bytes") }
        guard bytes.count >= 16 + length else { return .incomplete }
        let total = 16 + length
        let block = UnsafeRawBufferPointer(rebasing: bytes[16..<total])
        switch (command, family) {
        // LOCAL, an unspecified family, and Unix sockets.
        case (0, _), (1, 0), (1, 3): return .header(length: total, source: nil)
        case (1, 1):
            guard length >= 12 else { return .invalid("an address that is too short") }
            let host = block[0..<4].map { "\($0)" }.joined(separator: ".")
            return addressed(total, host, UInt16(block[8]) << 8 | UInt16(block[9]))
        case (1, 2):
            guard length >= 36 else { return .invalid("an address that is too short") }
            let groups = stride(from: 0, to: 16, by: 2).map {
                String(UInt16(block[$0]) << 8 | UInt16(block[$0 + 1]), radix: 16)
            }
            return addressed(total, groups.joined(separator: ":"), UInt16(block[32]) << 8 | UInt16(block[33]))
        default: return .invalid("an unknown address family")
        }
    }

    private static func addressed(_ length: Int, _ host: String, _ port: UInt16) -> Reading {
        guard let source = SocketAddress(numericHost: host, port: port) else { return .invalid("an unusable address") }
        return .header(length: length, source: source.withoutMapping)
    }

    private static func readLine(_ bytes: UnsafeRawBufferPointer) -> Reading {
        let head = bytes.prefix(lineMaximum)
        guard let end = head.firstIndex(of: 0x0A) else {
            return bytes.count < lineMaximum ? .incomplete : .invalid("a line without end")
        }
        guard end > 0, head[end - 1] == 0x0D else { return .invalid("a line that does not end with CR LF") }
        let words = String(decoding: head[..<(end - 1)], as: UTF8.self).split(
            separator: " ", omittingEmptySubsequences: false)
        if words.count >= 2, words[1] == "UNKNOWN" { return .header(length: end + 1, source: nil) }
        guard words.count == 6, words[1] == "TCP4" || words[1] == "TCP6", let port = UInt16(words[4]),
            UInt16(words[5]) != nil, (words[1] == "TCP6") == words[2].contains(":")
        else { return .invalid("a line that names no addresses") }
        return addressed(end + 1, String(words[2]), port)
    }

    // MARK: Writing

    /// The header for a client at `source`; nil stands for one that has no internet address.
    package static func encode(_ version: Version, source: SocketAddress?, destination: SocketAddress) -> [UInt8] {
        guard let source, source.isInternet, destination.isInternet else {
            return version == .v1 ? Array("PROXY UNKNOWN\r\n".utf8) : signature + [0x20, 0, 0, 0]
        }
        let (sourceHost, destinationHost) = (source.host, destination.host)
        let isSix = sourceHost.contains(":") || destinationHost.contains(":")
        let hosts = [sourceHost, destinationHost].map { isSix && !$0.contains(":") ? "::ffff:\($0)" : $0 }
        if version == .v1 {
            return Array(
                "PROXY \(isSix ? "TCP6" : "TCP4") \(hosts[0]) \(hosts[1]) \(source.port) \(destination.port)\r\n".utf8)
        }
        let addresses = hosts.compactMap { SocketAddress(numericHost: $0, port: 0)?.addressBytes }
        var block = addresses.flatMap { $0 }
        for port in [source.port, destination.port] { block += [UInt8(port >> 8), UInt8(port & 255)] }
        return signature + [0x21, isSix ? 0x21 : 0x11, 0, UInt8(block.count)] + block
    }
}
