// Which part of a run is checked when.

import ChaosChecker
import Testing

@testable import ChaosRun

@Suite struct JournalTests {
    private func journal(rounds: Int) -> Journal {
        var journal = Journal()
        for round in 0..<rounds {
            journal.beginRound(1 + 2 * round)
            var notes = ClientNotes()
            notes.writes = [insert(1 + 2 * round), insert(2 + 2 * round)]
            journal.add(notes)
        }
        return journal
    }

    private func ids(_ journal: Journal, isLast: Bool = false) -> [Int] {
        journal.record([], isLast: isLast, mayLose: true).writes.map(\.id)
    }

    @Test func `a round is checked with the one before it, and the last check is of all`() {
        #expect(ids(journal(rounds: 1)) == [1, 2])
        #expect(journal(rounds: 1).windowStart == 1)
        #expect(ids(journal(rounds: 3)) == [3, 4, 5, 6])
        #expect(journal(rounds: 3).windowStart == 3)
        #expect(ids(journal(rounds: 3), isLast: true) == [1, 2, 3, 4, 5, 6])
    }

    @Test func `a violation that two checks find is one`() {
        var journal = journal(rounds: 1)
        for _ in 0..<2 { journal.add([LedgerViolation(.lostWrite, "insert 1")]) }
        journal.add([LedgerViolation(.lostWrite, "insert 2")])
        #expect(journal.violations.count == 2)
    }
}
