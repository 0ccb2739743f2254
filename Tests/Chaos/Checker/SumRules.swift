// What must be true of balances and counters, which have no number for each change.

/// Checks the sums.
enum SumRules {
    static func violations(_ record: LedgerRecord, _ rows: LedgerRows) -> [LedgerViolation] {
        balances(rows) + counters(record, rows)
    }

    /// Each balance is what the entries say, so that all together stay what they were.
    private static func balances(_ rows: LedgerRows) -> [LedgerViolation] {
        var violations: [LedgerViolation] = []
        for (account, balance) in rows.balances.sorted(by: { $0.key < $1.key }) {
            let expected = LedgerRows.openingBalance + (rows.sums[account] ?? 0)
            if balance != expected {
                let text = "account \(account) has \(balance) in place of \(expected)"
                violations.append(LedgerViolation(.unbalanced, text))
            }
        }
        let sum = rows.balances.values.reduce(0, +)
        let expected = rows.balances.count * LedgerRows.openingBalance
        if sum != expected {
            violations.append(LedgerViolation(.unbalanced, "all accounts have \(sum) in place of \(expected)"))
        }
        return violations
    }

    private static func counters(_ record: LedgerRecord, _ rows: LedgerRows) -> [LedgerViolation] {
        let loss = record.mayLose ? record.loss : Loss()
        var violations: [LedgerViolation] = []
        for (counter, value) in rows.counters.sorted(by: { $0.key < $1.key }) {
            let tally = record.increments[counter] ?? Tally()
            let done = value + (loss.increments[counter] ?? 0)
            let most = tally.acknowledged + tally.unknown
            // Inserts have numbers, so that one done twice is found even where this rule cannot tell.
            if value <= most, tally.acknowledged...(most + (loss.redone[counter] ?? 0)) ~= done { continue }
            let rule = done < tally.acknowledged ? LedgerRule.lostIncrement : .doubledIncrement
            let range = most == tally.acknowledged ? "\(most)" : "\(tally.acknowledged) to \(most)"
            let text = "counter \(counter) was raised \(done) times in place of \(range), and has \(value)"
            violations.append(LedgerViolation(rule, text))
        }
        return violations
    }
}
