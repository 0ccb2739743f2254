// What one session may read, given what it wrote and read before.

/// Follows one session's reads and writes.
struct ReadRules {
    private let timeline: Timeline
    private let promise: Promise
    private let entries: [Entry]

    /// The least number that a read must show: because of an own write, or because a read showed it.
    private struct Floor {
        var value = 0
        var entry: Int?
        var isOwn = false
    }

    private var floors: [Cell: Floor] = [:]
    private var transaction: Transaction?
    private(set) var violations: [Violation] = []

    /// An open transaction.
    private struct Transaction {
        let began: UInt64
        /// Its own changes: the register's number, the counter's raises.
        var registers: [Int: (value: Int, entry: Int)] = [:]
        var counters: [Int: (count: Int, entry: Int)] = [:]
    }

    init(_ entries: [Entry], _ timeline: Timeline, _ promise: Promise) {
        self.entries = entries
        self.timeline = timeline
        self.promise = promise
    }

    mutating func check() {
        for index in entries.indices {
            for fact in entries[index].facts { apply(fact, index) }
        }
    }

    private mutating func apply(_ fact: Fact, _ index: Int) {
        let entry = entries[index]
        switch fact {
        case .read(let cell, let value): read(cell, value, index)
        case .began: if entry.isAcknowledged { transaction = Transaction(began: entry.began) }
        case .rolledBack: transaction = nil
        case .committed: commit(index)
        case .wrote(let register, let value):
            guard entry.isAcknowledged else { return }
            if transaction != nil {
                transaction?.registers[register] = (value, index)
            } else {
                floors[.register(register)] = Floor(value: value, entry: index, isOwn: true)
            }
        case .raised(let counter, _):
            guard entry.isAcknowledged else { return }
            if transaction != nil {
                transaction?.counters[counter, default: (0, index)].count += 1
            } else {
                raise(counter, by: 1, index)
            }
        default: break
        }
    }

    private mutating func commit(_ index: Int) {
        defer { transaction = nil }
        guard entries[index].isAcknowledged, let transaction else { return }
        for (register, own) in transaction.registers {
            floors[.register(register)] = Floor(value: own.value, entry: own.entry, isOwn: true)
        }
        for (counter, own) in transaction.counters { raise(counter, by: own.count, own.entry) }
    }

    /// An acknowledged raise comes on top of all that was seen before it.
    private mutating func raise(_ counter: Int, by count: Int, _ index: Int) {
        let value = floors[.counter(counter), default: Floor()].value + count
        floors[.counter(counter)] = Floor(value: value, entry: index, isOwn: true)
    }

    private mutating func read(_ cell: Cell, _ value: Int, _ index: Int) {
        let entry = entries[index]
        var floor = floors[cell, default: Floor()]
        var own = 0
        switch cell {
        case .register(let register):
            if let pending = transaction?.registers[register] {
                floor = Floor(value: pending.value, entry: pending.entry, isOwn: true)
                own = pending.value
            }
            checkWriter(register, value, entry)
        case .counter(let counter):
            own = transaction?.counters[counter]?.count ?? 0
            if own > 0 { floor = Floor(value: floor.value + own, entry: floor.entry, isOwn: true) }
            let possible = timeline.raises(of: cell, by: entry.ended) + own
            if value > possible {
                add(.futureRead, "\(cell) showed \(value), and at most \(possible) raises had begun", index)
            }
        }
        if value < floor.value {
            let rule = floor.isOwn ? Rule.readYourWrites : .monotonicReads
            add(rule, "\(cell) showed \(value), after \(floor.value)", index, since: floor.entry)
        }
        if promise == .global { checkGlobal(cell, value, index) }
        keep(cell, value, own, index)
    }

    /// A number that was seen is the least to be seen from now on; what the transaction itself did may be undone.
    private mutating func keep(_ cell: Cell, _ value: Int, _ own: Int, _ index: Int) {
        let lasting: Int
        switch cell {
        case .register:
            if own > 0 && value >= own { return }
            lasting = value
        case .counter: lasting = value - own
        }
        if lasting > floors[cell, default: Floor()].value { floors[cell] = Floor(value: lasting, entry: index) }
    }

    private mutating func checkWriter(_ register: Int, _ value: Int, _ entry: Entry) {
        guard value > 0 else { return }
        guard let write = timeline.write(of: register, value: value) else {
            return add(.futureRead, "register \(register) showed \(value), which nobody wrote", entry.number)
        }
        if write.session == entry.session && transaction?.registers[register]?.value == value { return }
        if write.fate == .aborted {
            add(.abortedRead, "register \(register) showed \(value), which did not come about", entry.number)
        } else if write.visible > entry.ended {
            add(.futureRead, "register \(register) showed \(value) before it was written", entry.number)
        }
    }

    private mutating func checkGlobal(_ cell: Cell, _ value: Int, _ index: Int) {
        let since = transaction?.began ?? entries[index].began
        let known = timeline.acknowledged(cell, by: since)
        if value < known {
            add(.globalReads, "\(cell) showed \(value), and \(known) had been acknowledged before", index)
        }
    }

    private mutating func add(_ rule: Rule, _ text: String, _ index: Int, since earlier: Int? = nil) {
        let cause = earlier.map { [entries[$0]] } ?? []
        violations.append(Violation(rule, text, cause + [entries[index]]))
    }
}
