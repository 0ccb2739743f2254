// One statement of one session, as its client recorded it: what it was meant to do, and what its answer said.

/// What sessions write and read, and what only grows.
package enum Cell: Hashable, Sendable {
    /// Written by one session only, with a greater number each time.
    case register(Int)
    /// Raised by one, by any session.
    case counter(Int)
}

/// One piece of a session's own state.
package enum Slot: Hashable, Sendable {
    case variable(String)
    case userVariable(String)
    case schema
    case temporaryTable(String)
    case preparedStatement(String)
    case lastInsertID
    case warnings
    case foundRows
    case rowCount
    /// Who holds a lock that only this session asks for.
    case lock(String)
}

/// What one statement does or shows.
package enum Fact: Equatable, Sendable {
    /// A register gets a number that it never had.
    case wrote(Int, value: Int)
    /// A counter is raised by one; `number` names the raise where its row stays to be counted.
    case raised(Int, number: Int)
    /// An ordinary read showed this number.
    case read(Cell, Int)
    case began
    case committed
    case rolledBack
    /// From now on the slot holds this; nil when nobody can know.
    case set(Slot, String?)
    /// The slot showed this.
    case saw(Slot, String)
    /// A lock that several sessions ask for was got, or given back.
    case acquired(String)
    case released(String)
    /// An answer that fits nothing.
    case strange(String)
}

/// How a statement ended.
package enum Outcome: Equatable, Sendable {
    case acknowledged
    /// It surely had no effect.
    case refused(code: Int, text: String)
    /// It may have had its effect.
    case unknown(code: Int, text: String)
}

/// A recorded statement.
package struct Entry: Sendable {
    package var session: Int
    /// The session's statements are counted from 0.
    package var number: Int
    /// Nanoseconds of one clock for all sessions: before the statement was sent, after its answer was read.
    package var began: UInt64
    package var ended: UInt64
    package var statement: String
    package var outcome: Outcome
    /// In the order in which they came about.
    package var facts: [Fact]

    package init(
        session: Int, number: Int, began: UInt64, ended: UInt64, statement: String, outcome: Outcome = .acknowledged,
        facts: [Fact]
    ) {
        self.session = session
        self.number = number
        self.began = began
        self.ended = ended
        self.statement = statement
        self.outcome = outcome
        self.facts = facts
    }

    package var isAcknowledged: Bool { outcome == .acknowledged }

    /// The error it ended in.
    package var errorCode: Int? {
        switch outcome {
        case .acknowledged: nil
        case .refused(let code, _), .unknown(let code, _): code
        }
    }
}

extension Entry: CustomStringConvertible {
    package var description: String {
        let end =
            switch outcome {
            case .acknowledged: ""
            case .refused(let code, let text): " -> refused: \(code) \(text)"
            case .unknown(let code, let text): " -> outcome unknown: \(code) \(text)"
            }
        let shown = facts.compactMap { fact in
            switch fact {
            case .read(let cell, let value): "\(cell) = \(value)"
            case .saw(let slot, let value): "\(slot) = \(value)"
            default: nil
            }
        }
        let answer = shown.isEmpty ? "" : " -> " + shown.joined(separator: ", ")
        return "session \(session) #\(number): \(statement)\(end)\(answer)"
    }
}
