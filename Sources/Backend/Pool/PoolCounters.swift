// What sharing connections costs a cluster's servers. Shared by the lanes of one cluster.
internal import Synchronization

/// Totals over all lanes. Relaxed: they are shown to people.
package final class PoolCounters: Sendable {
    private let injectedCount = Atomic<Int>(0)
    private let passedCount = Atomic<Int>(0)
    private let resetCount = Atomic<Int>(0)

    /// Counters at zero.
    package init() {}

    /// Statements of the proxy's own on session connections: state, questions, statements prepared again.
    package var injectedStatements: Int { injectedCount.load(ordering: .relaxed) }
    /// Connections that went to the next session as they were.
    package var passed: Int { passedCount.load(ordering: .relaxed) }
    /// Connections that were reset first.
    package var resets: Int { resetCount.load(ordering: .relaxed) }

    func statementInjected() { injectedCount.add(1, ordering: .relaxed) }
    func connectionPassed() { passedCount.add(1, ordering: .relaxed) }
    func connectionReset() { resetCount.add(1, ordering: .relaxed) }
}
