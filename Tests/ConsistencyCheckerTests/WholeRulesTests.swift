// What must be true of a run as a whole.

import ConsistencyChecker
import Testing

@Suite struct WholeRulesTests {
    private let raises = [entry(1, 2, .raised(2, number: 1)), entry(3, 4, .raised(2, number: 2))]

    @Test func `every acknowledged increment is there exactly once`() {
        #expect(broken(history(raises) { $0.counters = [2: 2] }) == [])
        #expect(broken(history(raises) { $0.counters = [2: 1] }) == [.lostIncrement])
        #expect(broken(history(raises) { $0.counters = [2: 3] }) == [.doubledIncrement])
    }

    @Test func `an increment that was refused is not there, and one of unknown outcome may be`() {
        let tolerant: Set = [1213, 9504]
        let doubtful = raises + [entry(5, 6, .raised(2, number: 3), outcome: unknown)]
        for (value, rules) in [(1, [Rule.lostIncrement]), (2, []), (3, []), (4, [.doubledIncrement])] {
            let found = broken(
                history(doubtful) {
                    $0.counters = [2: value]
                    $0.bearable = tolerant
                })
            #expect(found == rules)
        }
        let undone = raises + [entry(5, 6, .raised(2, number: 3), outcome: refused)]
        let found = broken(
            history(undone) {
                $0.counters = [2: 3]
                $0.bearable = tolerant
            })
        #expect(found == [.doubledIncrement])
    }

    @Test func `every acknowledged row is there exactly once`() {
        #expect(broken(history(raises) { $0.rows = [2: [1: 1, 2: 1]] }) == [])
        #expect(broken(history(raises) { $0.rows = [2: [1: 1]] }) == [.lostIncrement])
        #expect(broken(history(raises) { $0.rows = [2: [1: 2, 2: 1]] }) == [.doubledIncrement])
        #expect(broken(history(raises) { $0.rows = [2: [1: 1, 2: 1, 7: 1]] }) == [.doubledIncrement])
    }

    @Test func `the last acknowledged write is there at the end`() {
        let writes = [entry(1, 2, .wrote(1, value: 1)), entry(3, 4, .wrote(1, value: 2))]
        #expect(broken(history(writes) { $0.registers = [1: 2] }) == [])
        #expect(broken(history(writes) { $0.registers = [1: 1] }) == [.lostWrite])
    }

    @Test func `two sessions that hold one lock at once are found`() {
        let first = [entry(1, 2, .acquired("l")), entry(5, 6, .released("l"))]
        let second = [entry(7, 8, .acquired("l")), entry(9, 10, .released("l"))]
        let early = [entry(3, 4, .acquired("l")), entry(9, 10, .released("l"))]
        #expect(broken(history(first, second)) == [])
        #expect(broken(history(first, early)) == [.sharedLock])
        #expect(broken(history(first, early) { $0.locksLast = false }) == [])
    }

    @Test func `errors that nobody expects are found, and too many of those that are bearable`() {
        let failed = entry(1, 2, outcome: refused)
        #expect(broken(history([failed])) == [.unexpectedError])
        #expect(broken(history([failed]) { $0.bearable = [1213] }) == [])
        let many = [Entry](repeating: failed, count: 11)
        #expect(broken(history(many) { $0.bearable = [1213] }) == [.tooManyErrors])
    }

    @Test func `what holds a session that released everything is found`() {
        #expect(broken(history([]) { $0.pins = ["user variables"] }) == [.keptPin])
    }

    @Test func `a rule that is left out is not checked`() {
        let bad = history(raises) { $0.counters = [2: 1] }
        #expect(Checker.violations(bad, without: [.lostIncrement]).isEmpty)
    }
}
