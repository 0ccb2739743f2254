// Where a server or a listener is: a host with a port, or the path of a Unix socket.

internal import Glibc

/// An address as written in the settings file. `description` is text that parses to the same value again.
package enum NodeAddress: Sendable, Hashable {
    /// A host name, an IPv4 address, or an IPv6 address without its brackets; and a port.
    case host(String, port: UInt16)
    /// The absolute path of a Unix socket.
    case unix(path: String)
}

extension NodeAddress {
    /// The longest path that fits in `sockaddr_un.sun_path` together with its terminating zero (unix(7)).
    package static let maximumUnixPathBytes = 107
    /// The longest host name (RFC 1035, section 2.3.4).
    package static let maximumHostBytes = 253

    /// Why a text is not an address; a sentence that does not repeat the text.
    package struct ParseError: Error, Sendable, Equatable {
        /// What is wrong.
        package var message: String
        /// What to write instead, if that can be guessed.
        package var suggestion: String?
    }

    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port`, `/path` or `unix:/path`.
    package static func parse(
        _ text: String, defaultPort: UInt16 = DefaultPort.server
    ) throws(ParseError) -> NodeAddress {
        if text.hasPrefix("unix:") { return try unixPath(text.dropFirst(5)) }
        if text.hasPrefix("/") { return try unixPath(text[...]) }
        if text.hasPrefix("[") { return try bracketed(text, defaultPort: defaultPort) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1:
            return .host(try hostName(parts[0]), port: defaultPort)
        case 2:
            return .host(try hostName(parts[0]), port: try portNumber(parts[1]))
        default:
            let suggestion = isIPv6(text) ? "write an IPv6 address in brackets, \"[\(text)]:\(defaultPort)\"" : nil
            throw ParseError(message: "more than one ':' in an address", suggestion: suggestion)
        }
    }

    /// The same as `parse`, `nil` when the text is not an address.
    package init?(_ text: String, defaultPort: UInt16 = DefaultPort.server) {
        do throws(ParseError) {
            self = try Self.parse(text, defaultPort: defaultPort)
        } catch {
            return nil
        }
    }

    private static func unixPath(_ path: Substring) throws(ParseError) -> NodeAddress {
        guard path.hasPrefix("/"), path.utf8.count > 1 else {
            throw ParseError(message: "the path of a Unix socket must be absolute", suggestion: nil)
        }
        guard path.utf8.count <= maximumUnixPathBytes else {
            throw ParseError(
                message: "the path of a Unix socket is longer than \(maximumUnixPathBytes) bytes", suggestion: nil)
        }
        guard !path.utf8.contains(0) else {
            throw ParseError(message: "the path of a Unix socket contains a zero byte", suggestion: nil)
        }
        return .unix(path: String(path))
    }

    private static func bracketed(_ text: String, defaultPort: UInt16) throws(ParseError) -> NodeAddress {
        guard let close = text.firstIndex(of: "]") else {
            throw ParseError(message: "'[' without ']' in an address", suggestion: nil)
        }
        let host = String(text[text.index(after: text.startIndex)..<close]).lowercased()
        guard isIPv6(host) else {
            throw ParseError(message: "the text in brackets is not an IPv6 address", suggestion: nil)
        }
        let rest = text[text.index(after: close)...]
        if rest.isEmpty { return .host(host, port: defaultPort) }
        guard rest.hasPrefix(":") else {
            throw ParseError(message: "only ':' and a port may follow ']'", suggestion: nil)
        }
        return .host(host, port: try portNumber(rest.dropFirst()))
    }

    private static func portNumber(_ text: Substring) throws(ParseError) -> UInt16 {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(text) else {
            throw ParseError(message: "the port must be a number from 0 to 65535", suggestion: nil)
        }
        return port
    }

    private static func hostName(_ text: Substring) throws(ParseError) -> String {
        guard !text.isEmpty else {
            throw ParseError(message: "the host is missing", suggestion: "0.0.0.0 means every IPv4 address")
        }
        guard text != "*" else {
            throw ParseError(message: "'*' is not a host", suggestion: "0.0.0.0 means every IPv4 address")
        }
        guard text.utf8.count <= maximumHostBytes, text.utf8.allSatisfy(isHostByte), !text.hasPrefix("-") else {
            throw ParseError(
                message: "a host is made of letters, digits, '-', '_' and '.'; at most \(maximumHostBytes) bytes",
                suggestion: nil)
        }
        let host = text.lowercased()
        if host.utf8.allSatisfy({ $0 == 0x2E || ($0 >= 0x30 && $0 <= 0x39) }), !isIPv4(host) {
            throw ParseError(message: "only digits, but not an IPv4 address", suggestion: nil)
        }
        return host
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default:
            false
        }
    }

    private static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    private static func isIPv6(_ text: String) -> Bool {
        // A link-local address may carry its interface behind '%'; inet_pton(3) does not know that part.
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[1].isEmpty || !parts[1].utf8.allSatisfy(isHostByte) { return false }
        var address = in6_addr()
        return inet_pton(AF_INET6, String(parts[0]), &address) == 1
    }
}

extension NodeAddress: CustomStringConvertible {
    /// `host:port`, `[v6]:port` or `unix:/path`.
    package var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
