// When a node is probed: on its own serial queue, periodically with jitter, and at once when asked.

import Dispatch
import Synchronization

/// The schedule of one node's probes. `@unchecked Sendable`: `probe`, `generation` and
/// `endedAtMilliseconds` are touched on `queue` only.
final class NodeProber: @unchecked Sendable {
    /// Probes wait longer after this many failures in a row: a server counts every broken login against the host.
    private static let failuresUntilSlow = 10
    private static let slowIntervalMilliseconds = 2_000
    /// Between a first failed probe and the next.
    private static let confirmIntervalMilliseconds = 50
    /// Between the end of a probe and the next that was asked for.
    private static let gapMilliseconds: Int64 = 20

    private let queue: DispatchQueue
    private let probe: NodeProbe
    private let report: @Sendable (Observation) -> Void
    private var generation: UInt64 = 0
    private var endedAtMilliseconds: Int64 = 0
    private let intervalMilliseconds: Atomic<Int>
    private let isAsked = Atomic<Bool>(false)
    private let isStopped = Atomic<Bool>(false)
    /// Monotonic milliseconds at which the probe under way began; 0 when none is.
    private let startedAtMilliseconds = Atomic<Int64>(0)

    init(
        node: NodeID, address: ProbeAddress, credentials: MonitorCredentials, budgetMilliseconds: Int64,
        intervalMilliseconds: Int, report: @escaping @Sendable (Observation) -> Void
    ) {
        queue = DispatchQueue(label: "switchyard.probe.\(address)", qos: .userInitiated)
        probe = NodeProbe(
            node: node, address: address, credentials: credentials, budgetMilliseconds: budgetMilliseconds)
        self.intervalMilliseconds = Atomic(intervalMilliseconds)
        self.report = report
    }

    /// Changes the time between probes; a shorter one takes effect now.
    func setInterval(milliseconds: Int) {
        let before = intervalMilliseconds.exchange(milliseconds, ordering: .relaxed)
        if milliseconds < before { probeSoon() }
    }

    /// Probes now. Calls before that probe begins are one.
    func probeSoon() {
        if isStopped.load(ordering: .relaxed) || isAsked.exchange(true, ordering: .acquiringAndReleasing) { return }
        queue.async { self.runAsked() }
    }

    /// Keeps lanes that all meet the same dead node from probing it in a tight loop.
    private func runAsked() {
        let gap = monotonicMilliseconds() - endedAtMilliseconds
        if gap >= Self.gapMilliseconds { return run() }
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(Self.gapMilliseconds - gap))) { self.run() }
    }

    /// Ends probing; `group` is left when the connection is closed.
    func stop(_ group: DispatchGroup) {
        isStopped.store(true, ordering: .relaxed)
        queue.async(group: group) { self.probe.close() }
    }

    /// For how long the probe under way has been running, in milliseconds; 0 when none is.
    func runningMilliseconds(now: Int64) -> Int64 {
        let started = startedAtMilliseconds.load(ordering: .relaxed)
        return started == 0 ? 0 : max(0, now - started)
    }

    private func run() {
        if isStopped.load(ordering: .relaxed) { return }
        isAsked.store(false, ordering: .releasing)
        startedAtMilliseconds.store(monotonicMilliseconds(), ordering: .relaxed)
        let observation = probe.run()
        startedAtMilliseconds.store(0, ordering: .relaxed)
        endedAtMilliseconds = monotonicMilliseconds()
        report(observation)
        scheduleNext(observation)
    }

    /// The timer of an earlier generation finds that it was overtaken.
    private func scheduleNext(_ observation: Observation) {
        generation &+= 1
        let mine = generation
        var interval = intervalMilliseconds.load(ordering: .relaxed)
        let isSlow =
            observation.failure?.kind == .loginRefused || observation.consecutiveFailures >= Self.failuresUntilSlow
        if isSlow && !observation.isGone { interval = max(interval, Self.slowIntervalMilliseconds) }
        // A first failure is confirmed or taken back soon: a lost node should not cost a whole interval more.
        if observation.failure != nil && observation.consecutiveFailures == 1 {
            interval = min(interval, Self.confirmIntervalMilliseconds)
        }
        let jitter = Int.random(in: -(interval / 10)...(interval / 10))
        queue.asyncAfter(deadline: .now() + .milliseconds(interval + jitter)) {
            if self.generation == mine { self.run() }
        }
    }
}
