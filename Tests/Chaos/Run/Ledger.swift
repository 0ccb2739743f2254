// What all clients of a run share.

import Synchronization

/// The ways in, the ids, and what is under way at this moment.
final class Ledger: Sendable {
    let options: ChaosOptions
    /// The splitting listeners of the proxies.
    let listeners: [Listener]
    let inFlight = InFlight()
    private let ids = Atomic<Int>(0)
    private let acknowledgements = Atomic<Int>(0)

    /// An account without a password.
    static let user = "ledger"
    static let accountsPerClient = 4
    static let counters = 8

    /// Where clients connect to.
    struct Listener: Sendable {
        let host: String
        let port: UInt16
    }

    init(_ options: ChaosOptions, _ listeners: [Listener]) {
        self.options = options
        self.listeners = listeners
    }

    /// At least so many that servers look for them by their key: a scan would lock them all.
    var accounts: Int { max(256, options.clients * Self.accountsPerClient) }

    /// An id that no other write has. They ascend, beginning at 1.
    func makeID() -> Int { ids.add(1, ordering: .relaxed).newValue }

    /// The first id that nobody has yet.
    var nextID: Int { ids.load(ordering: .relaxed) + 1 }

    func acknowledge() { acknowledgements.add(1, ordering: .relaxed) }

    /// Acknowledged writes so far.
    var acknowledged: Int { acknowledgements.load(ordering: .relaxed) }
}

/// What clients wait for.
final class InFlight: Sendable {
    private let statements = Atomic<Int>(0)
    private let commits = Atomic<Int>(0)
    private let transactions = Atomic<Int>(0)

    /// How much of it there was at one moment.
    struct Count: Sendable {
        /// Statements sent and not answered.
        let statements: Int
        /// Those of them that commit: COMMIT, and writes outside of transactions.
        let commits: Int
        /// Open transactions.
        let transactions: Int
    }

    var count: Count {
        Count(
            statements: statements.load(ordering: .relaxed), commits: commits.load(ordering: .relaxed),
            transactions: transactions.load(ordering: .relaxed))
    }

    func sent(commits isCommit: Bool) {
        statements.add(1, ordering: .relaxed)
        if isCommit { commits.add(1, ordering: .relaxed) }
    }

    func answered(commits isCommit: Bool) {
        statements.subtract(1, ordering: .relaxed)
        if isCommit { commits.subtract(1, ordering: .relaxed) }
    }

    func began() { transactions.add(1, ordering: .relaxed) }

    func ended() { transactions.subtract(1, ordering: .relaxed) }
}
