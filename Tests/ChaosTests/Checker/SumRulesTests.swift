// Balances and counters.

import ChaosChecker
import Testing

@Suite struct SumRulesTests {
    @Test func `balances are what the entries say`() {
        let moved = rows {
            $0.balances = [0: 995, 1: 1_005]
            $0.sums = [0: -5, 1: 5]
        }
        #expect(broken(record(), moved) == [])
        let exchanged = rows {
            $0.balances = [0: 1_005, 1: 995]
            $0.sums = [0: -5, 1: 5]
        }
        #expect(broken(record(), exchanged) == [.unbalanced, .unbalanced])
    }

    @Test func `the sum of all balances stays what it was`() {
        let grown = rows {
            $0.balances = [0: 1_000, 1: 1_005]
            $0.sums = [1: 5]
        }
        #expect(broken(record(), grown) == [.unbalanced])
    }

    @Test func `a counter has every acknowledged increment, and at most the unknown ones beside them`() {
        let raised = record { $0.increments = [3: Tally(acknowledged: 5, unknown: 2)] }
        for (value, rules) in [(4, [LedgerRule.lostIncrement]), (5, []), (7, []), (8, [.doubledIncrement])] {
            #expect(broken(raised, rows { $0.counters = [3: value] }) == rules)
        }
        #expect(broken(record(), rows { $0.counters = [3: 1] }) == [.doubledIncrement])
    }

    @Test func `increments that replication lost are counted, unless it was semi-synchronous`() {
        let lost = record {
            $0.increments = [3: Tally(acknowledged: 5)]
            $0.loss.increments = [3: 2]
        }
        #expect(broken(lost, rows { $0.counters = [3: 3] }) == [])
        #expect(broken(lost, rows { $0.counters = [3: 4] }) == [.doubledIncrement])
        var semiSync = lost
        semiSync.mayLose = false
        #expect(broken(semiSync, rows { $0.counters = [3: 3] }) == [.lostIncrement])
    }

    @Test func `what was lost before anybody was told of it is done again, and no more than that`() {
        let lost = record {
            $0.increments = [3: Tally(acknowledged: 33), 4: Tally(acknowledged: 9)]
            $0.loss.increments = [3: 2, 4: 2]
            $0.loss.redone = [3: 1]
        }
        for (value, rules) in [
            (30, [LedgerRule.lostIncrement]), (31, []), (32, []), (33, [.doubledIncrement]), (34, [.doubledIncrement]),
        ] {
            #expect(broken(lost, rows { $0.counters = [3: value] }) == rules)
        }
        // Of another counter nothing was done again.
        #expect(broken(lost, rows { $0.counters = [4: 7] }) == [])
        #expect(broken(lost, rows { $0.counters = [4: 8] }) == [.doubledIncrement])
        // Not more than were told to be done.
        let many = record {
            $0.increments = [3: Tally(acknowledged: 33)]
            $0.loss.increments = [3: 8]
            $0.loss.redone = [3: 8]
        }
        #expect(broken(many, rows { $0.counters = [3: 33] }) == [])
        #expect(broken(many, rows { $0.counters = [3: 34] }) == [.doubledIncrement])
    }

    @Test func `an old primary that has less than its successor lost nothing`() {
        let less = record {
            $0.increments = [3: Tally(acknowledged: 5)]
            $0.loss = Loss(of: rows { $0.counters = [3: 4] }, survivedBy: rows { $0.counters = [3: 5] }, clients: 4)
        }
        #expect(broken(less, rows { $0.counters = [3: 4] }) == [.lostIncrement])
        #expect(broken(less, rows { $0.counters = [3: 5] }) == [])
        #expect(broken(less, rows { $0.counters = [3: 6] }) == [.doubledIncrement])
    }

    @Test func `the loss of an old primary is what its successor had not`() {
        let old = rows([1: [10], 2: [10]]) {
            $0.entries = [3: entries()]
            $0.counters = [0: 9]
        }
        let survivor = rows([1: [10]]) { $0.counters = [0: 7] }
        let loss = Loss(of: old, survivedBy: survivor, clients: 1)
        #expect(loss.servers == [2: 10, 3: 10])
        #expect(loss.increments == [0: 2])
        #expect(loss.redone == [0: 1])
        var twice = loss
        twice.add(loss)
        #expect(twice.increments == [0: 4] && twice.redone == [0: 2])
    }
}
