// A socket's address: IPv4, IPv6 or a Unix path, as the kernel wants it and as a person reads it.
package import Glibc

/// An address to bind or to connect to. Host names become these through `Resolver`.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The bytes of a `sockaddr`, exactly as long as the kernel expects.
    private let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Copies a kernel address; nil when it is empty (an unnamed Unix socket has no address but its family). An IPv4
    /// address in the clothes of IPv6, as a listener on `::` sees its IPv4 peers, becomes a plain IPv4 address: host
    /// patterns of accounts are written for those.
    package init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        guard length >= 2, length <= 128 else { return nil }
        let raw = Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
        bytes = Self.unmapped(raw) ?? raw
    }

    /// `::ffff:a.b.c.d` as a `sockaddr_in`; nil for every other address.
    private static func unmapped(_ raw: [UInt8]) -> [UInt8]? {
        let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        guard raw.count >= 24, UInt16(raw[0]) | UInt16(raw[1]) << 8 == UInt16(AF_INET6),
            raw[8..<20].elementsEqual(mappedPrefix)
        else { return nil }
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        var copy = withUnsafeBytes(of: &four) { Array($0) }
        copy.replaceSubrange(2..<4, with: raw[2..<4])
        copy.replaceSubrange(4..<8, with: raw[20..<24])
        return copy
    }

    /// A numeric IPv4 or IPv6 address with a port; nil when `host` is a name.
    package init?(numericHost host: String, port: UInt16) {
        var four = sockaddr_in()
        if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            bytes = withUnsafeBytes(of: &four) { Array($0) }
            return
        }
        var six = sockaddr_in6()
        guard inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else { return nil }
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        bytes = withUnsafeBytes(of: &six) { Array($0) }
    }

    /// A Unix path; nil when it is empty or longer than the kernel takes (107 bytes).
    package init?(unixPath path: String) {
        var address = sockaddr_un()
        let name = Array(path.utf8)
        guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        bytes = withUnsafeBytes(of: &address) { Array($0.prefix(2 + name.count + 1)) }
    }

    /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
    package var family: Int32 {
        Int32(UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
    }

    /// Whether this is a TCP address.
    package var isInternet: Bool { family == AF_INET || family == AF_INET6 }

    /// The port of a TCP address, else 0.
    package var port: UInt16 { isInternet && bytes.count >= 4 ? UInt16(bytes[2]) << 8 | UInt16(bytes[3]) : 0 }

    /// The numeric host, or the path of a Unix socket (empty for an unnamed one).
    package var host: String {
        switch family {
        case AF_INET where bytes.count >= 8: return text(AF_INET, offset: 4)
        case AF_INET6 where bytes.count >= 24: return text(AF_INET6, offset: 8)
        case AF_UNIX: return String(decoding: bytes.dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
        default: return ""
        }
    }

    /// The bytes of an internet address, without the port.
    var addressBytes: [UInt8] {
        switch family {
        case AF_INET where bytes.count >= 8: Array(bytes[4..<8])
        case AF_INET6 where bytes.count >= 24: Array(bytes[8..<24])
        default: []
        }
    }

    /// An IPv4 address in the clothes of IPv6 as what it is.
    var withoutMapping: SocketAddress { Self.unmapped(bytes).map(SocketAddress.init(bytes:)) ?? self }

    package var description: String {
        switch family {
        case AF_INET6: "[\(host)]:\(port)"
        case AF_UNIX: "unix:\(host)"
        default: "\(host):\(port)"
        }
    }

    func withKernelAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { raw in
            var storage = sockaddr_storage()
            return withUnsafeMutableBytes(of: &storage) { target in
                target.copyMemory(from: raw)
                return target.withMemoryRebound(to: sockaddr.self) { rebound in
                    guard let base = rebound.baseAddress else { preconditionFailure("a sockaddr_storage has bytes") }
                    return body(UnsafePointer(base), socklen_t(bytes.count))
                }
            }
        }
    }

    private func text(_ family: Int32, offset: Int) -> String {
        var output = [CChar](repeating: 0, count: 64)
        let found = bytes.withUnsafeBytes { raw in
            inet_ntop(family, raw.baseAddress.map { $0 + offset }, &output, socklen_t(output.count)) != nil
        }
        guard found else { return "" }
        return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
