// What came of all rounds so far.

import ChaosChecker

/// The record of a run, of which each check looks at the newest part, and the last one at all.
struct Journal {
    private(set) var total = ClientNotes()
    private(set) var loss = Loss()
    private(set) var violations: [LedgerViolation] = []
    private(set) var rounds: [RoundFigures] = []
    /// What the harness itself could not do.
    private(set) var failures: [String] = []
    private var known: Set<LedgerViolation> = []
    /// The first id of each round, and the index of the first write noted in it.
    private var starts: [(id: Int, index: Int)] = []

    mutating func beginRound(_ nextID: Int) { starts.append((nextID, total.writes.count)) }

    /// The first id of the round before the present one: older rows are looked at again at the end.
    var windowStart: Int { window.id }

    private var window: (id: Int, index: Int) { starts.dropLast().last ?? starts.last ?? (1, 0) }

    mutating func add(_ notes: ClientNotes) { total.add(notes) }

    mutating func add(_ other: Loss) { loss.add(other) }

    mutating func add(_ figures: RoundFigures) { rounds.append(figures) }

    mutating func fail(_ text: String) { failures.append(text) }

    /// Counts each violation once, though two checks look at the same writes.
    mutating func add(_ found: [LedgerViolation]) {
        for violation in found where violations.count < ChaosLimits.violations && known.insert(violation).inserted {
            violations.append(violation)
        }
    }

    /// What is checked after a round, or with `isLast` after all.
    func record(_ reigns: [Reign], isLast: Bool, mayLose: Bool) -> LedgerRecord {
        let writes = isLast ? total.writes : Array(total.writes[window.index...])
        var record = LedgerRecord(writes: writes, reigns: reigns)
        record.increments = total.increments
        record.loss = loss
        record.mayLose = mayLose
        record.unseen = total.unseen
        record.noted = total.noted
        return record
    }
}

/// The figures of one round. Times in seconds.
struct RoundFigures {
    var text: String
    /// The longest time in which no write was acknowledged to anybody.
    var pause = 0.0
    /// The longest time that one statement took.
    var longest = 0.0
    /// From the opening of the new primary, and from when its replicas followed, to its first acknowledged write.
    var afterOpening: Double?
    var afterFollowing: Double?
    /// From the disturbance to the opening: the orchestrator's own time.
    var untilOpening: Double?
    var inFlight: InFlight.Count?
    var acknowledged = 0
    var unknown = 0
    var errors = 0
    var lost = 0
    var violations = 0
}
