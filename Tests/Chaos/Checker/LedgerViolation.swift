// What a recorded run breaks.

/// The promises that are checked.
package enum LedgerRule: String, Sendable, CaseIterable {
    /// Acknowledged, and neither there nor lost by replication.
    case lostWrite = "lost-write"
    case doubledWrite = "doubled-write"
    /// The error said that it was not done, and it is there.
    case refusedWrite = "refused-write"
    /// Nobody wrote it.
    case strangeWrite = "strange-write"
    case halfTransfer = "half-transfer"
    /// Balances are not what the entries say.
    case unbalanced
    case lostIncrement = "lost-increment"
    case doubledIncrement = "doubled-increment"
    /// A server executed a write that was not the primary then, or two took turns.
    case secondWriter = "second-writer"
    /// An old primary's acknowledgement came when its successor was open, and its write is lost.
    case lateAcknowledgement = "late-acknowledgement"
    /// A session did not see its own acknowledged write.
    case unseenWrite = "unseen-write"
    /// A read showed what no moment of the ledger shows.
    case wrongRead = "wrong-read"
    /// A replica that has caught up holds other rows than the primary.
    case divergence
    /// Nothing was answered, or acknowledged, for much longer than anything may take.
    case hang
}

/// One broken promise.
package struct LedgerViolation: Sendable, Hashable, CustomStringConvertible {
    package let rule: LedgerRule
    package let text: String

    package init(_ rule: LedgerRule, _ text: String) {
        self.rule = rule
        self.text = text
    }

    package var description: String { "\(rule.rawValue): \(text)" }
}
