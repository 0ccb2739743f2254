// What must be true of a run as a whole: what is there at the end, locks, errors, pins.

/// Checks that look at all sessions together.
struct WholeRules {
    private let history: History
    private let timeline: Timeline
    private(set) var violations: [Violation] = []

    init(_ history: History, _ timeline: Timeline) {
        self.history = history
        self.timeline = timeline
    }

    mutating func check() {
        checkCounters()
        checkRows()
        checkRegisters()
        if history.locksLast { checkLocks() }
        checkErrors()
        violations += history.pins.map { Violation(.keptPin, $0) }
    }

    private mutating func checkCounters() {
        for (counter, value) in history.counters.sorted(by: { $0.key < $1.key }) {
            let changes = timeline.changes[.counter(counter)] ?? []
            let least = changes.count { $0.fate == .committed }
            let most = changes.count { $0.fate != .aborted }
            guard !(least...most ~= value) else { continue }
            let rule = value < least ? Rule.lostIncrement : .doubledIncrement
            let range = least == most ? "\(least)" : "\(least) to \(most)"
            violations.append(Violation(rule, "counter \(counter) ended with \(value) in place of \(range)"))
        }
    }

    private mutating func checkRows() {
        for (counter, rows) in history.rows.sorted(by: { $0.key < $1.key }) {
            var rows = rows
            for change in timeline.changes[.counter(counter)] ?? [] {
                let count = rows.removeValue(forKey: change.value) ?? 0
                let evidence = [history.sessions[change.session][change.entry]]
                if count == 0 && change.fate == .committed {
                    violations.append(Violation(.lostIncrement, "an acknowledged row is not there", evidence))
                } else if count > 1 {
                    violations.append(Violation(.doubledIncrement, "a row is there \(count) times", evidence))
                } else if count > 0 && change.fate == .aborted {
                    violations.append(Violation(.doubledIncrement, "a row is there that was undone", evidence))
                }
            }
            for number in rows.keys.sorted() {
                violations.append(Violation(.doubledIncrement, "row \(number) of counter \(counter): nobody wrote it"))
            }
        }
    }

    private mutating func checkRegisters() {
        for (register, value) in history.registers.sorted(by: { $0.key < $1.key }) {
            let changes = timeline.changes[.register(register)] ?? []
            let last = changes.last { $0.fate == .committed }
            let possible = changes.filter { $0.fate == .unknown && $0.value > last?.value ?? 0 }.map(\.value)
            if value == last?.value ?? 0 || possible.contains(value) { continue }
            let evidence = last.map { [history.sessions[$0.session][$0.entry]] } ?? []
            let text = "register \(register) ended with \(value) in place of \(last?.value ?? 0)"
            violations.append(Violation(.lostWrite, text, evidence))
        }
    }

    /// Two sessions never hold one lock at the same time.
    private mutating func checkLocks() {
        var holdings: [String: [(from: UInt64, to: UInt64, entry: Entry)]] = [:]
        for entries in history.sessions {
            var held: [String: Entry] = [:]
            for entry in entries where entry.isAcknowledged {
                for fact in entry.facts {
                    if case .acquired(let lock) = fact { held[lock] = entry }
                    if case .released(let lock) = fact, let start = held.removeValue(forKey: lock) {
                        holdings[lock, default: []].append((start.ended, entry.began, start))
                    }
                }
            }
        }
        for (lock, all) in holdings {
            let ordered = all.sorted { $0.from < $1.from }
            for (first, second) in zip(ordered, ordered.dropFirst()) where second.from < first.to {
                violations.append(
                    Violation(.sharedLock, "two sessions held \(lock) at once", [first.entry, second.entry]))
            }
        }
    }

    private mutating func checkErrors() {
        var bearable = 0
        for entry in history.sessions.joined() {
            guard let code = entry.errorCode else { continue }
            if history.bearable.contains(code) {
                bearable += 1
            } else {
                violations.append(Violation(.unexpectedError, "error \(code)", [entry]))
            }
        }
        let most = max(10, Int(Double(history.count) * history.bearableShare))
        if bearable > most {
            violations.append(Violation(.tooManyErrors, "\(bearable) of \(history.count) statements ended in errors"))
        }
    }
}
