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
    private struct Candidate {
        let account: Account
        let host: HostPattern
    }

    private struct State {
        var accounts: [String: [Candidate]]?
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
    /// Whether the accounts come from the primary.
    private let isMirrored: Atomic<Bool>
    private let refreshing: (@Sendable (_ completion: @escaping @Sendable () -> Void) -> Void)?

    /// - Parameters:
    ///   - accounts: nil while they are still to be mirrored.
    ///   - refresh: has mirrored accounts read again, and says when they were, or could not be; both within a bounded
    ///     time. Nil for accounts that are never mirrored.
    ///   - isMirrored: whether the accounts are mirrored, if they can be.
    package init(
        accounts: [Account]?,
        refresh: (@Sendable (_ completion: @escaping @Sendable () -> Void) -> Void)? = nil, isMirrored: Bool = true
    ) {
        self.isMirrored = Atomic(isMirrored)
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
    var canRefresh: Bool { refreshing != nil && isMirrored.load(ordering: .relaxed) }

    /// Replaces all accounts, and says where they come from now.
    package func replace(_ accounts: [Account], isMirrored: Bool) {
        self.isMirrored.store(isMirrored, ordering: .relaxed)
        replace(accounts)
    }

    /// Has the accounts read again; `completion` comes from any thread.
    func refresh(_ completion: @escaping @Sendable () -> Void) {
        guard let refreshing, canRefresh else { return completion() }
        refreshing(completion)
    }

    /// The account that MySQL would choose: the most specific host pattern first, a named user before the anonymous one.
    package func find(user: String, host: String) -> AccountLookup {
        let (candidates, reason) = state.withLock { state -> ([Candidate]?, String) in
            guard let accounts = state.accounts else { return (nil, state.reason) }
            return (Self.merged(accounts[user] ?? [], user.isEmpty ? [] : accounts[""] ?? []), "")
        }
        guard let candidates else { return .unavailable(reason) }
        guard let found = candidates.first(where: { $0.host.matches(host) }) else { return .unknown }
        return .account(found.account)
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
    private static func merged(_ named: [Candidate], _ anonymous: [Candidate]) -> [Candidate] {
        guard !anonymous.isEmpty else { return named }
        return (named + anonymous).enumerated().sorted { one, other in
            if one.element.host.isMoreSpecific(than: other.element.host) { return true }
            if other.element.host.isMoreSpecific(than: one.element.host) { return false }
            return one.offset < other.offset
        }.map(\.element)
    }

    private static func indexed(_ accounts: [Account]) -> [String: [Candidate]] {
        let candidates = accounts.map { Candidate(account: $0, host: HostPattern($0.host, $0.hostRules)) }
        return Dictionary(grouping: candidates, by: \.account.user).mapValues { group in
            group.sorted { one, other in
                if one.host.isMoreSpecific(than: other.host) { return true }
                return !other.host.isMoreSpecific(than: one.host) && one.host.goesBeforeEqual(other.host)
            }
        }
    }
}
