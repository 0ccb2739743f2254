// Ledgers made up in few words: two servers, 10 until the time 10 and 11 from 11 on.

import ChaosChecker
import ConsistencyChecker

let refused = Outcome.refused(code: 9505, text: "rolled back")
let unknown = Outcome.unknown(code: 9504, text: "lost")

/// An insert of one time unit.
func insert(_ id: Int, at began: Double = 1, _ outcome: Outcome = .acknowledged) -> LedgerWrite {
    LedgerWrite(id: id, kind: .insert, began: began, ended: began + 1, outcome: outcome)
}

/// A transfer of one time unit.
func transfer(_ id: Int, at began: Double = 1, _ outcome: Outcome = .acknowledged) -> LedgerWrite {
    LedgerWrite(id: id, kind: .transfer, began: began, ended: began + 1, outcome: outcome)
}

/// The record of these writes.
func record(_ writes: LedgerWrite..., change: (inout LedgerRecord) -> Void = { _ in }) -> LedgerRecord {
    let reigns = [Reign(server: 10, opened: 0, closed: 10), Reign(server: 11, opened: 11)]
    var record = LedgerRecord(writes: writes, reigns: reigns)
    change(&record)
    return record
}

/// Both entries of a transfer of 5 from account 0 to account 1.
func entries(by server: Int = 10) -> [LedgerEntry] {
    [LedgerEntry(account: 0, amount: -5, server: server), LedgerEntry(account: 1, amount: 5, server: server)]
}

/// Rows with two accounts that no transfer has touched.
func rows(_ inserts: [Int: [Int]] = [:], change: (inout LedgerRows) -> Void = { _ in }) -> LedgerRows {
    var rows = LedgerRows()
    rows.inserts = inserts
    rows.balances = [0: LedgerRows.openingBalance, 1: LedgerRows.openingBalance]
    change(&rows)
    return rows
}

/// The rules that a record breaks.
func broken(_ record: LedgerRecord, _ rows: LedgerRows) -> [LedgerRule] {
    LedgerChecker.violations(record, rows).map(\.rule)
}
