// What the workload's sessions have done: counts, errors, the longest waits.
internal import Synchronization

/// What a session wants from the database.
enum Operation: Sendable {
    /// A question of a session that only reads.
    case read
    /// A question about what the same session has just written: never answered by a node that lacks it.
    case ownRead
    /// A statement or a transaction that changes something.
    case write
}

/// Operations of one kind.
struct OperationCounts: Sendable, Equatable {
    var finished = 0
    /// Given up after all attempts.
    var failed = 0
    /// The longest time one operation took, from its first attempt to its success, in seconds.
    var longestSeconds = 0.0
}

/// An error number, how often it was seen, and the first text that came with it.
struct ErrorCount: Sendable, Equatable {
    let code: Int
    var count: Int
    let text: String
}

/// A copy of the counts at one moment.
struct WorkloadCounts: Sendable, Equatable {
    var reads = OperationCounts()
    var ownReads = OperationCounts()
    var writes = OperationCounts()
    /// Errors that were answered with another attempt, or with giving up after the last one.
    var errors: [ErrorCount] = []
    /// Answers that were compared with what they had to be.
    var checked = 0
    /// Answers that were wrong.
    var wrong = 0
    /// The first wrong answer.
    var firstWrong: String?
    /// Orders whose COMMIT or INSERT was acknowledged.
    var orders = 0

    /// Errors of all numbers.
    var errorTotal: Int { errors.reduce(0) { $0 + $1.count } }
    /// Operations of all kinds that were given up.
    var failed: Int { reads.failed + ownReads.failed + writes.failed }

    subscript(operation: Operation) -> OperationCounts {
        get {
            switch operation {
            case .read: reads
            case .ownRead: ownReads
            case .write: writes
            }
        }
        set {
            switch operation {
            case .read: reads = newValue
            case .ownRead: ownReads = newValue
            case .write: writes = newValue
            }
        }
    }
}

/// The counts that all sessions of a workload add to.
final class WorkloadRecord: Sendable {
    private let held = Mutex(WorkloadCounts())

    var counts: WorkloadCounts { held.withLock { $0 } }

    func finished(_ operation: Operation, seconds: Double) {
        held.withLock { counts in
            counts[operation].finished += 1
            counts[operation].longestSeconds = max(counts[operation].longestSeconds, seconds)
        }
    }

    func gaveUp(_ operation: Operation) { held.withLock { $0[operation].failed += 1 } }

    func failedAttempt(_ error: SessionError) {
        held.withLock { counts in
            if let index = counts.errors.firstIndex(where: { $0.code == error.code }) {
                counts.errors[index].count += 1
            } else if counts.errors.count < QuickstartLimits.errorCodes {
                counts.errors.append(ErrorCount(code: error.code, count: 1, text: error.text))
            }
        }
    }

    func orderAcknowledged() { held.withLock { $0.orders += 1 } }

    /// An answer that must be `expected`.
    func check(_ answer: @autoclosure () -> String, is expected: [[String?]], _ rows: [[String?]]) {
        held.withLock { counts in
            counts.checked += 1
            guard rows != expected else { return }
            counts.wrong += 1
            if counts.firstWrong == nil { counts.firstWrong = "\(answer()): got \(rows), expected \(expected)" }
        }
    }
}
