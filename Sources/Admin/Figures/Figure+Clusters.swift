// The figures of each cluster: its traffic, its reads on replicas, its gate, and what changes of the primary cost.
internal import Frontend
internal import Topology

extension Figure {
    static let traffic: [Figure] = [
        .cluster("statements_total", .counter, "Statements answered", places: [.table, .tick]) {
            $0.cluster.counters.statements
        },
        .cluster(
            "proxy_errors_total", .counter, "Errors of Switchyard's own given to clients", places: [.table, .tick]
        ) { $0.cluster.counters.proxyErrors },
        .cluster("retried_reads_total", .counter, "Reads sent to another node because the first failed") {
            $0.cluster.counters.retriedReads
        },
        .cluster(
            "waiting_statements", .gauge, "Statements that wait for a primary, a reader or a connection now",
            places: [.table, .tick]
        ) { $0.cluster.counters.waitingStatements },
        .cluster("waiting_for_connections", .gauge, "Those of them that wait for a connection") {
            $0.waitingForConnections
        },
        .cluster("injected_statements_total", .counter, "Statements of the proxy's own on session connections") {
            $0.cluster.counters.injectedStatements
        },
        .cluster("connections_passed_total", .counter, "Server connections given to another session as they were") {
            $0.cluster.counters.passedConnections
        },
        .cluster("connections_reset_total", .counter, "Server connections reset for another session") {
            $0.cluster.counters.resetConnections
        },
        .cluster("hints_followed_total", .counter, "Hints in statements that were followed") {
            $0.hints.totals.followed
        },
        .cluster("hints_ignored_total", .counter, "Hints in statements that were not followed") {
            $0.hints.totals.ignored
        },
    ]

    static let causal: [Figure] = [
        .cluster("causal_waits_total", .counter, "Reads that waited for a replica to have what they must see") {
            $0.cluster.counters.causal.waits
        },
        .cluster(
            "causal_wait_microseconds_total", .counter, "For how long they waited, all together", unit: .microseconds
        ) { $0.cluster.counters.causal.waitMicroseconds },
        .cluster("causal_timeouts_total", .counter, "Those that waited in vain") {
            $0.cluster.counters.causal.timeouts
        },
        .cluster("causal_questions_total", .counter, "Times that a primary was asked for its position") {
            $0.cluster.counters.causal.questions
        },
        .cluster("causal_fallbacks_total", .counter, "Reads that the primary served because no replica could") {
            $0.cluster.counters.causal.fallbacks
        },
        .cluster("causal_lost_positions_total", .counter, "Positions of sessions that a failover lost") {
            $0.cluster.counters.causal.lostPositions
        },
    ]

    static let gate: [Figure] = [
        .cluster("gate_open", .gauge, "1 while writes may begin", places: [.table, .tick]) {
            $0.table.mayBegin ? 1 : 0
        },
        .cluster("gate_closed_seconds", .gauge, "For how long they may not; 0 while they may") { look in
            look.table.closure.map { max(0, look.nowUnixMilliseconds - $0.sinceUnixMilliseconds) / 1_000 } ?? 0
        },
        .cluster("cluster_paused", .gauge, "1 while an admin has paused the cluster") { $0.table.isPaused ? 1 : 0 },
        .cluster("two_writable", .gauge, "1 while a second node accepts writes") { $0.table.hasTwoWritable ? 1 : 0 },
        .cluster("epoch", .gauge, "The number of the primary's reign", places: [.table, .tick]) { $0.table.epoch },
    ]

    static let failover: [Figure] = [
        .cluster("held_statements", .gauge, "Statements that wait for a primary now", places: [.table, .tick]) {
            $0.cluster.failover.heldStatements
        },
        .cluster("held_statements_total", .counter, "Statements that had to wait for a primary") {
            $0.cluster.failover.heldStatementsTotal
        },
        .cluster(
            "held_milliseconds_total", .counter, "For how long they waited, all together", unit: .milliseconds
        ) { $0.cluster.failover.heldMilliseconds },
        .cluster("retried_writes_total", .counter, "Writes that a server refused as not executed, sent again") {
            $0.cluster.failover.retriedWrites
        },
        .cluster("replayed_transactions_total", .counter, "Interrupted transactions that went on elsewhere") {
            $0.cluster.failover.replayedTransactions
        },
        .parts("replays_refused_*_total", .counter, "Interrupted transactions that were lost", by: .reason) { look in
            // `too large` as `too_large`.
            look.cluster.failover.refusedReplays.map {
                (String($0.reason.rawValue.map { $0 == " " ? "_" : $0 }), $0.count)
            }
        },
        .cluster("results_continued_total", .counter, "Results that broke off and went on with another node's") {
            $0.cluster.failover.continuedResults
        },
        .parts("results_broken_*_total", .counter, "Results that broke off for their clients", by: .reason) { look in
            look.cluster.failover.brokenResults.map { ($0.reason.rawValue, $0.count) }
        },
        .cluster("outcomes_unknown_total", .counter, "Commits of which nobody could say whether they happened") {
            $0.cluster.failover.unknownOutcomes
        },
        .cluster("outcomes_committed_total", .counter, "Commits in doubt that were found on the new primary") {
            $0.cluster.failover.committedOutcomes
        },
        .cluster("outcomes_not_committed_total", .counter, "Commits in doubt that were found not to be there") {
            $0.cluster.failover.notCommittedOutcomes
        },
    ]

    static let sessions: [Figure] = [
        Figure(
            name: "sessions", kind: .gauge, unit: .one, help: "Sessions that live on a lane",
            labels: [.cluster, .lane], places: .table
        ) { look in
            look.lanes.map {
                FigureSample(labels: [$0.cluster, String($0.lane)], value: .number(Int64($0.sessions)))
            }
        },
        .parts("pins_*_total", .counter, "Times that a session was pinned to its connection", by: .reason) {
            $0.cluster.counters.pinned
        },
        .parts("memory_*_bytes", .gauge, "Memory that sessions and connections hold", by: .purpose) {
            $0.memory.all.map { ($0.name, $0.bytes) }
        },
    ]
}
