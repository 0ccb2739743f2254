// Where a read may run that must have seen something: every row of the table is one read.
import Testing

@testable import Frontend

private struct Case: CustomTestStringConvertible {
    var name: String
    var readers: UInt64 = 0b110
    var covering: UInt64 = 0
    var lastReader: Int?
    var isUnbounded = false
    var mayAsk = true
    var mayWait = true
    var timeout: UInt64 = 50
    var expected: [Int: Double] = [:]
    var choice: CausalChoice

    var testDescription: String { name }
}

@Suite struct CausalChoiceTests {
    @Test(arguments: [
        Case(name: "who covers it serves at once", covering: 0b110, choice: .replicas(0b110)),
        Case(name: "one covers it", covering: 0b100, choice: .replicas(0b100)),
        Case(name: "nobody does: the sooner one is waited for", expected: [1: 20, 2: 10], choice: .wait(2)),
        Case(name: "both would take too long", expected: [1: 51, 2: 60], choice: .primary),
        Case(name: "just in time", expected: [1: 50, 2: 60], choice: .wait(1)),
        Case(name: "no waits wanted", timeout: 0, choice: .primary),
        Case(name: "it waited already", mayWait: false, choice: .primary),
        Case(name: "the session stays with its replica", covering: 0b110, lastReader: 1, choice: .replicas(0b010)),
        Case(name: "it is waited for, though another covers it", covering: 0b100, lastReader: 1, choice: .wait(1)),
        Case(
            name: "it is too slow: not the other, which may be older than what was read", covering: 0b100,
            lastReader: 1,
            expected: [1: 500], choice: .primary),
        Case(
            name: "it is gone: the primary is asked what the other must have", covering: 0b100, lastReader: 0,
            choice: .ask),
        Case(
            name: "it is gone, and nothing may be asked", covering: 0b100, lastReader: 0, mayAsk: false,
            choice: .primary),
        Case(name: "what was seen is not known", covering: 0b110, isUnbounded: true, choice: .ask),
        Case(name: "asked in vain", covering: 0b110, isUnbounded: true, mayAsk: false, choice: .primary),
        Case(
            name: "not worth the question", covering: 0b110, isUnbounded: true, expected: [1: 900, 2: 900],
            choice: .primary),
        Case(name: "there are no replicas", readers: 0, covering: 0, choice: .primary),
        Case(name: "there are none to be asked about", readers: 0, isUnbounded: true, choice: .primary),
        Case(name: "the replica of place 64 and more", covering: 0b110, lastReader: 70, choice: .ask),
    ])
    fileprivate func `a read goes where it sees what it must`(row: Case) {
        let question = CausalQuestion(
            readers: row.readers, covering: row.covering, lastReader: row.lastReader, isUnbounded: row.isUnbounded,
            mayAsk: row.mayAsk, mayWait: row.mayWait, timeoutMilliseconds: row.timeout)
        #expect(CausalChoice.choose(question) { row.expected[$0] ?? 0 } == row.choice)
    }
}
