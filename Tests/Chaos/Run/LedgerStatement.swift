// Statements of the ledger, as text or prepared.

/// A statement with `?` for each of its numbers.
struct LedgerStatement {
    var text: String
    var values: [Int] = []
    /// What its first cell must be; nil when that cannot be told.
    var expected: Int?
    /// Whether an acknowledgement says that it lasts: COMMIT, and writes outside of transactions.
    var commits = false

    /// All in one text.
    var spelled: String {
        let parts = text.split(separator: "?", omittingEmptySubsequences: false).map { String($0) }
        return zip(parts, values.map { "\($0)" } + [""]).map { $0 + $1 }.joined()
    }

    static let begin = LedgerStatement(text: "START TRANSACTION")
    static let commit = LedgerStatement(text: "COMMIT", commits: true)
    static let rollback = LedgerStatement(text: "ROLLBACK")

    static func insert(_ id: Int) -> LedgerStatement {
        LedgerStatement(
            text: "INSERT INTO app.writes (id, server) VALUES (?, @@server_id)", values: [id], commits: true)
    }

    static func raise(_ counter: Int) -> LedgerStatement {
        LedgerStatement(text: "UPDATE app.counters SET n = n + 1 WHERE id = ?", values: [counter], commits: true)
    }

    static func look(_ counter: Int) -> LedgerStatement {
        LedgerStatement(text: "SELECT n FROM app.counters WHERE id = ?", values: [counter])
    }

    static func find(_ id: Int) -> LedgerStatement {
        LedgerStatement(text: "SELECT COUNT(*) > 0 FROM app.writes WHERE id = ?", values: [id])
    }

    /// No moment shows another sum.
    static func sum(_ expected: Int) -> LedgerStatement {
        LedgerStatement(text: "SELECT SUM(balance) FROM app.accounts", expected: expected)
    }
}
