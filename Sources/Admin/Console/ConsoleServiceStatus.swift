// Since when the console runs, and how much it did; read from any thread.
internal import Synchronization

/// The console's own figures.
final class ConsoleServiceStatus: Sendable {
    private let started = ContinuousClock.now
    private let run = Atomic<Int>(0)

    /// Whole seconds since the console was made, which is when the proxy started.
    var uptimeSeconds: Int64 { started.duration(to: .now).components.seconds }
    /// Statements taken up since then.
    var statements: Int { run.load(ordering: .relaxed) }

    func statementBegan() { run.add(1, ordering: .relaxed) }

    /// What COM_STATISTICS answers, in MySQL's words.
    func statistics(clients: Int) -> String {
        let perSecond = Double(statements) / Double(max(1, uptimeSeconds))
        let average = (perSecond * 1_000).rounded() / 1_000
        return "Uptime: \(uptimeSeconds)  Threads: \(clients)  Questions: \(statements)  Slow queries: 0  Opens: 0  "
            + "Open tables: 0  Queries per second avg: \(average)"
    }
}
