// What a history breaks.

/// The promises that are checked.
package enum Rule: String, Sendable, CaseIterable {
    case readYourWrites = "read-your-writes"
    case monotonicReads = "monotonic-reads"
    case globalReads = "global-reads"
    /// A number that nobody had written yet, or ever.
    case futureRead = "future-read"
    /// A number that was rolled back or refused.
    case abortedRead = "aborted-read"
    case lostState = "lost-state"
    case leakedState = "leaked-state"
    case wrongState = "wrong-state"
    case lostIncrement = "lost-increment"
    case doubledIncrement = "doubled-increment"
    case lostWrite = "lost-write"
    case sharedLock = "shared-lock"
    case keptPin = "kept-pin"
    case unexpectedError = "unexpected-error"
    case tooManyErrors = "too-many-errors"
}

/// One broken promise with its evidence.
package struct Violation: Sendable {
    package let rule: Rule
    package let text: String
    /// The statements that show it, the one that broke it last.
    package let evidence: [Entry]

    init(_ rule: Rule, _ text: String, _ evidence: [Entry] = []) {
        self.rule = rule
        self.text = text
        self.evidence = evidence
    }
}

extension Violation: CustomStringConvertible {
    package var description: String {
        "\(rule.rawValue): \(text)" + evidence.map { "\n    \($0)" }.joined()
    }
}
