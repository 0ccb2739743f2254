// Why an interrupted transaction is not repeated.

/// The reason, as metrics name it.
package enum ReplayRefusal: String, CaseIterable, Sendable {
    /// The settings say so.
    case off
    /// More bytes of statements than are kept.
    case tooLarge = "too_large"
    /// A statement passed unread.
    case streamed
    /// Nobody knows its beginning, or one of its statements does more than it shows.
    case notComparable = "not_comparable"
    /// A statement set something in the session that a new connection does not have.
    case sessionState = "session_state"
    /// It wrote to tables that no transaction covers.
    case notTransactional = "not_transactional"
    /// A statement has another result there.
    case differentResult = "different_result"
    /// It was begun anew too often.
    case attempts
    /// There was no primary in time.
    case time

    /// In words.
    package var text: String {
        switch self {
        case .off: "transactions are not repeated (replay: false)"
        case .tooLarge: "its statements are longer than is kept (replay_limit)"
        case .streamed: "one of its statements was too long to be kept"
        case .notComparable: "what it did cannot be compared"
        case .sessionState: "it set something in the session, or used what was set before"
        case .notTransactional: "it wrote to a table that is not transactional"
        case .differentResult: "a statement has another result there: others wrote meanwhile"
        case .time: "no primary came in time (hold_timeout)"
        case .attempts: "that failed too often (replay_attempts)"
        }
    }
}
