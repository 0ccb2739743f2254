// The servers' side of the ledger: what is in them before a run, and what they hold.

import ChaosChecker
import LocalCluster
import TestSupport

/// Prepares and reads the ledger's tables, past the proxy.
struct LedgerServers {
    let cluster: LocalCluster
    let options: ChaosOptions

    /// Makes the account and the tables. Tables of writes have no key that would hide a write done twice, and no
    /// numbers of their own that a write done again would change.
    func prepare(accounts: Int) throws {
        try cluster.execute(
            0,
            """
            CREATE USER '\(Ledger.user)'@'%' IDENTIFIED BY '';
            GRANT ALL PRIVILEGES ON app.* TO '\(Ledger.user)'@'%';
            CREATE TABLE app.writes (id BIGINT NOT NULL, server INT NOT NULL, KEY (id));
            CREATE TABLE app.entries (transfer BIGINT NOT NULL, account INT NOT NULL, amount BIGINT NOT NULL,
                server INT NOT NULL, KEY (transfer), KEY (account));
            CREATE TABLE app.accounts (id INT PRIMARY KEY, balance BIGINT NOT NULL);
            CREATE TABLE app.counters (id INT PRIMARY KEY, n BIGINT NOT NULL);
            INSERT INTO app.accounts VALUES \(values(accounts, LedgerRows.openingBalance));
            INSERT INTO app.counters VALUES \(values(Ledger.counters, 0));
            """)
        try cluster.waitUntilReplicated()
    }

    private func values(_ count: Int, _ value: Int) -> String {
        (0..<count).map { "(\($0), \(value))" }.joined(separator: ", ")
    }

    /// What a node holds: of writes and entries, those whose ids begin at `first`.
    func rows(of node: LocalNode, from first: Int) throws -> LedgerRows {
        let session = try WireClient(
            host: node.host, port: node.port, user: Ledger.user, schema: "app",
            plugin: options.flavor.accountPlugin)
        defer { session.close() }
        func numbers(_ sql: String) throws -> [[Int]] {
            try session.query(sql)[0].rows.map { row in row.map { $0.flatMap { Int($0) } ?? 0 } }
        }
        func pairs(_ sql: String) throws -> [Int: Int] {
            Dictionary(try numbers(sql).map { ($0[0], $0[1]) }) { $1 }
        }
        var rows = LedgerRows()
        for row in try numbers("SELECT id, server FROM writes WHERE id >= \(first) ORDER BY id, server") {
            rows.inserts[row[0], default: []].append(row[1])
        }
        let entries = """
            SELECT transfer, account, amount, server FROM entries WHERE transfer >= \(first)
            ORDER BY transfer, account, amount, server
            """
        for row in try numbers(entries) {
            rows.entries[row[0], default: []].append(LedgerEntry(account: row[1], amount: row[2], server: row[3]))
        }
        rows.sums = try pairs("SELECT account, SUM(amount) FROM entries GROUP BY account")
        rows.balances = try pairs("SELECT id, balance FROM accounts")
        rows.counters = try pairs("SELECT id, n FROM counters")
        return rows
    }
}
