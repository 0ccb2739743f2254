// The console table `metrics`: figures of the process and of each cluster.
internal import Frontend
internal import Network
internal import Topology

extension ConsoleTable {
    /// One row per figure. Names that end in `_total` only grow.
    static func metrics(_ snapshots: ConsoleSnapshots, status: ConsoleServiceStatus) -> ConsoleTable {
        ConsoleTable(
            name: "metrics", comment: "Figures of the process and, with a cluster's name, of each cluster",
            columns: [
                ConsoleColumn(name: "name", type: .text, comment: "What is counted; _total only grows"),
                ConsoleColumn(name: "value", type: .integer, comment: "The figure now"),
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster; NULL for the whole process"),
            ]
        ) {
            let source = snapshots.source
            let whole: [[ConsoleValue]] = [
                ["uptime_seconds", .count(status.uptimeSeconds), .null],
                ["lanes", .count(source.laneCount), .null],
                ["clients", .count(source.clientCount()), .null],
                ["console_clients", .count(source.consoleClientCount()), .null],
                ["console_statements_total", .count(status.statements), .null],
                ["memory_resident_bytes", source.residentBytes().map { ConsoleValue.count($0) } ?? .null, .null],
                ["memory_lane_buffers_bytes", .count(source.laneCount * NetworkLimits.scratchBytes), .null],
            ]
            let encryption: [[ConsoleValue]] = source.encryptionFigures().map { figure in
                [.text(figure.name), .count(figure.value), figure.cluster.map { .text($0) } ?? .null]
            }
            return whole + encryption + source.clusters.flatMap { rows($0, snapshots) }
        }
    }

    private static func rows(_ cluster: ConsoleCluster, _ snapshots: ConsoleSnapshots) -> [[ConsoleValue]] {
        let loads = snapshots.table(of: cluster).entries.map(\.load)
        let counters = cluster.counters
        let causal = counters.causal
        let hints = snapshots.hints(of: cluster.name).totals
        let figures: [(String, ConsoleValue)] = [
            ("statements_total", .count(counters.statements)),
            ("proxy_errors_total", .count(counters.proxyErrors)),
            ("retried_reads_total", .count(counters.retriedReads)),
            ("waiting_statements", .count(counters.waitingStatements)),
            ("causal_waits_total", .count(causal.waits)),
            ("causal_wait_microseconds_total", .count(causal.waitMicroseconds)),
            ("causal_timeouts_total", .count(causal.timeouts)),
            ("causal_questions_total", .count(causal.questions)),
            ("causal_fallbacks_total", .count(causal.fallbacks)),
            ("causal_lost_positions_total", .count(causal.lostPositions)),
            ("injected_statements_total", .count(counters.injectedStatements)),
            ("connections_passed_total", .count(counters.passedConnections)),
            ("connections_reset_total", .count(counters.resetConnections)),
            ("reads_total", .count(loads.reduce(0) { $0 &+ $1.reads })),
            ("writes_total", .count(loads.reduce(0) { $0 &+ $1.writes })),
            ("node_errors_total", .count(loads.reduce(0) { $0 &+ $1.errors })),
            ("in_flight", .count(loads.reduce(0) { $0 + $1.inFlight })),
            ("server_connections", .count(loads.reduce(0) { $0 + $1.connections })),
            ("prepared_statements", .count(loads.reduce(0) { $0 + $1.preparedStatements })),
            ("node_ejections_total", .count(loads.reduce(0) { $0 + $1.health.ejections })),
            ("node_circuit_openings_total", .count(loads.reduce(0) { $0 + $1.health.circuitOpenings })),
            ("hints_followed_total", .count(hints.followed)),
            ("hints_ignored_total", .count(hints.ignored)),
        ]
        let failover = cluster.failoverFigures(
            snapshots.table(of: cluster), nowUnixMilliseconds: ConsoleDateTime.now() / 1_000)
        let pins = counters.pinned.map { ($0.name, ConsoleValue.count($0.count)) }
        let memory = snapshots.memory(of: cluster.name).all.map {
            ("memory_\($0.name)_bytes", ConsoleValue.count($0.bytes))
        }
        return (figures + failover + memory + pins).map { [.text($0.0), $0.1, .text(cluster.name)] }
    }
}

extension ConsoleSnapshots {
    /// What a cluster's sessions and connections hold, on all lanes together.
    func memory(of cluster: String) -> HeldMemory {
        lanes.reduce(into: HeldMemory()) { total, lane in
            if let held = lane.memory[cluster] { total.add(held) }
        }
    }
}
