// One frame of `top`: lines for a screen of some size.

/// By what the statements are sorted.
package enum TopOrder: String, Sendable, CaseIterable {
    /// The time that all of a kind took since the frame before.
    case load
    /// How many came.
    case count
    /// Their 95 % quantile.
    case latency
    /// Those that failed.
    case errors

    /// The one that the key `s` changes to.
    package var next: TopOrder {
        let all = TopOrder.allCases
        let place = all.firstIndex(of: self) ?? 0
        return all[(place + 1) % all.count]
    }
}

/// Lays figures out.
package struct TopFrame {
    private let snapshot: TopSnapshot
    private let rates: TopRates
    private let order: TopOrder
    private let columns: Int

    /// - Parameters:
    ///   - previous: the look before, for what happened in a second.
    ///   - columns: of the screen; every line has at most as many.
    package init(_ snapshot: TopSnapshot, previous: TopSnapshot?, order: TopOrder, columns: Int) {
        self.snapshot = snapshot
        rates = TopRates(from: previous, to: snapshot)
        self.order = order
        self.columns = max(columns, CommandLineLimits.columnsMinimum)
    }

    /// At most `height` lines: the clusters and nodes, and what is left for statements and sessions.
    ///
    /// - Parameter title: the first line.
    package func lines(height: Int, title: String) -> [String] {
        let height = max(height, CommandLineLimits.linesMinimum)
        var lines = [TerminalText.printable(title)] + clusters
        let nodes = nodes
        // Statements and sessions have their headers, and a row each, whatever the number of nodes.
        let shownNodes = nodes.prefix(max(2, min(nodes.count, height - lines.count - 6)))
        lines += shownNodes
        if shownNodes.count < nodes.count {
            lines[lines.count - 1] = "  … \(nodes.count - shownNodes.count + 1) more nodes"
        }
        let left = max(0, height - lines.count - 2)
        let sessions = sessions
        let forDigests = max(left / 2, left - sessions.count)
        lines += [""] + digests.prefix(forDigests)
        lines += [""] + sessions.prefix(max(0, height - lines.count - 1))
        return lines.prefix(height).map { TerminalText.cut($0, columns) }
    }

    private var clusters: [String] {
        snapshot.status.clusters.map { cluster in
            var text = "\(cluster.name): \(cluster.gate)"
            if let reason = cluster.gateReason, cluster.gate != "open" { text += " (\(reason))" }
            text +=
                ", primary \(cluster.primary ?? "unknown"), \(rate(rates.statements(cluster))) q/s, "
                + "\(cluster.sessions) sessions, \(cluster.held) held, \(cluster.waiting) waiting, "
                + "\(rate(rates.errors(cluster))) errors/s"
            return TerminalText.printable(text)
        }
    }

    private func rate(_ value: Double) -> String { rates.areKnown ? Figures.short(value) : "-" }

    private var nodes: [String] {
        let header = ["NODE", "ROLE", "STATE", "READ/S", "WRITE/S", "LATENCY", "LAG", "BUSY", "CONN"]
        let rows = snapshot.status.nodes.map { node in
            [
                node.name, node.role, node.state, rate(rates.reads(node)), rate(rates.writes(node)),
                Figures.time(microseconds: node.latencyMicroseconds),
                Figures.time(microseconds: node.lagMilliseconds.map { $0.multipliedReportingOverflow(by: 1_000).0 }),
                "\(node.inFlight)", "\(node.connections)",
            ]
        }
        return ColumnText.lines([header] + rows, toRight: [3, 4, 5, 6, 7, 8])
    }

    private var digests: [String] {
        let sorted = snapshot.digests.sorted { one, other in
            let (left, right) = (weight(one), weight(other))
            return left == right ? one.totalMicroseconds > other.totalMicroseconds : left > right
        }
        let header = ["CALLS/S", "LOAD", "P95", "ERRORS", "USER", "STATEMENT"]
        let rows = sorted.map { digest in
            [
                rate(rates.count(digest)), rates.areKnown ? percent(rates.load(digest)) : "-",
                Figures.time(microseconds: digest.p95Microseconds), "\(digest.errors)", digest.user, digest.text,
            ]
        }
        return ColumnText.lines([header] + rows, toRight: [0, 1, 2, 3])
    }

    private func percent(_ share: Double) -> String { Figures.short(share * 100) + " %" }

    private func weight(_ digest: DigestFigures) -> Double {
        switch order {
        case .load: rates.load(digest)
        case .count: rates.count(digest)
        case .latency: Double(digest.p95Microseconds ?? 0)
        case .errors: Double(digest.errors)
        }
    }

    private var sessions: [String] {
        let header = ["SESSION", "TIME", "PHASE", "TRX", "USER", "NODE", "STATEMENT"]
        let rows = snapshot.sessions.map { session in
            [
                session.id,
                Figures.time(microseconds: session.sinceMilliseconds.multipliedReportingOverflow(by: 1_000).0),
                session.phase, session.isInTransaction ? "yes" : "", session.user, session.node, session.statement,
            ]
        }
        return ColumnText.lines([header] + rows, toRight: [0, 1])
    }
}
