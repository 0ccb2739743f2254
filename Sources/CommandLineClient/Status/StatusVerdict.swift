// Whether all is well, and what is not: for exit codes and monitoring.

/// How a proxy does; the raw value is the exit code of `status`, as monitoring plugins count.
package enum StatusLevel: Int32, Sendable, Comparable {
    case well = 0
    case degraded = 1
    /// A cluster has no primary that takes writes.
    case noPrimary = 2
    /// The proxy could not be asked.
    case unreachable = 3

    package static func < (one: StatusLevel, other: StatusLevel) -> Bool { one.rawValue < other.rawValue }

    /// In one word, for people and programs.
    var word: String {
        switch self {
        case .well: "ok"
        case .degraded: "degraded"
        case .noPrimary: "no primary"
        case .unreachable: "unreachable"
        }
    }

    /// As monitoring plugins say it.
    var monitoringWord: String {
        switch self {
        case .well: "OK"
        case .degraded: "WARNING"
        case .noPrimary: "CRITICAL"
        case .unreachable: "UNKNOWN"
        }
    }
}

/// What is not well, the worst first.
package struct StatusVerdict: Sendable, Equatable {
    struct Finding: Sendable, Equatable {
        let level: StatusLevel
        let text: String
    }

    let findings: [Finding]

    /// The worst of all.
    package var level: StatusLevel { findings.first?.level ?? .well }

    /// Judges a snapshot.
    package init(_ snapshot: StatusSnapshot) {
        let found = snapshot.clusters.flatMap(Self.findings)
        findings = found.filter { $0.level == .noPrimary } + found.filter { $0.level != .noPrimary }
    }

    private static func findings(_ cluster: ClusterStatus) -> [Finding] {
        var found: [Finding] = []
        func add(_ level: StatusLevel, _ text: String) {
            found.append(Finding(level: level, text: "cluster \(cluster.name): \(text)"))
        }
        let reason = cluster.gateReason.map { ": \($0)" } ?? ""
        switch cluster.gate {
        case "open": break
        case "paused": add(.degraded, "paused\(reason)")
        default: add(.noPrimary, "no primary takes writes\(reason)")
        }
        if cluster.hasTwoWritable { add(.degraded, "a second node accepts writes") }
        for node in cluster.nodes where node.state != "online" {
            add(.degraded, "node \(node.name) is \(node.state): \(node.reason)")
        }
        if cluster.readers == 0, cluster.nodes.count > 1 { add(.degraded, "no replica takes reads") }
        if let problem = cluster.accountsError { add(.degraded, "accounts cannot be read: \(problem)") }
        return found
    }
}
