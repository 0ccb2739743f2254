// Answer times in buckets: each time is in the one it belongs to, and nothing is lost.

import Testing

@testable import Topology

@Suite struct LatencyHistogramTests {
    @Test func `every time is behind the end of the bucket before its own, and not behind the end of its own`() {
        var samples: [UInt64] = [0, 1, 999, 1_000, 1_001]
        for exponent in 0..<26 {
            let microseconds: UInt64 = 1 << UInt64(exponent)
            for part in 0..<16 { samples.append((microseconds + microseconds * UInt64(part) / 16) * 1_000) }
            samples += [microseconds * 1_000 - 1, microseconds * 1_000 + 1]
        }
        for nanoseconds in samples {
            let bucket = LatencyHistogram.bucket(nanoseconds: nanoseconds)
            #expect(nanoseconds <= LatencyHistogram.end(ofBucket: bucket) * 1_000, "\(nanoseconds) in \(bucket)")
            if bucket > 0 {
                #expect(nanoseconds > LatencyHistogram.end(ofBucket: bucket - 1) * 1_000, "\(nanoseconds) in \(bucket)")
            }
        }
    }

    @Test func `the longest times are counted`() {
        let histogram = LatencyHistogram()
        histogram.add(nanoseconds: .max)
        histogram.add(nanoseconds: 200_000_000_000)
        let snapshot = histogram.snapshot()
        #expect(snapshot.count == 2)
        #expect(snapshot.cumulative.allSatisfy { $0.count == 0 })
    }

    @Test func `a bound counts what took exactly so long`() {
        let histogram = LatencyHistogram()
        histogram.add(nanoseconds: 64_000)
        histogram.add(nanoseconds: 64_001)
        histogram.add(nanoseconds: 10)
        let shown = histogram.snapshot().cumulative
        #expect(shown[0].boundMicroseconds == 64 && shown[0].count == 2)
        #expect(shown[1].boundMicroseconds == 128 && shown[1].count == 3)
        #expect(shown.last?.boundMicroseconds == 1 << 25 && shown.last?.count == 3)
        #expect(zip(shown, shown.dropFirst()).allSatisfy { $0.count <= $1.count })
    }

    @Test func `the sum is near the truth`() {
        let histogram = LatencyHistogram()
        var truth = 0.0
        for microseconds in stride(from: 20, to: 2_000_000, by: 977) {
            histogram.add(nanoseconds: UInt64(microseconds) * 1_000)
            truth += Double(microseconds)
        }
        let sum = Double(histogram.snapshot().sumMicroseconds)
        #expect(abs(sum - truth) <= truth / 16)
    }

    @Test func `a node counts reads and writes apart, and no statement that failed`() {
        let load = NodeLoad()
        load.finished(latencyNanoseconds: 1_000)
        load.finished(latencyNanoseconds: 2_000_000, isRead: false)
        load.finished(latencyNanoseconds: 3_000_000, isRead: false)
        load.failed()
        load.abandoned()
        #expect(load.readLatency.snapshot().count == 1)
        #expect(load.writeLatency.snapshot().count == 2)
    }
}
