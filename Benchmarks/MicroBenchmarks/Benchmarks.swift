// The list of the micro-benchmarks and the way each is measured: wall clock and allocations of one operation.

import AllocationCounter
import Benchmark

/// Allocations of one measurement, which runs an operation 1000 times: 1000 is one per operation.
///
/// Counted by wrapping malloc in this program, on the thread that runs the operation.
private let allocationsPerThousand = BenchmarkMetric.custom("Allocations per 1000", useScalingFactor: false)

/// Measures `operation`, which must not allocate for the sake of the benchmark itself.
func measure(_ name: String, operation: @escaping () throws -> Void) {
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, allocationsPerThousand], timeUnits: .nanoseconds, warmupIterations: 3,
        scalingFactor: .kilo, maxDuration: .seconds(1), maxIterations: 2_000)
    _ = Benchmark(name, configuration: configuration) { benchmark in
        benchmark.startMeasurement()
        let before = switchyard_allocation_count()
        for _ in benchmark.scaledIterations {
            try operation()
        }
        let allocations = Int(switchyard_allocation_count() - before)
        benchmark.stopMeasurement()
        benchmark.measurement(allocationsPerThousand, allocations)
    }
}

/// What the runner calls: registers every benchmark.
let benchmarks: @Sendable () -> Void = {
    registerStatementBenchmarks()
    registerReplyBenchmarks()
    registerRoutingBenchmarks()
}
