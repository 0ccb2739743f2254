// Host patterns of accounts, as servers match and order them.

/// What hosts of accounts mean on the servers that the accounts are from.
package struct HostRules: Sendable, Hashable {
    /// Addresses have lengths of prefixes (`10.0.0.0/8`), as on MySQL from 8.0.23 on, and come before all names.
    /// MariaDB takes such an account for a name, which no client has.
    package var knowsPrefixes: Bool
    /// A client of TCP from this machine is `localhost`, too. Not with `skip_name_resolve`.
    package var resolvesNames: Bool

    /// Rules by their parts.
    package init(knowsPrefixes: Bool = true, resolvesNames: Bool = true) {
        self.knowsPrefixes = knowsPrefixes
        self.resolvesNames = resolvesNames
    }
}

/// The host of an account: `%` stands for any run, `_` for one character, `\` in front of either for itself; matching
/// ignores case. Names other than `localhost` match nobody: addresses are not looked up.
/// https://dev.mysql.com/doc/refman/8.4/en/account-names.html and what servers do (MariaDB 10.11 and 11.8, MySQL 9.7).
struct HostPattern {
    private enum Kind: Int { case name, mask, prefix, address }

    private let text: [UInt8]
    private let rules: HostRules
    private let kind: Kind
    private let network: UInt32
    private let mask: UInt32

    init(_ pattern: String, _ rules: HostRules = HostRules()) {
        text = Array(pattern.lowercased().utf8)
        self.rules = rules
        (kind, network, mask) = Self.parse(text, rules)
    }

    /// Whether `host` (an address, or `localhost` for a Unix socket) matches.
    func matches(_ host: String) -> Bool {
        // An empty host means any host.
        if text.isEmpty { return true }
        if kind != .name, let address = Self.octets(Array(host.utf8)[...]) { return address & mask == network }
        if host == "::1" || host == "127.0.0.1", rules.resolvesNames,
            Self.like(text[...], Array("localhost".utf8)[...])
        {
            return true
        }
        return Self.like(text[...], Array(host.lowercased().utf8)[...])
    }

    // MARK: Order

    /// Whether servers look at it first. MySQL looks at addresses before all names, and at the larger network last;
    /// everything else goes by where the first wildcard stands.
    func isMoreSpecific(than other: HostPattern) -> Bool { rank > other.rank }

    private var rank: (Int, UInt32, Int) {
        rules.knowsPrefixes ? (kind.rawValue, mask, firstWildcard) : (0, 0, firstWildcard)
    }

    /// Where servers have no order, it is always the same one. MariaDB has this one.
    func goesBeforeEqual(_ other: HostPattern) -> Bool { other.text.lexicographicallyPrecedes(text) }

    /// An empty host comes last.
    private var firstWildcard: Int {
        if text.isEmpty { return -1 }
        var position = 0
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "%"), UInt8(ascii: "_"): return position
            default: position += 1
            }
        }
        return Int.max
    }

    // MARK: Names

    private static func like(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while let character = text.first {
            if pattern.first == UInt8(ascii: "%") {
                pattern = pattern.dropFirst()
                star = (pattern, text)
            } else if let width = width(of: pattern, matching: character) {
                pattern = pattern.dropFirst(width)
                text = text.dropFirst()
            } else if let back = star {
                pattern = back.pattern
                text = back.text.dropFirst()
                star = (pattern, text)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "%") }
    }

    /// How many bytes of the pattern stand for this character; nil when they do not.
    private static func width(of pattern: ArraySlice<UInt8>, matching character: UInt8) -> Int? {
        guard let first = pattern.first else { return nil }
        if first == UInt8(ascii: "\\"), let literal = pattern.dropFirst().first {
            return literal == character ? 2 : nil
        }
        return first == UInt8(ascii: "_") || first == character ? 1 : nil
    }

    // MARK: Addresses

    /// `192.168.1.0/255.255.255.0`, and with MySQL's rules `192.168.1.0/24` and `192.168.1.7`. IPv4 only.
    private static func parse(_ text: [UInt8], _ rules: HostRules) -> (Kind, UInt32, UInt32) {
        let name = (Kind.name, UInt32(0), UInt32(0))
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else {
            guard rules.knowsPrefixes, let address = octets(text[...]), address != 0 else { return name }
            return (.address, address, .max)
        }
        guard let network = octets(text[..<slash]) else { return name }
        let tail = text[(slash + 1)...]
        // Servers take a mask of nothing for no mask.
        if let mask = octets(tail) { return mask == 0 ? name : (.mask, network, mask) }
        guard rules.knowsPrefixes, tail.count <= 2, let length = number(tail), (1...32).contains(length)
        else { return name }
        return (.prefix, network, UInt32.max << UInt32(32 - length))
    }

    /// Digits alone: a sign is none.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self))
    }

    private static func octets(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let octet = number(part) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }
}
