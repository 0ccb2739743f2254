// Other monitor credentials are tried before they count: with wrong ones all nodes would be lost at once.

import Dispatch
import Synchronization

extension Watcher {
    /// Why nodes that can be watched now could not be watched with another account or other encryption; nil when they can,
    /// and when nothing of that changes. Blocks until all have answered, for a probe's timeout at most.
    package func trial(
        monitorUser: String, monitorPassword: String, tls: ProbeTLS?, intervals: ProbeIntervals
    ) -> String? {
        let new = MonitorCredentials(user: monitorUser, password: monitorPassword, tls: tls)
        guard new != credentials else { return nil }
        // What cannot be watched as it is cannot be lost: the change may be what mends it.
        let members = state.withLock { state in
            state.members.filter { state.observations[$0.id].map { $0.hasFacts && $0.failure == nil } ?? false }
        }
        let failures = TrialFailures()
        let ended = DispatchGroup()
        for member in members {
            DispatchQueue.global(qos: .userInitiated).async(group: ended) {
                let probe = NodeProbe(
                    node: member.id, address: member.address, credentials: new,
                    budgetMilliseconds: Int64(intervals.budgetMilliseconds))
                let answer = probe.run()
                probe.close()
                if let failure = answer.failure { failures.add("\(member.name): \(failure.text)") }
            }
        }
        ended.wait()
        return failures.text
    }
}

/// What went wrong on several threads.
private final class TrialFailures: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var text: String? { texts.withLock { $0.isEmpty ? nil : $0.sorted().joined(separator: "; ") } }
}
