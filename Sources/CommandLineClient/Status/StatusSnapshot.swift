// What `status` and `top` know of a proxy: the console's figures of one moment, in Swift's words.

/// A cluster by the console's table `clusters` and its metrics.
struct ClusterStatus: Sendable, Equatable {
    let name: String
    /// Where writes go; nil while the gate is closed.
    let primary: String?
    /// When the primary became what it is; nil without one.
    var primarySince: String?
    let epoch: Int64
    /// open, paused or closed.
    let gate: String
    let gateReason: String?
    let gateClosedSince: String?
    let readers: Int64
    let statements: Int64
    let errors: Int64
    let waiting: Int64
    let accountsError: String?
    var held: Int64 = 0
    var sessions: Int64 = 0
    var hasTwoWritable = false
    var nodes: [NodeStatus] = []
}

/// A node by the console's tables `routing_table` and `nodes`.
struct NodeStatus: Sendable, Equatable {
    let cluster: String
    let name: String
    let role: String
    let state: String
    let reason: String
    let since: String
    let lagMilliseconds: Int64?
    let latencyMicroseconds: Int64?
    let inFlight: Int64
    let connections: Int64
    let reads: Int64
    let writes: Int64
    let failures: Int64
}

/// A routing event, or an error that clients were told.
struct StatusNote: Sendable, Equatable {
    let time: String
    let cluster: String
    let node: String
    /// The kind of an event; number and id of an error.
    let title: String
    let text: String
}

/// One look at a proxy.
package struct StatusSnapshot: Sendable, Equatable {
    var clusters: [ClusterStatus] = []
    var uptimeSeconds: Int64 = 0
    var clients: Int64 = 0
    var events: [StatusNote] = []
    var errors: [StatusNote] = []

    /// All statements of all clusters per second since the start.
    var statementsPerSecond: Double {
        let statements = clusters.reduce(0) { $0 + $1.statements }
        return uptimeSeconds > 0 ? Double(statements) / Double(uptimeSeconds) : 0
    }

    var nodes: [NodeStatus] { clusters.flatMap(\.nodes) }
}

extension StatusSnapshot {
    private static let nodesStatement = """
        SELECT r.cluster, r.node, r.role, r.state, r.reason, r.since, r.lag_ms, r.latency_us, r.in_flight, \
        r.connections, n.reads_total, n.writes_total, n.errors_total FROM routing_table AS r \
        LEFT JOIN nodes AS n ON n.cluster = r.cluster AND n.node = r.node
        """
    private static let metricsStatement = """
        SELECT name, value, cluster FROM metrics WHERE name IN \
        ('uptime_seconds', 'clients', 'sessions', 'held_statements', 'two_writable')
        """

    /// Asks the console; a few cheap statements, none of which copies sessions.
    ///
    /// - Parameter notes: so many events and errors; 0 for none.
    package static func read(
        _ console: any ConsoleAnswering, notes: Int = CommandLineLimits.statusRows
    ) throws(ConsoleFailure) -> StatusSnapshot {
        var snapshot = StatusSnapshot()
        snapshot.clusters = try console.run("SELECT * FROM clusters").records.map(ClusterStatus.init)
        for node in try console.run(nodesStatement).records.map(NodeStatus.init) {
            guard let place = snapshot.clusters.firstIndex(where: { $0.name == node.cluster }) else { continue }
            snapshot.clusters[place].nodes.append(node)
            if node.role == "primary", node.name == snapshot.clusters[place].primary {
                snapshot.clusters[place].primarySince = node.since
            }
        }
        for metric in try console.run(metricsStatement).records { snapshot.take(metric) }
        guard notes > 0 else { return snapshot }
        snapshot.events = try console.run(
            "SELECT time, cluster, node, kind, reason FROM routing_history ORDER BY time DESC LIMIT \(notes)"
        ).records.map { StatusNote($0, title: $0.text("kind"), text: $0.text("reason")) }
        snapshot.errors = try console.run(
            "SELECT time, cluster, node, code, id, cause FROM errors ORDER BY time DESC LIMIT \(notes)"
        ).records.map { StatusNote($0, title: "\($0.text("code")) [\($0.text("id"))]", text: $0.text("cause")) }
        return snapshot
    }

    private mutating func take(_ metric: ResultRecord) {
        let value = metric.number("value") ?? 0
        let place = clusters.firstIndex { $0.name == metric.text("cluster") }
        switch (metric.text("name"), place) {
        case ("uptime_seconds", _): uptimeSeconds = value
        case ("clients", _): clients = value
        case ("sessions", let place?): clusters[place].sessions = value
        case ("held_statements", let place?): clusters[place].held = value
        case ("two_writable", let place?): clusters[place].hasTwoWritable = value != 0
        default: break
        }
    }
}

extension ClusterStatus {
    init(_ record: ResultRecord) {
        name = record.text("cluster")
        primary = record["primary_node"]
        epoch = record.number("epoch") ?? 0
        gate = record.text("gate")
        gateReason = record["gate_reason"]
        gateClosedSince = record["gate_closed_since"]
        readers = record.number("readers") ?? 0
        statements = record.number("statements") ?? 0
        errors = record.number("proxy_errors") ?? 0
        waiting = record.number("waiting_statements") ?? 0
        accountsError = record["accounts_error"]
    }
}

extension NodeStatus {
    init(_ record: ResultRecord) {
        cluster = record.text("cluster")
        name = record.text("node")
        role = record.text("role")
        state = record.text("state")
        reason = record.text("reason")
        since = record.text("since")
        lagMilliseconds = record.number("lag_ms")
        latencyMicroseconds = record.number("latency_us")
        inFlight = record.number("in_flight") ?? 0
        connections = record.number("connections") ?? 0
        reads = record.number("reads_total") ?? 0
        writes = record.number("writes_total") ?? 0
        failures = record.number("errors_total") ?? 0
    }
}

extension StatusNote {
    init(_ record: ResultRecord, title: String, text: String) {
        time = record.text("time")
        cluster = record.text("cluster")
        node = record.text("node")
        self.title = title
        self.text = text
    }
}
