// Who may log in: the accounts of the settings, or those mirrored from the primary.
internal import Security
internal import Synchronization

/// The answer to a login's question.
package enum AccountLookup: Equatable, Sendable {
    /// No account matches.
    case unknown
    /// No accounts are known yet, with the reason.
    case unavailable(String)
    /// The account.
    case account(Account)
}

/// The accounts of one cluster's clients, or of the console. Any thread.
package final class AccountDirectory: Sendable {
    private struct State {
        var accounts: [String: [Account]]?
        /// What decoys are made of.
        var served: [Account] = []
        var reason: String

        mutating func adopt(_ accounts: [Account]) {
            self.accounts = AccountDirectory.indexed(accounts)
            served = accounts.filter(\.isForDecoys)
        }
    }
    private let state: Mutex<State>
    /// Passwords proved by clients.
    let passwords = PasswordCache()
    /// Seeds what decoys are made of.
    private let decoySeed = SecureRandom.bytes(count: SHA256.size)
    private let refreshing: (@Sendable (_ completion: @escaping @Sendable () -> Void) -> Void)?

    /// - Parameters:
    ///   - accounts: nil while they are still to be mirrored.
    ///   - refresh: has mirrored accounts read again, and says when they were, or could not be; both within a bounded
    ///     time. Nil for accounts that only a reload changes.
    package init(
        accounts: [Account]?,
        refresh: (@Sendable (_ completion: @escaping @Sendable () -> Void) -> Void)? = nil
    ) {
        var state = State(reason: "the accounts were not read from the primary yet")
        if let accounts { state.adopt(accounts) }
        self.state = Mutex(state)
        refreshing = refresh
    }

    /// Replaces all accounts.
    package func replace(_ accounts: [Account]) {
        state.withLock { $0.adopt(accounts) }
        passwords.keep(Set(accounts.flatMap(\.methods).map(\.verifier)))
    }

    /// Whether the accounts may be newer where they come from.
    var canRefresh: Bool { refreshing != nil }

    /// Has the accounts read again; `completion` comes from any thread.
    func refresh(_ completion: @escaping @Sendable () -> Void) {
        guard let refreshing else { return completion() }
        refreshing(completion)
    }

    /// The account that MySQL would choose: the most specific host pattern first, a named user before the anonymous one.
    package func find(user: String, host: String) -> AccountLookup {
        let (candidates, reason) = state.withLock { state -> ([Account]?, String) in
            guard let accounts = state.accounts else { return (nil, state.reason) }
            return (Self.merged(accounts[user] ?? [], user.isEmpty ? [] : accounts[""] ?? []), "")
        }
        guard let candidates else { return .unavailable(reason) }
        guard let account = candidates.first(where: { HostPattern.matches($0.host, host) }) else {
            return .unknown
        }
        return .account(account)
    }

    /// An account to play to a user who has none, so that nobody learns who has one: it asks what the account of another
    /// user asks, always the same one's.
    func decoy(for user: String) -> Account {
        let sample = state.withLock { state -> Account? in
            guard !state.served.isEmpty else { return nil }
            // Swift's hashes are seeded anew in every process.
            return state.served[Int(UInt(bitPattern: user.hashValue) % UInt(state.served.count))]
        }
        let seed = SHA256.hash(decoySeed, Array(user.utf8))
        let nobody = Account(
            user: user, host: "%", methods: [AuthMethod(plugin: "", verifier: .password(SecretBytes([])))])
        return (sample ?? nobody).decoy(user: user, seed: seed)
    }

    /// By host first, as servers sort: the anonymous account of a host goes before a named one of any host.
    private static func merged(_ named: [Account], _ anonymous: [Account]) -> [Account] {
        guard !anonymous.isEmpty else { return named }
        return (named + anonymous).enumerated().sorted { one, other in
            if HostPattern.isMoreSpecific(one.element.host, other.element.host) { return true }
            if HostPattern.isMoreSpecific(other.element.host, one.element.host) { return false }
            return one.offset < other.offset
        }.map(\.element)
    }

    fileprivate static func indexed(_ accounts: [Account]) -> [String: [Account]] {
        Dictionary(grouping: accounts, by: \.user).mapValues { group in
            group.sorted { HostPattern.isMoreSpecific($0.host, $1.host) }
        }
    }
}

/// Host patterns of accounts: `%` stands for any run, `_` for one character; matching ignores case.
enum HostPattern {
    /// Whether `host` (an address, or `localhost` for a Unix socket) matches.
    static func matches(_ pattern: String, _ host: String) -> Bool {
        // An empty host means any host.
        if pattern.isEmpty { return true }
        if pattern.lowercased() == "localhost" { return host == "localhost" || host == "127.0.0.1" || host == "::1" }
        if let slash = pattern.firstIndex(of: "/") { return matchesNetmask(pattern, slash, host) }
        return like(Array(pattern.lowercased().utf8)[...], Array(host.lowercased().utf8)[...])
    }

    /// MySQL sorts by where the first wildcard stands: the later, the more specific.
    static func isMoreSpecific(_ one: String, _ other: String) -> Bool {
        firstWildcard(one) > firstWildcard(other)
    }

    /// A whole name or address is the most specific, a netmask comes after it, an empty host last.
    private static func firstWildcard(_ pattern: String) -> Int {
        if pattern.isEmpty { return -1 }
        if pattern.contains("/") { return Int.max - 1 }
        return Array(pattern.utf8).firstIndex { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "_") } ?? Int.max
    }

    private static func like(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while let character = text.first {
            if pattern.first == UInt8(ascii: "%") {
                pattern = pattern.dropFirst()
                star = (pattern, text)
            } else if let wanted = pattern.first, wanted == UInt8(ascii: "_") || wanted == character {
                pattern = pattern.dropFirst()
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

    /// `192.168.1.0/255.255.255.0`, as MySQL allows for IPv4.
    private static func matchesNetmask(_ pattern: String, _ slash: String.Index, _ host: String) -> Bool {
        guard let network = octets(pattern[..<slash]), let mask = octets(pattern[pattern.index(after: slash)...]),
            let address = octets(host[...])
        else { return false }
        return address & mask == network
    }

    private static func octets(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let octet = UInt8(part) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }
}
