// What transfers consist of.

import TestSupport
import Testing

@testable import ChaosRun

@Suite struct TransferPlanTests {
    private func plans(_ count: Int, _ accounts: Range<Int>) -> [TransferPlan] {
        var dice = Dice(seed: 7)
        return (0..<count).map { TransferPlan(id: $0, accounts: accounts, &dice) }
    }

    private func statements(_ plan: TransferPlan) -> [LedgerStatement] {
        plan.lock.map { [$0] + plan.statements(after: [1_000, 1_000]) } ?? plan.statements(after: [])
    }

    @Test func `transfers have 2 to 10 statements, of each size some`() {
        let all = plans(1_000, 0..<4)
        for plan in all { #expect(statements(plan).count == plan.size) }
        #expect(Set(all.map(\.size)) == Set(2...10))
    }

    @Test func `both accounts are different ones of those given, the smaller number first`() {
        for plan in plans(1_000, 4..<8) {
            #expect((4..<8).contains(plan.first) && (4..<8).contains(plan.second))
            #expect(plan.first < plan.second)
            #expect(abs(plan.change) == plan.amount && plan.amount > 0)
        }
    }

    @Test func `statements have a number for each place, and one text without places`() {
        for statement in plans(200, 0..<4).flatMap(statements) {
            #expect(statement.text.count { $0 == "?" } == statement.values.count)
            #expect(!statement.spelled.contains("?"))
        }
        #expect(LedgerStatement(text: "a ? b ?", values: [1, -2]).spelled == "a 1 b -2")
        #expect(LedgerStatement.commit.spelled == "COMMIT")
    }

    @Test func `what a transaction reads of itself is told from what it locked`() {
        for plan in plans(200, 0..<4) where plan.size == 10 {
            let expected = statements(plan).compactMap(\.expected)
            #expect(
                expected == [1_000 + plan.change, 1_000 - plan.change, 2, 1_000 + plan.change, 1_000 - plan.change])
        }
    }
}
