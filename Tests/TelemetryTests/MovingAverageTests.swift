// Averages that follow their samples.

import Testing

@testable import Telemetry

@Suite struct MovingAverageTests {
    @Test func `the first sample is the average and later ones pull it by their weight`() {
        var average = MovingAverage(weight: 0.25)
        #expect(average.value == nil)
        average.add(100)
        #expect(average.value == 100)
        average.add(200)
        #expect(average.value == 125)
    }

    @Test func `a shared average starts with its first sample and moves by an eighth`() {
        let average = AtomicMovingAverage()
        #expect(average.microseconds == 0)
        #expect(!average.hasSamples)
        average.add(microseconds: 800)
        #expect(average.microseconds == 800)
        average.add(microseconds: 1_600)
        #expect(average.microseconds == 900)
        average.add(microseconds: 100)
        #expect(average.microseconds == 800)
    }

    @Test(arguments: [UInt64(3), 1_000_000])
    func `a shared average reaches constant samples from either side`(target: UInt64) {
        for start in [UInt64(0), 50_000, 2_000_000] {
            let average = AtomicMovingAverage()
            average.add(microseconds: start)
            for _ in 0..<300 { average.add(microseconds: target) }
            #expect(average.microseconds == target)
        }
    }

    @Test func `samples of zero count as samples`() {
        let average = AtomicMovingAverage()
        average.add(microseconds: 0)
        #expect(average.hasSamples)
        #expect(average.microseconds == 0)
        average.reset()
        #expect(!average.hasSamples)
    }

    @Test func `an absurd sample does not overflow`() {
        let average = AtomicMovingAverage()
        for _ in 0..<100 { average.add(microseconds: .max) }
        #expect(average.microseconds == AtomicMovingAverage.maximumMicroseconds)
    }
}
