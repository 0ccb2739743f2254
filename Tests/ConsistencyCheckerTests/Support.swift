// Histories made up in few words.

import ConsistencyChecker

/// A statement of a made-up history; times are whole numbers.
func entry(
    _ began: UInt64, _ ended: UInt64, _ facts: Fact..., outcome: Outcome = .acknowledged
) -> Entry {
    Entry(session: 0, number: 0, began: began, ended: ended, statement: "made up", outcome: outcome, facts: facts)
}

/// Gives each session's entries their numbers.
func history(_ sessions: [Entry]..., change: (inout History) -> Void = { _ in }) -> History {
    var history = History(
        sessions: sessions.enumerated().map { session, entries in
            entries.enumerated().map { number, entry in
                var entry = entry
                entry.session = session
                entry.number = number
                return entry
            }
        })
    change(&history)
    return history
}

/// The rules that a history breaks, in the order of the violations.
func broken(_ history: History) -> [Rule] { Checker.violations(history).map(\.rule) }

let refused = Outcome.refused(code: 1213, text: "deadlock")
let unknown = Outcome.unknown(code: 9504, text: "lost")
