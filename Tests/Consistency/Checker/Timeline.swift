// When each write came about, and whether it did.

/// One write or raise and its fate.
struct Change {
    enum Fate { case committed, aborted, unknown }

    let session: Int
    let entry: Int
    let value: Int
    /// Before this nobody else can have seen it.
    var visible: UInt64
    /// From now on, everybody can be made to see it; nil unless committed.
    var acknowledged: UInt64?
    var fate: Fate
}

/// All changes of all cells.
struct Timeline {
    private(set) var changes: [Cell: [Change]] = [:]
    private var byValue: [Int: [Int: Change]] = [:]
    /// Of each cell's changes that may have come about: when the first can have, the second, …
    private var visible: [Cell: [UInt64]] = [:]
    /// Of each cell's committed changes: when they were acknowledged, with the greatest number up to then.
    private var acknowledged: [Cell: [(time: UInt64, value: Int)]] = [:]

    init(_ history: History) {
        for entries in history.sessions { add(entries) }
        for (cell, all) in changes {
            visible[cell] = all.filter { $0.fate != .aborted }.map(\.visible).sorted()
            let committed = all.compactMap { change in change.acknowledged.map { (time: $0, value: change.value) } }
                .sorted { $0.time < $1.time }
            switch cell {
            case .counter: acknowledged[cell] = committed.enumerated().map { ($0.element.time, $0.offset + 1) }
            case .register(let register):
                var greatest = 0
                acknowledged[cell] = committed.map { change in
                    greatest = max(greatest, change.value)
                    return (change.time, greatest)
                }
                byValue[register] = Dictionary(all.map { ($0.value, $0) }) { first, _ in first }
            }
        }
    }

    /// Follows one session's transactions.
    private mutating func add(_ entries: [Entry]) {
        var open: [(Cell, Change)] = []
        var isOpen = false
        func end(_ fate: Change.Fate, _ entry: Entry, _ record: (Cell, Change) -> Void) {
            for (cell, change) in open {
                var change = change
                change.fate = fate
                change.visible = entry.began
                if fate == .committed { change.acknowledged = entry.ended }
                record(cell, change)
            }
            open = []
            isOpen = false
        }
        for (index, entry) in entries.enumerated() {
            for fact in entry.facts {
                let cell: Cell
                let value: Int
                switch fact {
                case .wrote(let register, let number): (cell, value) = (.register(register), number)
                case .raised(let counter, let number): (cell, value) = (.counter(counter), number)
                case .began:
                    isOpen = entry.isAcknowledged
                    continue
                case .committed:
                    end(entry.fate, entry) { changes[$0, default: []].append($1) }
                    continue
                case .rolledBack:
                    end(.aborted, entry) { changes[$0, default: []].append($1) }
                    continue
                default: continue
                }
                var change = Change(
                    session: entry.session, entry: index, value: value, visible: entry.began, fate: entry.fate)
                if isOpen && entry.isAcknowledged {
                    open.append((cell, change))
                } else {
                    if entry.isAcknowledged { change.acknowledged = entry.ended }
                    changes[cell, default: []].append(change)
                }
            }
        }
        // A transaction that the run left open.
        for (cell, change) in open { changes[cell, default: []].append(change.with(fate: .unknown)) }
    }

    /// The write that gave a register this number.
    func write(of register: Int, value: Int) -> Change? { byValue[register]?[value] }

    /// How many raises of a counter can have come about by `time`.
    func raises(of cell: Cell, by time: UInt64) -> Int {
        guard let times = visible[cell] else { return 0 }
        return times.partition { $0 > time }
    }

    /// The number that everybody can be made to see from `time` on.
    func acknowledged(_ cell: Cell, by time: UInt64) -> Int {
        guard let all = acknowledged[cell] else { return 0 }
        let count = all.partition { $0.time >= time }
        return count == 0 ? 0 : all[count - 1].value
    }
}

extension Change {
    func with(fate: Fate) -> Change {
        var copy = self
        copy.fate = fate
        return copy
    }
}

extension Entry {
    /// What becomes of the changes that it decides.
    var fate: Change.Fate {
        switch outcome {
        case .acknowledged: .committed
        case .refused: .aborted
        case .unknown: .unknown
        }
    }
}

extension Array {
    /// Of elements in order, the index of the first that `isBeyond`.
    fileprivate func partition(_ isBeyond: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
