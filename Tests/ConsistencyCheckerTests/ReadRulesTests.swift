// What sessions may read: good histories pass, bad ones are found.

import ConsistencyChecker
import Testing

@Suite struct ReadRulesTests {
    private let register = Cell.register(1)
    private let counter = Cell.counter(2)

    @Test func `a session that reads what it wrote is right, and one that does not is found`() {
        let write = entry(1, 2, .wrote(1, value: 5))
        #expect(broken(history([write, entry(3, 4, .read(register, 5))])) == [])
        #expect(broken(history([write, entry(3, 4, .read(register, 0))])) == [.readYourWrites])
    }

    @Test func `an own raise comes on top of what was seen before`() {
        let others = (1...3).map { entry(1, 2, .raised(2, number: $0)) }
        let seen = entry(3, 4, .read(counter, 3))
        let raise = entry(5, 6, .raised(2, number: 9))
        #expect(broken(history([seen, raise, entry(7, 8, .read(counter, 4))], others)) == [])
        #expect(broken(history([seen, raise, entry(7, 8, .read(counter, 3))], others)) == [.readYourWrites])
    }

    @Test func `a session that goes back in time is found`() {
        let writer = [entry(1, 2, .wrote(1, value: 1)), entry(3, 4, .wrote(1, value: 2))]
        let new = entry(5, 6, .read(register, 2))
        let old = entry(7, 8, .read(register, 1))
        #expect(broken(history(writer, [old, new])) == [])
        #expect(broken(history(writer, [new, old])) == [.monotonicReads])
        #expect(broken(history(writer, [new], [old])) == [])
    }

    @Test func `only the global promise makes another's acknowledged write be seen`() {
        let sessions = ([entry(1, 2, .wrote(1, value: 1))], [entry(3, 4, .read(register, 0))])
        #expect(broken(history(sessions.0, sessions.1)) == [])
        #expect(broken(history(sessions.0, sessions.1) { $0.promise = .global }) == [.globalReads])
        let overlapping = [entry(2, 4, .read(register, 0))]
        #expect(broken(history(sessions.0, overlapping) { $0.promise = .global }) == [])
        let raises = [entry(1, 2, .raised(2, number: 1)), entry(1, 2, .raised(2, number: 2))]
        #expect(broken(history(raises, [entry(3, 4, .read(counter, 1))]) { $0.promise = .global }) == [.globalReads])
    }

    @Test func `a read in a transaction may be as old as its beginning`() {
        let writer = [entry(3, 4, .wrote(1, value: 1))]
        let reader = [entry(1, 2, .began), entry(5, 6, .read(register, 0)), entry(7, 8, .committed)]
        #expect(broken(history(writer, reader) { $0.promise = .global }) == [])
        let late = [entry(5, 6, .began), entry(7, 8, .read(register, 0)), entry(9, 10, .committed)]
        #expect(broken(history(writer, late) { $0.promise = .global }) == [.globalReads])
    }

    @Test func `a transaction sees its own changes, and nobody sees those that are rolled back`() {
        let inside = [entry(1, 2, .began), entry(3, 4, .wrote(1, value: 1), .raised(2, number: 2))]
        let sees = entry(5, 6, .read(register, 1), .read(counter, 1))
        let rollback = entry(7, 8, .rolledBack)
        let after = entry(9, 10, .read(register, 0), .read(counter, 0))
        #expect(broken(history(inside + [sees, rollback, after])) == [])
        let blind = entry(5, 6, .read(register, 0), .read(counter, 0))
        #expect(broken(history(inside + [blind, rollback])) == [.readYourWrites, .readYourWrites])
        let stillThere = entry(9, 10, .read(register, 1), .read(counter, 1))
        #expect(broken(history(inside + [sees, rollback, stillThere])) == [.abortedRead, .futureRead])
    }

    @Test func `what was committed must be seen, and not before its commit`() {
        let writer = [entry(1, 2, .began), entry(3, 4, .wrote(1, value: 1)), entry(7, 8, .committed)]
        #expect(broken(history(writer + [entry(9, 10, .read(register, 0))])) == [.readYourWrites])
        #expect(broken(history(writer, [entry(5, 6, .read(register, 1))])) == [.futureRead])
        #expect(broken(history(writer, [entry(6, 8, .read(register, 1))])) == [])
    }

    @Test func `a number that nobody wrote is found`() {
        #expect(broken(history([entry(1, 2, .read(register, 3))])) == [.futureRead])
        #expect(
            broken(history([entry(1, 2, .raised(2, number: 1))], [entry(3, 4, .read(counter, 2))])) == [.futureRead])
        let early = [entry(1, 2, .read(register, 1))]
        #expect(broken(history(early, [entry(3, 4, .wrote(1, value: 1))])) == [.futureRead])
    }

    @Test func `a write whose outcome nobody knows may be seen or not`() {
        let write = entry(1, 2, .wrote(1, value: 1), outcome: unknown)
        let tolerant = { (history: inout History) in history.bearable = [9504] }
        for value in [0, 1] {
            #expect(broken(history([write, entry(3, 4, .read(register, value))], change: tolerant)) == [])
        }
    }
}
