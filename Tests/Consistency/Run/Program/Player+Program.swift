// What a session does, one thing after the other, by the dice.

import ConsistencyChecker
import TestSupport

extension Player {
    /// Plays until the run has had enough.
    func play() {
        while !ground.isOver && !isLost { step() }
        if hasCalled { reset() }
    }

    private func step() {
        switch dice.roll(100) {
        case ..<34: read()
        case ..<46: write()
        case ..<54: raise(dice.roll(Ground.counters))
        case ..<60: append()
        case ..<68: transact()
        case ..<72: readOnly()
        case ..<77: setVariable()
        case ..<83: seeVariable()
        case ..<85: useSchema()
        case ..<87: seeSchema()
        case ..<88: seeInsertID()
        case ..<90: warn()
        case ..<92: count()
        case ..<93: seeAbsence()
        case ..<95: dice.once(in: 3) ? setUserVariable() : seeUserVariable()
        case ..<99: hold()
        default: reset()
        }
    }

    // MARK: Transactions

    private func transact() {
        let isImplicit = dice.once(in: 5)
        let opening = isImplicit ? "SET autocommit = 0" : dice.pick(["BEGIN", "START TRANSACTION", "BEGIN WORK"])
        guard begin(opening) else { return }
        // In the order of their numbers, so that two transactions do not wait for each other.
        var counter = dice.roll(3)
        for _ in 0..<(1 + dice.roll(5)) where !transactionFailed && !isLost {
            switch dice.roll(8) {
            case 0...2: read()
            case 3: write()
            case 4...5 where counter < Ground.counters:
                raise(counter)
                counter += 1 + dice.roll(3)
            case 6: append()
            default: seeVariable()
            }
        }
        end(commits: !transactionFailed && !dice.once(in: 5))
        if isImplicit { leaveAutocommitOff() }
    }

    private func readOnly() {
        let opening = dice.pick([
            "START TRANSACTION READ ONLY", "START TRANSACTION READ ONLY", "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        ])
        guard begin(opening) else { return }
        for _ in 0..<(1 + dice.roll(4)) where !transactionFailed && !isLost {
            if dice.once(in: 5) { seeVariable() } else { read() }
        }
        end(commits: !dice.once(in: 4))
    }

    private func begin(_ text: String) -> Bool {
        transactionFailed = false
        guard perform(Statement(text: text, effects: [.began])) != nil else { return false }
        isInTransaction = true
        return true
    }

    private func end(commits: Bool) {
        isInTransaction = false
        if commits {
            if perform(Statement(text: "COMMIT", effects: [.committed])) != nil { return }
        }
        perform(Statement(text: "ROLLBACK", effects: [.rolledBack]))
    }

    /// Until it succeeds: what follows would be in a transaction that nobody knows of.
    private func leaveAutocommitOff() {
        for _ in 0..<100 where !isLost {
            if perform(Statement(text: "SET autocommit = 1")) != nil { return }
        }
    }
}
