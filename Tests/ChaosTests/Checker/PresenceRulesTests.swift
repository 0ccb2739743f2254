// Whether each write is there as often as its client was told.

import ChaosChecker
import Testing

@Suite struct PresenceRulesTests {
    @Test func `an acknowledged insert is there exactly once`() {
        #expect(broken(record(insert(1)), rows([1: [10]])) == [])
        #expect(broken(record(insert(1)), rows()) == [.lostWrite])
        #expect(broken(record(insert(1)), rows([1: [10, 10]])) == [.doubledWrite])
    }

    @Test func `a refused insert is not there`() {
        #expect(broken(record(insert(1, refused)), rows()) == [])
        #expect(broken(record(insert(1, refused)), rows([1: [10]])) == [.refusedWrite])
    }

    @Test func `an insert of unknown outcome is there once or not at all`() {
        #expect(broken(record(insert(1, unknown)), rows()) == [])
        #expect(broken(record(insert(1, unknown)), rows([1: [10]])) == [])
        #expect(broken(record(insert(1, unknown)), rows([1: [10, 10]])) == [.doubledWrite])
    }

    @Test func `what nobody wrote is found`() {
        #expect(broken(record(), rows([7: [10]])) == [.strangeWrite])
        #expect(broken(record(), rows { $0.entries = [8: entries()] }) == [.strangeWrite])
    }

    @Test func `a transfer has two entries of opposite sign`() {
        #expect(broken(record(transfer(1)), rows { $0.entries = [1: entries()] }) == [])
        #expect(broken(record(transfer(1)), rows()) == [.lostWrite])
        #expect(broken(record(transfer(1)), rows { $0.entries = [1: [entries()[0]]] }) == [.halfTransfer])
        #expect(broken(record(transfer(1)), rows { $0.entries = [1: entries() + entries()] }) == [.doubledWrite])
        let unequal = [entries()[0], LedgerEntry(account: 1, amount: 4, server: 10)]
        #expect(broken(record(transfer(1)), rows { $0.entries = [1: unequal] }) == [.halfTransfer])
    }

    @Test func `half a transfer is found whatever its client was told`() {
        let half = rows { $0.entries = [1: [entries()[0]]] }
        #expect(broken(record(transfer(1, unknown)), half) == [.halfTransfer])
        #expect(broken(record(transfer(1, refused)), half) == [.halfTransfer, .refusedWrite])
    }

    @Test func `a write that replication lost is none that we lost, unless it was semi-synchronous`() {
        let lost = record(insert(1)) { $0.loss.servers = [1: 10] }
        #expect(broken(lost, rows()) == [])
        let semiSync = record(insert(1)) {
            $0.loss.servers = [1: 10]
            $0.mayLose = false
        }
        #expect(broken(semiSync, rows()) == [.lostWrite])
    }

    @Test func `a lost write that was acknowledged after its server's reign is found`() {
        let late = record(insert(1, at: 9.5)) { $0.loss.servers = [1: 10] }
        #expect(broken(late, rows()) == [.lateAcknowledgement])
    }

    @Test func `a session that does not see its own write is found, unless replication lost that`() {
        let unseen = record(insert(1)) { $0.unseen = [1] }
        #expect(broken(unseen, rows([1: [10]])) == [.unseenWrite])
        let lost = record(insert(1)) {
            $0.unseen = [1]
            $0.loss.servers = [1: 10]
        }
        #expect(broken(lost, rows()) == [])
    }
}
