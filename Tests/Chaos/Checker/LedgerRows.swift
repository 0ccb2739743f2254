// What is in the ledger's tables on one server.

/// One side of a transfer.
package struct LedgerEntry: Sendable, Equatable {
    package var account: Int
    package var amount: Int
    /// The `server_id` of who executed the statement.
    package var server: Int

    package init(account: Int, amount: Int, server: Int) {
        self.account = account
        self.amount = amount
        self.server = server
    }
}

/// The rows, or those from some id on.
package struct LedgerRows: Sendable, Equatable {
    /// What each account began with.
    package static let openingBalance = 1_000

    /// Who executed each insert, in ascending order, by its id: more than one is a write that was done again.
    package var inserts: [Int: [Int]] = [:]
    /// The entries by their transfer, in the order of their accounts.
    package var entries: [Int: [LedgerEntry]] = [:]
    package var balances: [Int: Int] = [:]
    /// The sum of all entries of each account.
    package var sums: [Int: Int] = [:]
    package var counters: [Int: Int] = [:]

    package init() {}

    /// Who executed a write.
    package func servers(of id: Int) -> Set<Int> {
        Set(inserts[id] ?? []).union(entries[id]?.map(\.server) ?? [])
    }
}
