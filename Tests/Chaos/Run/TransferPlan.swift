// The statements of one transfer.

import TestSupport

/// A transfer from one account to another, in 2 to 10 statements between START TRANSACTION and COMMIT.
struct TransferPlan {
    let id: Int
    let amount: Int
    /// The account whose number is smaller, and what it gets (or gives, below 0); the other one gets the opposite.
    /// In this order, transfers that meet wait for each other and do not end in deadlocks.
    let first: Int
    let change: Int
    let second: Int
    /// How many statements.
    let size: Int

    static let sizes = 2...10

    init(id: Int, accounts: Range<Int>, _ dice: inout Dice) {
        self.id = id
        amount = 1 + dice.roll(9)
        let from = accounts.lowerBound + dice.roll(accounts.count)
        var to = accounts.lowerBound + dice.roll(accounts.count - 1)
        if to >= from { to += 1 }
        first = min(from, to)
        second = max(from, to)
        change = first == from ? -amount : amount
        size = Self.sizes.lowerBound + dice.roll(Self.sizes.count)
    }

    /// Reads both balances and keeps others from changing them; only some transfers begin with it.
    var lock: LedgerStatement? {
        guard size == 3 || size >= 5 else { return nil }
        let text = "SELECT balance FROM app.accounts WHERE id IN (?, ?) ORDER BY id FOR UPDATE"
        return LedgerStatement(text: text, values: [first, second])
    }

    /// What follows. `balances` are those that were locked; empty when nothing was.
    func statements(after balances: [Int]) -> [LedgerStatement] {
        guard size > 3 else { return [both, entries] }
        var all = [
            update(first, by: change), update(second, by: -change), entry(first, change), entry(second, -change),
        ]
        let remaining = max(0, size - 5)
        for index in 0..<remaining { all.append(read(index, balances)) }
        return all
    }

    private var both: LedgerStatement {
        LedgerStatement(
            text: "UPDATE app.accounts SET balance = balance + IF(id = ?, ?, ?) WHERE id IN (?, ?)",
            values: [first, change, -change, first, second])
    }

    private var entries: LedgerStatement {
        LedgerStatement(
            text: "INSERT INTO app.entries (transfer, account, amount, server) "
                + "VALUES (?, ?, ?, @@server_id), (?, ?, ?, @@server_id)",
            values: [id, first, change, id, second, -change])
    }

    private func update(_ account: Int, by amount: Int) -> LedgerStatement {
        LedgerStatement(
            text: "UPDATE app.accounts SET balance = balance + ? WHERE id = ?", values: [amount, account])
    }

    private func entry(_ account: Int, _ amount: Int) -> LedgerStatement {
        LedgerStatement(
            text: "INSERT INTO app.entries (transfer, account, amount, server) VALUES (?, ?, ?, @@server_id)",
            values: [id, account, amount])
    }

    /// Looks at what the transaction itself did.
    private func read(_ index: Int, _ balances: [Int]) -> LedgerStatement {
        if index % 3 == 2 || balances.count != 2 {
            return LedgerStatement(
                text: "SELECT COUNT(*) FROM app.entries WHERE transfer = ?", values: [id], expected: 2)
        }
        let isFirst = index % 3 == 0
        return LedgerStatement(
            text: "SELECT balance FROM app.accounts WHERE id = ?", values: [isFirst ? first : second],
            expected: isFirst ? balances[0] + change : balances[1] - change)
    }
}
