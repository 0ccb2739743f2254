// A snapshot for programs.

extension StatusText {
    /// An object; its members only become more. `state` is ok, degraded, `no primary` or unreachable.
    package static func json(_ snapshot: StatusSnapshot) -> String {
        let verdict = StatusVerdict(snapshot)
        return JSONNode.object([
            ("state", .text(verdict.level.word)), ("exit_code", .integer(Int64(verdict.level.rawValue))),
            ("problems", .array(verdict.findings.map { .text($0.text) })),
            ("uptime_seconds", .integer(snapshot.uptimeSeconds)), ("clients", .integer(snapshot.clients)),
            ("statements_per_second", .number(Figures.oneDecimal(snapshot.statementsPerSecond))),
            ("clusters", .array(snapshot.clusters.map(node))),
            ("routing_events", .array(snapshot.events.map { note($0, title: "kind", text: "reason") })),
            ("errors", .array(snapshot.errors.map { note($0, title: "error", text: "cause") })),
        ]).lines
    }

    /// The object when nothing could be asked.
    package static func unreachableJSON(_ reason: String) -> String {
        let level = StatusLevel.unreachable
        return JSONNode.object([
            ("state", .text(level.word)), ("exit_code", .integer(Int64(level.rawValue))),
            ("problems", .array([.text(reason)])),
        ]).lines
    }

    private static func node(_ cluster: ClusterStatus) -> JSONNode {
        .object([
            ("cluster", .text(cluster.name)), ("gate", .text(cluster.gate)),
            ("gate_reason", .text(orNull: cluster.gateReason)),
            ("gate_closed_since", .text(orNull: cluster.gateClosedSince)), ("primary", .text(orNull: cluster.primary)),
            ("primary_since", .text(orNull: cluster.primarySince)), ("epoch", .integer(cluster.epoch)),
            ("readers", .integer(cluster.readers)), ("sessions", .integer(cluster.sessions)),
            ("held_statements", .integer(cluster.held)), ("waiting_statements", .integer(cluster.waiting)),
            ("statements", .integer(cluster.statements)), ("proxy_errors", .integer(cluster.errors)),
            ("two_writable", .bool(cluster.hasTwoWritable)), ("nodes", .array(cluster.nodes.map(node))),
        ])
    }

    private static func node(_ node: NodeStatus) -> JSONNode {
        .object([
            ("node", .text(node.name)), ("role", .text(node.role)), ("state", .text(node.state)),
            ("reason", .text(node.reason)), ("since", .text(node.since)),
            ("lag_ms", .integer(orNull: node.lagMilliseconds)),
            ("latency_us", .integer(orNull: node.latencyMicroseconds)), ("in_flight", .integer(node.inFlight)),
            ("connections", .integer(node.connections)), ("reads", .integer(node.reads)),
            ("writes", .integer(node.writes)), ("errors", .integer(node.failures)),
        ])
    }

    private static func note(_ note: StatusNote, title: String, text: String) -> JSONNode {
        .object([
            ("time", .text(note.time)), ("cluster", .text(note.cluster)), ("node", .text(note.node)),
            (title, .text(note.title)), (text, .text(note.text)),
        ])
    }
}
