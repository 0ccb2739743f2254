// The demonstration's tables: accounts whose sum never changes, orders that must never get lost, a counter per writer.

/// The tables and what is true of them at any moment.
enum DemoSchema {
    /// The schema that the cluster's application account owns.
    static let name = "app"
    static let accountsPerWriter = 50
    static let openingBalance = 1_000
    static var accounts: Int { accountsPerWriter * QuickstartLimits.writers }

    /// Creates and fills everything.
    static var statements: [String] {
        let balances = (1...accounts).map { "(\($0), \(openingBalance))" }.joined(separator: ", ")
        let counters = (1...QuickstartLimits.writers).map { "(\($0), 0)" }.joined(separator: ", ")
        return [
            "CREATE TABLE accounts (id INT PRIMARY KEY, balance BIGINT NOT NULL)",
            "CREATE TABLE orders (writer INT, number INT, amount INT NOT NULL, PRIMARY KEY (writer, number))",
            "CREATE TABLE counters (writer INT PRIMARY KEY, value BIGINT NOT NULL)",
            "INSERT INTO accounts VALUES \(balances)",
            "INSERT INTO counters VALUES \(counters)",
        ]
    }

    /// Money is only moved: this holds in every snapshot of every node.
    static let accountsQuestion = "SELECT COUNT(*), SUM(balance) FROM accounts"
    static var accountsAnswer: [[String?]] { [["\(accounts)", "\(accounts * openingBalance)"]] }
}
