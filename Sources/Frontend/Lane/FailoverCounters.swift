// What a change of the primary cost: statements held, writes sent again, transactions replayed, outcomes in doubt.
internal import Synchronization

/// Totals of one cluster, over all lanes. Relaxed: they are shown.
package final class FailoverCounters: Sendable {
    private let heldNow = Atomic<Int>(0)
    private let heldTotal = Atomic<Int>(0)
    private let heldTime = Atomic<UInt64>(0)
    private let retriedWriteCount = Atomic<Int>(0)
    private let replayedCount = Atomic<Int>(0)
    private let unknownCount = Atomic<Int>(0)
    private let committedCount = Atomic<Int>(0)
    private let notCommittedCount = Atomic<Int>(0)
    private let refusals = ReplayRefusal.allCases.map { Counted($0) }
    private let continuedCount = Atomic<Int>(0)
    private let broken = BrokenResultReason.allCases.map { Counted($0) }

    private final class Counted<Reason: Sendable>: Sendable {
        let reason: Reason
        let count = Atomic<Int>(0)
        init(_ reason: Reason) { self.reason = reason }
    }

    /// Counters at zero.
    package init() {}

    /// Statements that wait for a primary now.
    package var heldStatements: Int { heldNow.load(ordering: .relaxed) }
    /// Statements that have had to.
    package var heldStatementsTotal: Int { heldTotal.load(ordering: .relaxed) }
    /// For how long those that wait no more have waited, all together.
    package var heldMilliseconds: UInt64 { heldTime.load(ordering: .relaxed) }
    /// Writes that a server refused as not executed, and that were sent again.
    package var retriedWrites: Int { retriedWriteCount.load(ordering: .relaxed) }
    /// Transactions that were interrupted, and that went on elsewhere with the same answers.
    package var replayedTransactions: Int { replayedCount.load(ordering: .relaxed) }
    /// Transactions that were interrupted and lost, by reason, in the order of `ReplayRefusal.allCases`.
    package var refusedReplays: [(reason: ReplayRefusal, count: Int)] {
        refusals.map { ($0.reason, $0.count.load(ordering: .relaxed)) }
    }
    /// Results that broke off in the middle, and that went on with another server's.
    package var continuedResults: Int { continuedCount.load(ordering: .relaxed) }
    /// Results that broke off for their clients, by reason, in the order of `BrokenResultReason.allCases`.
    package var brokenResults: [(reason: BrokenResultReason, count: Int)] {
        broken.map { ($0.reason, $0.count.load(ordering: .relaxed)) }
    }
    /// Commits, and writes outside of transactions, of which nobody could say whether they happened.
    package var unknownOutcomes: Int { unknownCount.load(ordering: .relaxed) }
    /// Those in doubt that were found on the new primary.
    package var committedOutcomes: Int { committedCount.load(ordering: .relaxed) }
    /// Those in doubt that were found not to be there.
    package var notCommittedOutcomes: Int { notCommittedCount.load(ordering: .relaxed) }

    /// A statement began to wait for a primary. Each is followed by one `holdEnded`, however it ends.
    func statementHeld() {
        heldNow.add(1, ordering: .relaxed)
        heldTotal.add(1, ordering: .relaxed)
    }

    /// It waits no more.
    func holdEnded(milliseconds: UInt64) {
        heldNow.subtract(1, ordering: .relaxed)
        heldTime.add(milliseconds, ordering: .relaxed)
    }

    /// A write that a server refused as not executed is sent again.
    func writeRetried() { retriedWriteCount.add(1, ordering: .relaxed) }
    /// An interrupted transaction goes on elsewhere.
    func transactionReplayed() { replayedCount.add(1, ordering: .relaxed) }

    /// An interrupted transaction is lost.
    func replayRefused(_ reason: ReplayRefusal) {
        refusals.first { $0.reason == reason }?.count.add(1, ordering: .relaxed)
    }

    /// A result goes on with another server's, which begins with what the client has.
    func resultContinued() { continuedCount.add(1, ordering: .relaxed) }

    /// A client has a part of a result and does not get the rest.
    func resultBroken(_ reason: BrokenResultReason) {
        broken.first { $0.reason == reason }?.count.add(1, ordering: .relaxed)
    }

    /// A client is told that nobody knows.
    func outcomeUnknown() { unknownCount.add(1, ordering: .relaxed) }

    /// Evidence said what became of a commit in doubt.
    func outcomeDecided(committed: Bool) {
        if committed {
            committedCount.add(1, ordering: .relaxed)
        } else {
            notCommittedCount.add(1, ordering: .relaxed)
        }
    }
}
