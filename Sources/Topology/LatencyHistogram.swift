// How long a node took to answer, as a histogram that all lanes add to: one relaxed addition for each statement.

import Synchronization

/// Bounds of the histogram, each with its reason.
enum LatencyLimits {
    /// Each doubling is cut into so many equal parts: what is made of a part's middle is wrong by 1/16 at most.
    static let parts = 1 << partBits
    static let partBits = 3
    /// The longest time told apart is 2 to this power in microseconds, a little more than a minute; what took longer is
    /// counted as that.
    static let longestExponent = 26
    /// Below 2 to this power in microseconds each microsecond has a bucket: the parts of a doubling are no shorter.
    static let exactExponent = partBits
    /// The first and the last bound that is shown, as powers of 2 in microseconds: 64 µs to 34 s, one for each doubling.
    static let shownExponents = 6...25
}

/// Answer times of one kind of statement at one node. Any thread adds, any thread reads.
///
/// `@unchecked Sendable` because the pointer is set in `init` only, and what it points to are atomics.
package final class LatencyHistogram: @unchecked Sendable {
    private static let bucketCount =
        (LatencyLimits.longestExponent - LatencyLimits.exactExponent + 1) * LatencyLimits.parts
    private let buckets: UnsafeMutablePointer<Atomic<UInt64>>

    /// A histogram of nothing.
    package init() {
        buckets = .allocate(capacity: Self.bucketCount)
        for index in 0..<Self.bucketCount { (buckets + index).initialize(to: Atomic<UInt64>(0)) }
    }

    deinit {
        buckets.deinitialize(count: Self.bucketCount)
        buckets.deallocate()
    }

    /// A statement was answered after so many nanoseconds.
    package func add(nanoseconds: UInt64) {
        buckets[Self.bucket(nanoseconds: nanoseconds)].add(1, ordering: .relaxed)
    }

    /// What was counted until now. While others add, it is as if some of what comes now came a little later.
    package func snapshot() -> LatencySnapshot {
        LatencySnapshot(counts: (0..<Self.bucketCount).map { buckets[$0].load(ordering: .relaxed) })
    }

    /// The bucket of a time. Bounds are inclusive above, as Prometheus wants them: 64 µs are in the one that ends there.
    static func bucket(nanoseconds: UInt64) -> Int {
        let microseconds = (max(nanoseconds, 1) - 1) / 1_000
        guard microseconds >= UInt64(LatencyLimits.parts) else { return Int(microseconds) }
        let exponent = UInt64.bitWidth - 1 - microseconds.leadingZeroBitCount
        guard exponent < LatencyLimits.longestExponent else { return bucketCount - 1 }
        // The bits behind the first one choose the part.
        let part = Int(truncatingIfNeeded: microseconds >> (exponent - LatencyLimits.partBits)) - LatencyLimits.parts
        return (exponent - LatencyLimits.exactExponent + 1) * LatencyLimits.parts + part
    }

    /// The end of a bucket in microseconds.
    static func end(ofBucket index: Int) -> UInt64 {
        let (doubling, part) = index.quotientAndRemainder(dividingBy: LatencyLimits.parts)
        guard doubling > 0 else { return UInt64(part + 1) }
        return UInt64(LatencyLimits.parts + part + 1) << (doubling - 1)
    }
}

/// What a histogram had counted.
package struct LatencySnapshot: Sendable, Equatable {
    private let counts: [UInt64]

    init(counts: [UInt64]) { self.counts = counts }

    /// Statements, all together.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// How long they took all together, in microseconds, estimated from the middles of the buckets.
    package var sumMicroseconds: UInt64 {
        var halves: UInt64 = 0
        var start: UInt64 = 0
        for (index, count) in counts.enumerated() {
            let end = LatencyHistogram.end(ofBucket: index)
            halves &+= count &* (start + end)
            start = end
        }
        return halves / 2
    }

    /// For each bound that is shown, in microseconds, how many took no longer.
    package var cumulative: [(boundMicroseconds: UInt64, count: UInt64)] {
        var sum: UInt64 = 0
        var index = 0
        return LatencyLimits.shownExponents.map { exponent in
            let bound: UInt64 = 1 << UInt64(exponent)
            while index < counts.count, LatencyHistogram.end(ofBucket: index) <= bound {
                sum &+= counts[index]
                index += 1
            }
            return (bound, sum)
        }
    }
}
