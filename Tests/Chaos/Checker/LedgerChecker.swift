// The judgement: a pure function of what was recorded and what is there.

/// Checks a record against the primary's rows.
package enum LedgerChecker {
    /// Everything that is broken. `rows` holds at least all rows of the record's writes, and none of earlier ones.
    package static func violations(_ record: LedgerRecord, _ rows: LedgerRows) -> [LedgerViolation] {
        var presence = PresenceRules(record, rows)
        presence.check()
        var writers = WriterRules(record, rows)
        writers.check()
        let unseen = record.unseen.filter { record.loss.servers[$0] == nil }
            .map { LedgerViolation(.unseenWrite, "a session did not see its own insert \($0)") }
        return record.noted + presence.violations + SumRules.violations(record, rows) + writers.violations + unseen
    }
}
