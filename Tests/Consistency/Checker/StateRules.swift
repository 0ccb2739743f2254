// What a session's own state must show, given what the session did to it.

/// Who put which value into which slot, over all sessions.
struct SlotValues {
    private var owners: [Slot: [String: (session: Int, entry: Int)]] = [:]

    init(_ history: History) {
        for entries in history.sessions {
            for (index, entry) in entries.enumerated() {
                for case .set(let slot, let value?) in entry.facts {
                    if owners[slot]?[value] == nil { owners[slot, default: [:]][value] = (entry.session, index) }
                }
            }
        }
    }

    /// The session that first put this value there.
    func owner(of slot: Slot, _ value: String) -> (session: Int, entry: Int)? { owners[slot]?[value] }
}

/// Follows one session's own state.
struct StateRules {
    private let entries: [Entry]
    private let values: SlotValues

    private struct Content {
        var value: String?
        var entry: Int
    }

    private var contents: [Slot: Content] = [:]
    /// What each slot held when the session began.
    private var initial: [Slot: String] = [:]
    private(set) var violations: [Violation] = []

    init(_ entries: [Entry], _ values: SlotValues) {
        self.entries = entries
        self.values = values
    }

    mutating func check() {
        for (index, entry) in entries.enumerated() {
            for fact in entry.facts {
                switch fact {
                case .set(let slot, let value): set(slot, value, index)
                case .saw(let slot, let value): saw(slot, value, index)
                case .strange(let text): violations.append(Violation(.wrongState, text, [entry]))
                default: break
                }
            }
        }
    }

    private mutating func set(_ slot: Slot, _ value: String?, _ index: Int) {
        switch entries[index].outcome {
        case .acknowledged:
            if initial[slot] == nil, let value { initial[slot] = value }
            contents[slot] = Content(value: value, entry: index)
        case .refused: break
        case .unknown: contents[slot] = Content(value: nil, entry: index)
        }
    }

    private mutating func saw(_ slot: Slot, _ value: String, _ index: Int) {
        guard let content = contents[slot], let expected = content.value else {
            // Nobody knew: this is what it is.
            contents[slot] = Content(value: value, entry: index)
            return
        }
        guard value != expected else { return }
        let rule: Rule
        if value == initial[slot] {
            rule = .lostState
        } else if let owner = values.owner(of: slot, value), owner.session != entries[index].session {
            rule = .leakedState
        } else {
            rule = .wrongState
        }
        let text = "\(slot) showed \"\(value)\" in place of \"\(expected)\""
        violations.append(Violation(rule, text, [entries[content.entry], entries[index]]))
        // One loss is told once.
        contents[slot] = Content(value: value, entry: index)
    }
}
