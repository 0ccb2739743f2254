// Times fall into buckets that are known to an eighth, and come out of them in order.

import Testing

@testable import Frontend

@Suite struct LatencyBucketsTests {
    @Test func `a time lies between its bucket's ends, which are near`() {
        var generator = SystemRandomNumberGenerator()
        let powers = (0..<31).flatMap { power in
            [UInt64(1) << power, (UInt64(1) << power) - 1, (UInt64(3) << power) / 2]
        }
        for time in powers + (0..<2_000).map({ _ in UInt64.random(in: 0..<(1 << 31), using: &generator) }) {
            let index = LatencyBuckets.index(time)
            let end = LatencyBuckets.upperBound(index)
            let start = index == 0 ? 0 : LatencyBuckets.upperBound(index - 1) + 1
            #expect(start <= time && time <= end, "\(time) in bucket \(index)")
            #expect(end - start <= start / 8, "bucket \(index) is from \(start) to \(end)")
        }
    }

    @Test func `times beyond all buckets are in the last one`() {
        for time: UInt64 in [1 << 31, 1 << 40, .max] { #expect(LatencyBuckets.index(time) == LatencyBuckets.count - 1) }
        #expect(LatencyBuckets.index((1 << 31) - 1) == LatencyBuckets.count - 1)
        #expect(LatencyBuckets.index(0) == 0)
    }

    @Test func `quantiles are those of the times, to an eighth`() throws {
        var buckets = [UInt32](repeating: 0, count: LatencyBuckets.count)
        for time in 1...1_000 {
            buckets.withUnsafeMutableBufferPointer { LatencyBuckets.add(UInt64(time), to: $0.baseAddress!) }
        }
        for (share, exact) in [(0.0, 1.0), (0.5, 500), (0.95, 950), (0.99, 990), (1, 1_000)] {
            let found = try #require(LatencyBuckets.quantile(share, of: buckets, longest: 1_000))
            #expect(Double(found) >= exact && Double(found) <= exact * 1.125, "\(share): \(found)")
        }
        #expect(LatencyBuckets.quantile(1, of: buckets, longest: 1_000) == 1_000)
        #expect(
            LatencyBuckets.quantile(0.5, of: [UInt32](repeating: 0, count: LatencyBuckets.count), longest: 0) == nil)
    }

    @Test func `a full counter halves all of them`() {
        var buckets = [UInt32](repeating: 0, count: LatencyBuckets.count)
        buckets[5] = .max
        buckets[7] = 100
        buckets.withUnsafeMutableBufferPointer { LatencyBuckets.add(5, to: $0.baseAddress!) }
        #expect(buckets[5] == .max / 2 + 1 && buckets[7] == 50)
    }
}
