// Bugs made on purpose, on the client's side of the wire: a checker that does not find them is none.

/// What a statement is for, so that a planted bug knows where to strike.
enum Purpose: Sendable {
    case other
    case read
    case raise
    case setVariable
    case seeVariable(String)
    case seeSchema
    case seeTemporaryTable
    case seeInsertID
    case seeWarnings
    case lock
    case release
}

/// A planted bug.
package enum Plant: String, Sendable, CaseIterable {
    /// Ordinary reads go straight to a replica, however late it is.
    case staleRead = "stale-read"
    /// Now and then a read shows what was there before.
    case goingBack = "going-back"
    /// A read shows a number that nobody has written.
    case futureRead = "future-read"
    /// A `SET` is acknowledged and not done.
    case lostVariable = "lost-variable"
    /// Another session's `SET` arrives on this session's connection.
    case leakedVariable = "leaked-variable"
    /// Another session's temporary table is there.
    case leakedTemporaryTable = "leaked-temp-table"
    /// Another session's `USE` arrives here.
    case leakedSchema = "leaked-schema"
    /// Another session's row was inserted on this session's connection.
    case wrongInsertID = "wrong-last-insert-id"
    /// Another session's warnings are shown.
    case leakedWarnings = "leaked-warnings"
    /// A raise is acknowledged and not done.
    case lostIncrement = "lost-increment"
    /// A raise is done twice.
    case doubledIncrement = "doubled-increment"
    /// Whoever asks for a lock gets it.
    case sharedLock = "shared-lock"
    /// What holds a session to its connection is not given back at the end.
    case keptPin = "kept-pin"
}

extension Plant {
    /// The bug strikes once in so many times.
    static let rarity = 20
    /// Sessions have smaller numbers.
    static let stranger = 99_999
}
