// Buckets for times, log-linear: each power of two is cut into eight, so that a time is known to an eighth.
//
// A table of digests holds hundreds of such histograms for each lane, and its memory has to be the same whatever comes: so
// they are plain runs of counters of one size. HdrHistogram's need several times as much, in storage of their own.

/// The buckets of one histogram of microseconds.
package enum LatencyBuckets {
    /// Parts of each power of two.
    private static let parts = 8
    private static let partBits = 3
    /// Times from here on fall into the last bucket: 36 minutes.
    private static let powers = 31

    /// How many buckets there are.
    package static let count = (powers - partBits + 1) * parts

    /// The bucket of a time.
    package static func index(_ microseconds: UInt64) -> Int {
        guard microseconds >= parts else { return Int(microseconds) }
        let power = 63 - microseconds.leadingZeroBitCount
        guard power < powers else { return count - 1 }
        let part = Int(microseconds >> UInt64(power - partBits)) & (parts - 1)
        return (power - partBits + 1) * parts + part
    }

    /// The longest time that falls into a bucket, in microseconds.
    package static func upperBound(_ index: Int) -> UInt64 {
        guard index >= parts else { return UInt64(max(index, 0)) }
        let power = index / parts + partBits - 1
        return (UInt64(parts + index % parts + 1) << UInt64(power - partBits)) - 1
    }

    /// Counts a time. A counter that is full halves all of them: what is asked for is where the times lie.
    static func add(_ microseconds: UInt64, to buckets: UnsafeMutablePointer<UInt32>) {
        let index = index(microseconds)
        if buckets[index] == .max { for other in 0..<count { buckets[other] >>= 1 } }
        buckets[index] += 1
    }

    /// The time within which a share of all lie, in microseconds: the upper end of the bucket that has it, `longest` at most.
    /// Nil for a histogram of nothing.
    ///
    /// - Parameter share: from 0 to 1.
    package static func quantile(_ share: Double, of buckets: some Collection<UInt32>, longest: UInt64) -> UInt64? {
        let total = buckets.reduce(0) { $0 + UInt64($1) }
        guard total > 0 else { return nil }
        let wanted = max(1, UInt64((min(max(share, 0), 1) * Double(total)).rounded(.up)))
        var passed: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            passed += UInt64(bucket)
            if passed >= wanted { return min(upperBound(index), longest) }
        }
        return longest
    }
}
