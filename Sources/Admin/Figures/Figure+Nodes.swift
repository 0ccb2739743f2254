// The figures of each node. A node's counters stay with it when its role changes, and go on under the new role.
internal import Topology

extension Figure {
    static let nodes: [Figure] = [
        .node("reads_total", .counter, "Statements sent as reads", places: [.table, .tick]) { $0.load.reads },
        .node("writes_total", .counter, "Statements sent as writes", places: [.table, .tick]) { $0.load.writes },
        .node("node_errors_total", .counter, "Connections and statements that failed", places: [.table, .tick]) {
            $0.load.errors
        },
        .node("in_flight", .gauge, "Statements sent and not yet answered", places: [.table, .tick]) {
            $0.load.inFlight
        },
        .node("server_connections", .gauge, "Open server connections, of all lanes", places: [.table, .tick]) {
            $0.load.connections
        },
        .node("leased_connections", .gauge, "Those of them that sessions have", places: [.table, .tick]) {
            $0.load.leases
        },
        .node("prepared_statements", .gauge, "Statements that sessions have prepared there") {
            $0.load.preparedStatements
        },
        .node("node_ejections_total", .counter, "Times that reads left the node out because it did badly") {
            $0.load.health.ejections
        },
        .node("node_circuit_openings_total", .counter, "Times that connections failed again and again") {
            $0.load.health.circuitOpenings
        },
        Figure(
            name: "statement_latency_microseconds", kind: .histogram, unit: .microseconds,
            help: "From sending a statement to the end of its answer; kind is read for what may be sent twice. "
                + "The sum is estimated from finer buckets and wrong by a sixteenth at most",
            labels: [.cluster, .node, .role, .kind], places: .tick
        ) { look in
            look.clusters.flatMap { cluster in
                cluster.table.entries.flatMap { entry in
                    [("read", entry.load.readLatency), ("write", entry.load.writeLatency)].map { kind, latencies in
                        FigureSample(
                            labels: [cluster.cluster.name, entry.name, entry.role.rawValue, kind],
                            value: .latencies(latencies.snapshot()))
                    }
                }
            }
        },
    ]

    /// What the table `routing_table` shows as well: not in `metrics`, where a sum over nodes would mean nothing.
    static let nodeStates: [Figure] = [
        Figure(
            name: "node_info", kind: .gauge, unit: .one, help: "1, with what the node is and how it does",
            labels: [.cluster, .node, .role, .state, .zone, .serverVersion], places: []
        ) { look in
            look.clusters.flatMap { cluster in
                cluster.table.entries.map { entry in
                    FigureSample(
                        labels: [
                            cluster.cluster.name, entry.name, entry.role.rawValue, entry.state.rawValue,
                            entry.zone ?? "", entry.serverVersion,
                        ], value: .number(1))
                }
            }
        },
        .node("node_online", .gauge, "1 while the node is as it should be", places: []) {
            $0.state == .online ? 1 : 0
        },
        .node("node_accepts_writes", .gauge, "1 while writes are sent there", places: []) { $0.acceptsWrites ? 1 : 0 },
        .node("node_accepts_reads", .gauge, "1 while reads may be sent there", places: []) { $0.acceptsReads ? 1 : 0 },
        .node("node_lag_milliseconds", .gauge, "How far behind the primary", unit: .milliseconds, places: .tick) {
            $0.lagMilliseconds
        },
        .node(
            "node_latency_microseconds", .gauge, "Average answer time of reads, by which they are balanced",
            unit: .microseconds, places: []
        ) { $0.load.latencyMicroseconds },
    ]
}
