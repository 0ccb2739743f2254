// Whether there was one writer at every moment.

import ChaosChecker
import ConsistencyChecker
import Testing

@Suite struct WriterRulesTests {
    @Test func `each write was executed by the primary of its time`() {
        #expect(broken(record(insert(1, at: 5), insert(2, at: 12)), rows([1: [10], 2: [11]])) == [])
        #expect(broken(record(insert(1, at: 5)), rows([1: [11]])) == [.secondWriter])
        #expect(broken(record(insert(2, at: 12)), rows([2: [10]])) == [.secondWriter])
        #expect(broken(record(insert(3, at: 5)), rows([3: [12]])) == [.secondWriter])
    }

    @Test func `a write that waited for the new primary may be either's`() {
        let inTime = record(insert(1, at: 9.9))
        #expect(broken(inTime, rows([1: [10]])) == [])
        #expect(broken(inTime, rows([1: [11]])) == [.secondWriter])
        let held = LedgerWrite(id: 1, kind: .insert, began: 9.9, ended: 11.5, outcome: .acknowledged)
        for server in [10, 11] { #expect(broken(record(held), rows([1: [server]])) == []) }
    }

    @Test func `a write of unknown outcome may be executed later, by whom was the primary then`() {
        #expect(broken(record(insert(1, at: 5, unknown)), rows([1: [11]])) == [])
        #expect(broken(record(insert(1, at: 12, unknown)), rows([1: [10]])) == [.secondWriter])
    }

    @Test func `a transfer whose entries two servers made is found`() {
        let mixed = rows { $0.entries = [1: [entries(by: 10)[0], entries(by: 11)[1]]] }
        #expect(broken(record(transfer(1, at: 5)), mixed) == [.secondWriter])
    }

    @Test func `two writable servers do not take turns`() {
        let overlapping = [Reign(server: 10, opened: 0, closed: 20), Reign(server: 11, opened: 11)]
        func broken(_ second: Double) -> [LedgerRule] {
            let writes = record(insert(1, at: 12), insert(2, at: second)) {
                $0.reigns = overlapping
                $0.loss.servers = [2: 10]
            }
            return LedgerChecker.violations(writes, rows([1: [11]])).map(\.rule)
        }
        #expect(broken(12.5) == [])
        #expect(broken(14) == [.secondWriter])
    }
}
