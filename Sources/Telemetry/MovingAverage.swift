// Exponentially weighted moving averages: a value for one owner, and a shared one for latencies.

internal import Synchronization

/// An exponentially weighted moving average with one owner. The unit is that of the samples.
package struct MovingAverage: Sendable, Equatable {
    /// The share of each new sample, above 0 and at most 1.
    package let weight: Double
    /// The average; `nil` before the first sample.
    package private(set) var value: Double?

    /// An average without samples; `weight` is the share of each new sample.
    package init(weight: Double = 0.125) {
        precondition(weight > 0 && weight <= 1, "the weight of a sample is a share")
        self.weight = weight
    }

    /// Takes a sample in; the first one becomes the average.
    package mutating func add(_ sample: Double) {
        guard let average = value else {
            value = sample
            return
        }
        value = average + (sample - average) * weight
    }
}

/// A moving average of latencies in microseconds that any thread may feed and read; a new sample weighs one eighth.
///
/// Two threads that add at the same moment may lose one of the samples. That is harmless in an average and saves the
/// retry loop.
package final class AtomicMovingAverage: Sendable {
    /// Samples above this (over 3 days) count as this, so that the arithmetic cannot overflow.
    package static let maximumMicroseconds: UInt64 = 1 << 38
    // The average is kept in 1/1024 µs: with whole microseconds it would stop moving 8 µs short of its samples.
    private static let fractionBits: UInt64 = 10
    private static let weightBits: UInt64 = 3

    // 0 means that there is no sample yet; a true average of 0 is kept as the smallest fraction.
    private let scaled = Atomic<UInt64>(0)

    /// An average without samples.
    package init() {}

    /// Takes a latency in.
    package func add(microseconds: UInt64) {
        let sample = min(microseconds, Self.maximumMicroseconds) << Self.fractionBits
        let old = scaled.load(ordering: .relaxed)
        let new = old == 0 ? sample : old - (old >> Self.weightBits) + (sample >> Self.weightBits)
        scaled.store(max(new, 1), ordering: .relaxed)
    }

    /// The average in microseconds, rounded; 0 before the first sample.
    package var microseconds: UInt64 {
        (scaled.load(ordering: .relaxed) + (1 << (Self.fractionBits - 1))) >> Self.fractionBits
    }

    /// Whether any sample has been taken in.
    package var hasSamples: Bool { scaled.load(ordering: .relaxed) != 0 }

    /// Forgets all samples, for example when a node comes back.
    package func reset() {
        scaled.store(0, ordering: .relaxed)
    }
}
