// A transaction that is being repeated on the next primary.

/// How far it is, and what its client waits for meanwhile.
final class TransactionReplay {
    /// What is repeated.
    let journal: TransactionJournal
    /// Where the transaction was lost, and why.
    let node: String
    let cause: String
    /// The entry that is run next, or runs.
    var index = 0
    /// How often it was begun anew.
    var attempts = 1
    /// Lane milliseconds at which it first had to wait; 0 when it never had to.
    var waitingSince: UInt64 = 0
    /// The entry made another number than it had made at first: it is run once more, and told which to make.
    var forcesInsertID = false
    /// What the client sent, whose answer is still owed; nil when the session was idle.
    let command: RunningCommand?
    /// Its packets.
    let request: [UInt8]

    init(
        _ journal: TransactionJournal, node: String, cause: String, command: RunningCommand?, request: [UInt8]
    ) {
        self.journal = journal
        self.node = node
        self.cause = cause
        self.command = command
        self.request = request
        waitingSince = command?.waitingSince ?? 0
    }

    /// From its first statement again.
    func beginAnew() {
        index = 0
        forcesInsertID = false
    }
}
