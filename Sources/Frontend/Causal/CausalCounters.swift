// How often reads had to wait for a replica, for how long, and how often the primary had to serve.
internal import Synchronization

/// Totals of one cluster, over all lanes. Relaxed: they are shown.
package final class CausalCounters: Sendable {
    private let begun = Atomic<Int>(0)
    private let nanoseconds = Atomic<UInt64>(0)
    private let missed = Atomic<Int>(0)
    private let asked = Atomic<Int>(0)
    private let onPrimary = Atomic<Int>(0)
    private let lost = Atomic<Int>(0)

    /// Counters at zero.
    package init() {}

    /// Reads that waited for a replica.
    package var waits: Int { begun.load(ordering: .relaxed) }
    /// For how long, all together, in microseconds.
    package var waitMicroseconds: UInt64 { nanoseconds.load(ordering: .relaxed) / 1_000 }
    /// Waits in vain.
    package var timeouts: Int { missed.load(ordering: .relaxed) }
    /// Times that a primary was asked for its position.
    package var questions: Int { asked.load(ordering: .relaxed) }
    /// Reads that went to the primary because no replica was known to have what they need.
    package var fallbacks: Int { onPrimary.load(ordering: .relaxed) }
    /// Positions of sessions that a failover lost.
    package var lostPositions: Int { lost.load(ordering: .relaxed) }

    func waitEnded(nanoseconds waited: UInt64, inTime: Bool) {
        begun.add(1, ordering: .relaxed)
        nanoseconds.add(waited, ordering: .relaxed)
        if !inTime { missed.add(1, ordering: .relaxed) }
    }
    func primaryAsked() { asked.add(1, ordering: .relaxed) }
    func fellBack() { onPrimary.add(1, ordering: .relaxed) }
    func positionLost() { lost.add(1, ordering: .relaxed) }
}
