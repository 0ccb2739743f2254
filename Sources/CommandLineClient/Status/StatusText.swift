// A snapshot in print: one screen, or one line for monitoring.

/// Prints snapshots.
package struct StatusText: Sendable {
    private let snapshot: StatusSnapshot
    private let verdict: StatusVerdict

    /// Takes a snapshot to print.
    package init(_ snapshot: StatusSnapshot) {
        self.snapshot = snapshot
        verdict = StatusVerdict(snapshot)
    }

    /// One screen, as wide as its longest reason unless `columns` says otherwise.
    package func screen(columns: Int? = nil) -> String {
        var lines = ["\(verdict.level.word): \(headline)"]
        for finding in verdict.findings { lines.append("  ! \(TerminalText.printable(finding.text))") }
        for cluster in snapshot.clusters { lines += [""] + Self.lines(cluster) }
        for (title, notes) in [("last routing events (UTC)", snapshot.events), ("last errors (UTC)", snapshot.errors)]
        where !notes.isEmpty {
            lines += ["", title]
            lines += ColumnText.lines(
                notes.map { [$0.time, $0.cluster, $0.node, $0.title, $0.text] }, indent: "  ")
        }
        return lines.map { line in (columns.map { TerminalText.cut(line, $0) } ?? line) + "\n" }.joined()
    }

    private var headline: String {
        "up \(Figures.duration(seconds: snapshot.uptimeSeconds)), \(Figures.counted(Int(snapshot.clients), "client")), "
            + "\(Figures.short(snapshot.statementsPerSecond)) statements/s since the start"
    }

    private static func lines(_ cluster: ClusterStatus) -> [String] {
        var title = "cluster \(cluster.name): gate \(cluster.gate)"
        if let primary = cluster.primary {
            title += ", primary \(primary)" + (cluster.primarySince.map { " since \($0)" } ?? "")
        } else {
            title += ", no primary" + (cluster.gateClosedSince.map { " since \($0)" } ?? "")
        }
        title += ", epoch \(cluster.epoch)"
        let figures =
            "  \(Figures.counted(Int(cluster.sessions), "session")), \(cluster.held) held, \(cluster.waiting) waiting, "
            + "\(Figures.counted(Int(cluster.statements), "statement")), \(Figures.counted(Int(cluster.errors), "error"))"
        let header = ["node", "role", "state", "lag", "latency", "in flight", "connections", "since", "reason"]
        let rows = cluster.nodes.map { node in
            [
                node.name, node.role, node.state,
                node.lagMilliseconds.map { Figures.time(microseconds: $0.multipliedReportingOverflow(by: 1_000).0) }
                    ?? "-",
                Figures.time(microseconds: node.latencyMicroseconds), "\(node.inFlight)", "\(node.connections)",
                node.since, node.reason,
            ]
        }
        return [TerminalText.printable(title), TerminalText.printable(figures)]
            + ColumnText.lines([header] + rows, toRight: [3, 4, 5, 6], indent: "  ")
    }

    /// One line, as monitoring plugins print it, with figures behind the bar.
    package var short: String {
        let held = snapshot.clusters.reduce(0) { $0 + $1.held }
        let sessions = snapshot.clusters.reduce(0) { $0 + $1.sessions }
        let figures =
            "sessions=\(sessions) held=\(held) clients=\(snapshot.clients) "
            + "statements_per_second=\(Figures.oneDecimal(snapshot.statementsPerSecond))"
        let words =
            verdict.findings.isEmpty
            ? snapshot.clusters.map {
                "cluster \($0.name): primary \($0.primary ?? "unknown"), \($0.nodes.count) nodes"
            }
            : verdict.findings.map(\.text)
        return Self.monitoringLine(verdict.level, words.joined(separator: "; "), figures)
    }

    /// The line when nothing could be asked.
    package static func unreachable(_ reason: String) -> String { monitoringLine(.unreachable, reason, nil) }

    private static func monitoringLine(_ level: StatusLevel, _ text: String, _ figures: String?) -> String {
        // A bar begins the figures.
        let safe = TerminalText.printable(text).replacing("|", with: "/")
        return "SWITCHYARD \(level.monitoringWord) - \(safe)" + (figures.map { " | \($0)" } ?? "") + "\n"
    }
}
