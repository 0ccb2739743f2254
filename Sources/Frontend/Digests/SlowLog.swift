// Statements that took long: which do, and what is told of each.
internal import Synchronization

/// One slow statement. Without `statement` there is no literal in it.
package struct SlowStatement: Sendable {
    package let cluster: String
    /// The client's connection id, its account and its default schema; empty for none.
    package let session: UInt32
    package let user: String
    package let schema: String
    /// From its arrival to its last byte, waits included.
    package let microseconds: UInt64
    package let rows: UInt64
    package let affectedRows: UInt64
    package let bytes: UInt64
    /// Whether it ended in an error, or with its client.
    package let failed: Bool
    /// Where it ran: `primary`, `replica`, or `proxy` for nowhere, and the node's name; empty for none.
    package let place: String
    package let node: String
    /// What the classifier called it and why it went where it went; empty for what was not routed.
    package let access: String
    package let reason: String
    /// The reasons that it gave the session to stay with its connection.
    package let pins: [String]
    package let digest: UInt64
    package let digestText: String
    /// The statement's beginning as it came; nil unless the settings ask for it, and where a secret may stand in it.
    package let statement: String?
    /// The W3C trace context that came with it; nil for none.
    package let traceParent: String?
    /// Slow statements of the lane since the one told before that were not told.
    package let suppressed: Int
}

/// What counts as slow, and who hears of it. Changeable while in use; any thread.
package final class SlowLog: Sendable {
    private let threshold: Atomic<UInt64>
    private let literals: Atomic<Bool>
    private let tell: @Sendable (SlowStatement) -> Void

    /// - Parameters:
    ///   - thresholdMilliseconds: a statement that takes as long is slow; nil for none.
    ///   - showsLiterals: whether statements are told as they came, beside their digests.
    ///   - tell: told of each slow statement, on its lane; at most `FrontendLimits.slowStatementsPerSecond` of each lane.
    package init(
        thresholdMilliseconds: Int? = nil, showsLiterals: Bool = false,
        tell: @escaping @Sendable (SlowStatement) -> Void = { _ in }
    ) {
        threshold = Atomic(Self.nanoseconds(thresholdMilliseconds))
        literals = Atomic(showsLiterals)
        self.tell = tell
    }

    /// A statement that takes as long is slow; nil for none.
    package var thresholdMilliseconds: Int? {
        get {
            let nanoseconds = threshold.load(ordering: .relaxed)
            return nanoseconds == .max ? nil : Int(nanoseconds / 1_000_000)
        }
        set { threshold.store(Self.nanoseconds(newValue), ordering: .relaxed) }
    }

    /// Whether statements are told as they came.
    package var showsLiterals: Bool {
        get { literals.load(ordering: .relaxed) }
        set { literals.store(newValue, ordering: .relaxed) }
    }

    /// The same in nanoseconds; the greatest number for no statement.
    var thresholdNanoseconds: UInt64 { threshold.load(ordering: .relaxed) }

    func statementWasSlow(_ statement: SlowStatement) { tell(statement) }

    private static func nanoseconds(_ milliseconds: Int?) -> UInt64 {
        guard let milliseconds else { return .max }
        let (product, overflows) = UInt64(max(0, milliseconds)).multipliedReportingOverflow(by: 1_000_000)
        return overflows ? .max : product
    }
}

/// How many slow statements one lane tells. Loop-confined.
struct SlowBudget {
    private var second: UInt64 = 0
    private var told = 0
    private var suppressed = 0

    /// Whether one more may be told now, and how many were not since the last; nil when there were enough this second.
    mutating func admit(nowMilliseconds: UInt64) -> Int? {
        if nowMilliseconds / 1_000 != second {
            second = nowMilliseconds / 1_000
            told = 0
        }
        guard told < FrontendLimits.slowStatementsPerSecond else {
            suppressed += 1
            return nil
        }
        told += 1
        defer { suppressed = 0 }
        return suppressed
    }
}
