// A network in the usual notation, for example 10.0.0.0/8.
internal import Glibc

/// Addresses that share their first bits.
package struct NetworkRange: Sendable, Equatable {
    /// As it stands in the file.
    package let text: String
    private let bytes: [UInt8]
    private let prefixLength: Int

    /// An address alone, or with the number of bits that count; nil when it is neither IPv4 nor IPv6.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = Self.addressBytes(String(first)) else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...length).contains(given), !parts[1].hasPrefix("+") else { return nil }
            length = given
        }
        self.text = text
        self.bytes = bytes
        prefixLength = length
    }

    /// Whether a numeric address is in it.
    package func contains(_ host: String) -> Bool {
        guard let other = Self.addressBytes(host), other.count == bytes.count else { return false }
        let whole = prefixLength / 8
        guard bytes[..<whole].elementsEqual(other[..<whole]) else { return false }
        let rest = prefixLength % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return bytes[whole] & mask == other[whole] & mask
    }

    private static func addressBytes(_ host: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        return inet_pton(AF_INET6, host, &six) == 1 ? withUnsafeBytes(of: &six) { Array($0) } : nil
    }
}

extension NetworkRange {
    static func read(_ value: YAMLValue) -> NetworkRange? {
        guard let text = value.text(expected: "a network, for example 10.0.0.0/8") else { return nil }
        guard let range = NetworkRange(text) else {
            value.report("'\(text)' is no network: write one like 10.0.0.0/8 or fd00::/8")
            return nil
        }
        return range
    }
}
