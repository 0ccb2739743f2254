// What a client writes down.

import ChaosChecker
import ConsistencyChecker
import TestSupport

/// An error by its number and by what was attempted.
struct ErrorKind: Hashable, Comparable {
    let code: Int
    let attempt: String

    static func < (one: ErrorKind, other: ErrorKind) -> Bool {
        (one.code, one.attempt) < (other.code, other.attempt)
    }
}

/// The notes of one client, or of several, about one round or all.
struct ClientNotes: Sendable {
    var writes: [LedgerWrite] = []
    var increments: [Int: Tally] = [:]
    /// When writes were acknowledged.
    var acknowledgements: [Double] = []
    var errors: [ErrorKind: Int] = [:]
    /// The text that came with an error when it came first.
    var texts: [ErrorKind: String] = [:]
    /// The longest time that a statement took, in seconds.
    var longest = 0.0
    /// Writes whose outcome is unknown.
    var unknown = 0
    var unseen: [Int] = []
    var noted: [LedgerViolation] = []

    var errorCount: Int { errors.values.reduce(0, +) }

    mutating func note(_ refusal: Refusal, _ attempt: String) {
        let kind = ErrorKind(code: refusal.code, attempt: attempt)
        errors[kind, default: 0] += 1
        if texts[kind] == nil { texts[kind] = refusal.text }
    }

    mutating func note(raised counter: Int, _ outcome: Outcome) {
        switch outcome {
        case .acknowledged: increments[counter, default: Tally()].acknowledged += 1
        case .unknown: increments[counter, default: Tally()].unknown += 1
        case .refused: break
        }
    }

    mutating func add(_ other: ClientNotes) {
        writes += other.writes
        for (counter, tally) in other.increments {
            increments[counter, default: Tally()].acknowledged += tally.acknowledged
            increments[counter, default: Tally()].unknown += tally.unknown
        }
        acknowledgements += other.acknowledgements
        errors.merge(other.errors, uniquingKeysWith: +)
        texts.merge(other.texts) { first, _ in first }
        longest = max(longest, other.longest)
        unknown += other.unknown
        unseen += other.unseen
        noted += other.noted
    }
}
