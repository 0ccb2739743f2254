// Where a read may run that must have seen something: on a replica now, after a wait, or on the primary. A pure function.

/// What one read is decided by.
struct CausalQuestion {
    /// Bit i: entry i takes reads and did not just fail.
    var readers: UInt64
    /// Those that are known to have all that is needed.
    var covering: UInt64
    /// The replica that the session must stay with.
    var lastReader: Int?
    /// What must have been seen has no known position.
    var isUnbounded: Bool
    /// Whether the primary may be asked for its position.
    var mayAsk: Bool
    /// Whether a replica may be waited for.
    var mayWait: Bool
    /// How long.
    var timeoutMilliseconds: UInt64
}

/// What becomes of it.
enum CausalChoice: Equatable {
    /// One of these replicas, at once.
    case replicas(UInt64)
    /// This replica, as soon as it has what is needed.
    case wait(Int)
    /// The primary's position is asked first: then it is chosen again.
    case ask
    case primary

    /// - Parameter expected: for how long, in milliseconds, a replica is expected to lack what is needed.
    static func choose(_ question: CausalQuestion, expected: (Int) -> Double) -> CausalChoice {
        let allowed = question.lastReader.map { question.readers & bit($0) } ?? question.readers
        if !question.isUnbounded && allowed & question.covering != 0 { return .replicas(allowed & question.covering) }
        guard question.readers != 0 else { return .primary }
        if question.isUnbounded || allowed == 0 {
            // Not worth the question when no replica would be in time.
            guard question.mayAsk, isInTime(soonest(of: question.readers, expected), question) else { return .primary }
            return .ask
        }
        guard question.mayWait, question.timeoutMilliseconds > 0, let best = soonest(of: allowed, expected),
            isInTime(best, question)
        else { return .primary }
        return .wait(best.index)
    }

    private static func isInTime(_ best: (index: Int, milliseconds: Double)?, _ question: CausalQuestion) -> Bool {
        best.map { $0.milliseconds <= Double(question.timeoutMilliseconds) } ?? false
    }

    private static func soonest(
        of set: UInt64, _ expected: (Int) -> Double
    ) -> (index: Int, milliseconds: Double)? {
        var best: (index: Int, milliseconds: Double)?
        var rest = set
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest - 1
            let milliseconds = expected(index)
            if milliseconds < best?.milliseconds ?? .infinity { best = (index, milliseconds) }
        }
        return best
    }

    private static func bit(_ index: Int) -> UInt64 { index < UInt64.bitWidth ? 1 << UInt64(index) : 0 }
}
