// Tells the service manager how the proxy does, and that it makes progress for as long as it really does.
internal import Configuration
internal import Dispatch
internal import Synchronization
package import Telemetry
internal import Topology

/// Reports to a service manager from the start to the end of a proxy. Any thread.
///
/// That the process lives says nothing: a lane that is stuck serves none of its clients, and a watcher that is stuck
/// follows no promotion. So each beat asks every lane for a sign, and the next one tells the manager of progress only if all
/// have answered and every watcher has had its turn. A manager that hears nothing for its time starts the service anew.
package final class ServiceReporter: Sendable {
    /// Beats within the manager's time: a lane that is slow for one of them is forgiven.
    private static let beatsWithinWatchdog: UInt64 = 4
    /// Between beats while the manager does not watch: the status is told as often.
    private static let idleBeatMicroseconds: UInt64 = 5_000_000
    /// Beats are not further apart, and not closer.
    private static let beatMicroseconds: ClosedRange<UInt64> = 50_000...10_000_000

    private let notifier: ServiceNotifier
    private let server: ProxyServer
    private let queue = DispatchQueue(label: "switchyard.service", qos: .userInitiated)
    /// The signs that the last beat asked for and has not seen yet; nil before the first.
    private let outstanding: Mutex<Signs?> = Mutex(nil)
    private let isStopping = Atomic<Bool>(false)
    private let isEnded = Atomic<Bool>(false)
    private let lastStatus = Mutex("")

    /// Of a proxy that has been started.
    package init(_ notifier: ServiceNotifier, _ server: ProxyServer) {
        self.notifier = notifier
        self.server = server
    }

    /// The proxy listens: tells so, and begins to report.
    package func started() {
        notifier.tell(.ready, .status(status()))
        scheduleBeat()
    }

    /// Around a reload, which `work` is.
    package func reloading(_ work: () -> Void) {
        notifier.tell(.reloading(monotonicMicroseconds: MonotonicClock.nanoseconds() / 1_000))
        work()
        notifier.tell(.ready)
    }

    /// The proxy lets its clients go, which takes its time. Progress is told until the end.
    package func stopping() {
        isStopping.store(true, ordering: .relaxed)
        let milliseconds = server.drainMilliseconds + Self.endingMilliseconds
        notifier.tell(
            .stopping, .extendTimeout(microseconds: UInt64(milliseconds) * 1_000), .status("draining"))
    }

    /// What ending takes beside the drain: goodbyes, and probes that hang.
    private static let endingMilliseconds = 10_000

    /// Another process has taken over, and is the service from now on.
    package func handedOver(to process: Int32) { notifier.tell(.mainProcess(process)) }

    /// Nothing is told any more.
    package func ended() { isEnded.store(true, ordering: .relaxed) }

    // MARK: Beats

    private var beatMicroseconds: UInt64 {
        let wished = notifier.watchdogMicroseconds.map { $0 / Self.beatsWithinWatchdog } ?? Self.idleBeatMicroseconds
        return min(max(wished, Self.beatMicroseconds.lowerBound), Self.beatMicroseconds.upperBound)
    }

    private func scheduleBeat() {
        queue.asyncAfter(deadline: .now() + .microseconds(Int(clamping: beatMicroseconds))) { [weak self] in
            guard let self, !self.isEnded.load(ordering: .relaxed) else { return }
            self.beat()
            self.scheduleBeat()
        }
    }

    private func beat() {
        let signs = Signs(server.lanes.count)
        let before = outstanding.withLock { outstanding in
            defer { if outstanding?.isComplete ?? true { outstanding = signs } }
            return outstanding
        }
        // As long as a lane owes an answer it is not asked again.
        if before?.isComplete ?? true { server.askLanes { signs.came() } }
        if notifier.watchdogMicroseconds != nil, before?.isComplete ?? true, watchersTurn { notifier.tell(.watchdog) }
        tellStatus()
    }

    private var watchersTurn: Bool {
        server.clusters.allSatisfy { $0.watcher.turnAgeMilliseconds <= Watcher.turnAgeMillisecondsMaximum }
    }

    // MARK: Status

    private func tellStatus() {
        guard !isStopping.load(ordering: .relaxed) else { return }
        let text = status()
        // One that the manager did not take is told again.
        lastStatus.withLock { last in
            if last != text, notifier.tell(.status(text)) { last = text }
        }
    }

    private func status() -> String {
        let clients = server.clientCount == 1 ? "1 client" : "\(server.clientCount) clients"
        return ([clients] + server.clusters.map { $0.watcher.currentTable.statusWords }).joined(separator: "; ")
    }
}

/// Signs of life of one beat.
private final class Signs: Sendable {
    private let missing: Atomic<Int>
    init(_ count: Int) { missing = Atomic(count) }
    func came() { missing.subtract(1, ordering: .relaxed) }
    var isComplete: Bool { missing.load(ordering: .relaxed) <= 0 }
}

extension RoutingTable {
    /// In a few words, for one line.
    fileprivate var statusWords: String {
        let readers = entries.count { $0.acceptsReads && $0.role == .replica }
        let rest = readers == 1 ? "1 replica serves reads" : "\(readers) replicas serve reads"
        let pausing = isPaused ? ", paused" : ""
        guard case .closed(let reason, _) = gate else {
            return "\(cluster): primary \(primary?.name ?? "none"), epoch \(epoch), \(rest)\(pausing)"
        }
        return "\(cluster): no primary (\(reason)), \(rest)\(pausing)"
    }
}

extension ProxyServer {
    /// Runs `work` on each lane.
    func askLanes(_ work: @escaping @Sendable () -> Void) {
        for assembly in lanes { assembly.onLane { _ in work() } }
    }

    /// The longest `drain_timeout`.
    var drainMilliseconds: Int { settings.clusters.map(\.drainTimeoutMilliseconds).max() ?? 0 }
}
