// The figures of `metrics` about the gate, and about what changes of the primary cost.
internal import Frontend
internal import Topology

extension ConsoleCluster {
    /// Names and values, in the order in which they are shown.
    ///
    /// - Parameter nowUnixMilliseconds: the time to which a closed gate is counted.
    func failoverFigures(_ table: RoutingTable, nowUnixMilliseconds: Int64) -> [(String, ConsoleValue)] {
        let closedFor = table.closure.map { max(0, nowUnixMilliseconds - $0.sinceUnixMilliseconds) / 1_000 } ?? 0
        let gate: [(String, ConsoleValue)] = [
            ("gate_open", table.mayBegin ? 1 : 0),
            ("gate_closed_seconds", .count(closedFor)),
            ("cluster_paused", table.isPaused ? 1 : 0),
            ("two_writable", table.hasTwoWritable ? 1 : 0),
            ("epoch", .count(table.epoch)),
            ("held_statements", .count(failover.heldStatements)),
            ("held_statements_total", .count(failover.heldStatementsTotal)),
            ("held_milliseconds_total", .count(failover.heldMilliseconds)),
            ("retried_writes_total", .count(failover.retriedWrites)),
            ("replayed_transactions_total", .count(failover.replayedTransactions)),
            ("outcomes_unknown_total", .count(failover.unknownOutcomes)),
            ("outcomes_committed_total", .count(failover.committedOutcomes)),
            ("outcomes_not_committed_total", .count(failover.notCommittedOutcomes)),
        ]
        return gate
            + failover.refusedReplays.map { refusal -> (String, ConsoleValue) in
                // `too large` as `replays_refused_too_large_total`.
                let reason = String(refusal.reason.rawValue.map { $0 == " " ? "_" : $0 })
                return ("replays_refused_\(reason)_total", .count(refusal.count))
            }
    }
}
