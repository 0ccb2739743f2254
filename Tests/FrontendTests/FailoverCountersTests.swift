// What is counted around changes of the primary, and what is kept of commits in doubt.
import Testing

@testable import Frontend

@Suite struct FailoverCountersTests {
    @Test func `held statements are counted now, in all, and in time`() {
        let counters = FailoverCounters()
        counters.statementHeld()
        counters.statementHeld()
        counters.holdEnded(milliseconds: 30)
        #expect(counters.heldStatements == 1 && counters.heldStatementsTotal == 2 && counters.heldMilliseconds == 30)
        counters.holdEnded(milliseconds: 12)
        #expect(counters.heldStatements == 0 && counters.heldStatementsTotal == 2 && counters.heldMilliseconds == 42)
    }

    @Test func `every reason for a lost transaction has a counter of its own`() {
        let counters = FailoverCounters()
        for (index, reason) in ReplayRefusal.allCases.enumerated() {
            for _ in 0...index { counters.replayRefused(reason) }
        }
        #expect(counters.refusedReplays.map(\.reason) == ReplayRefusal.allCases)
        #expect(counters.refusedReplays.map(\.count) == Array(1...ReplayRefusal.allCases.count))
        #expect(counters.replayedTransactions == 0)
    }

    @Test func `results that went on, and those that broke off by reason, have counters of their own`() {
        let counters = FailoverCounters()
        for (index, reason) in BrokenResultReason.allCases.enumerated() {
            for _ in 0...index { counters.resultBroken(reason) }
        }
        #expect(counters.brokenResults.map(\.reason) == BrokenResultReason.allCases)
        #expect(counters.brokenResults.map(\.count) == Array(1...BrokenResultReason.allCases.count))
        #expect(counters.continuedResults == 0)
        counters.resultContinued()
        #expect(counters.continuedResults == 1)
    }

    @Test func `outcomes are counted by what is known of them`() {
        let counters = FailoverCounters()
        counters.outcomeUnknown()
        counters.outcomeDecided(committed: true)
        counters.outcomeDecided(committed: true)
        counters.outcomeDecided(committed: false)
        counters.writeRetried()
        counters.transactionReplayed()
        #expect(counters.unknownOutcomes == 1)
        #expect(counters.committedOutcomes == 2 && counters.notCommittedOutcomes == 1)
        #expect(counters.retriedWrites == 1 && counters.replayedTransactions == 1)
    }
}

@Suite struct OutcomeHistoryTests {
    private func record(_ number: UInt32, _ statement: String = "COMMIT") -> OutcomeRecord {
        OutcomeRecord(
            connectionID: number, user: "app", unixMilliseconds: Int64(number), node: "a", epoch: 1, kind: .commit,
            statement: Array(statement.utf8), verdict: .unknown, evidence: "")
    }

    @Test func `the last records are kept in their order`() {
        let history = OutcomeHistory(limit: 3)
        #expect(history.records().isEmpty)
        for number in 1...3 { history.add(record(UInt32(number))) }
        #expect(history.records().map(\.connectionID) == [1, 2, 3])
        for number in 4...8 {
            history.add(record(UInt32(number)))
            #expect(history.records().map(\.connectionID) == (number - 2...number).map { UInt32($0) })
        }
    }

    @Test func `of a long statement the beginning is kept`() {
        let text = String(repeating: "x", count: FrontendLimits.outcomeStatementBytes + 1)
        #expect(record(1, text).statement == String(text.dropLast()))
        #expect(record(1, "COMMIT").statement == "COMMIT")
    }
}
