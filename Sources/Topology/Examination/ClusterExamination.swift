// What the examined nodes are to each other: judged by the watcher's own judge, and a few questions that it does not ask.

/// Something to be said of a cluster.
package struct ExaminationFinding: Sendable, Equatable {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// How it is.
        case fact
        /// Could be better.
        case hint
        /// The proxy would not do all that the settings ask of it.
        case problem
    }

    package var severity: Severity
    /// The node's name; nil for what concerns the cluster.
    package var node: String?
    /// In a sentence.
    package var text: String
}

/// A cluster that was looked at once.
package struct ClusterExamination: Sendable {
    /// Its name in the settings.
    package let cluster: String
    /// As they were configured, then those that were found.
    package let nodes: [NodeExamination]
    /// What the watcher would make of it.
    let table: RoutingTable
    private let isEncrypted: Bool

    init(
        cluster: String, nodes: [NodeExamination], members: [ClusterMember], policy: ClusterPolicy, isEncrypted: Bool,
        nowUnixMilliseconds now: Int64
    ) {
        self.cluster = cluster
        self.nodes = nodes
        self.isEncrypted = isEncrypted
        table =
            Evaluator.evaluate(
                previous: RoutingTable(cluster: cluster, members: members, nowUnixMilliseconds: now), members: members,
                observations: nodes.map(\.observation), policy: policy, nowUnixMilliseconds: now
            ).table
    }

    /// How many problems there are.
    package var problems: Int { findings.count { $0.severity == .problem } }

    /// The statements that would give the account what it lacks, each with the nodes where it does, in order.
    package var grants: [(sql: String, nodes: [String])] {
        var grants: [(sql: String, nodes: [String])] = []
        for node in nodes {
            for missing in node.missing {
                if let index = grants.firstIndex(where: { $0.sql == missing.grant }) {
                    grants[index].nodes.append(node.name)
                } else {
                    grants.append((missing.grant, [node.name]))
                }
            }
        }
        return grants
    }

    /// Everything there is to say: first of each node, then of the cluster.
    package var findings: [ExaminationFinding] {
        nodes.flatMap(findings(of:)) + clusterFindings + serverFindings + semiSyncFindings
    }

    // MARK: Each node

    private func findings(of node: NodeExamination) -> [ExaminationFinding] {
        func finding(_ severity: ExaminationFinding.Severity, _ text: String) -> ExaminationFinding {
            ExaminationFinding(severity: severity, node: node.name, text: text)
        }
        var findings = [finding(.fact, facts(of: node))]
        if let failure = node.failure { findings.append(finding(.problem, Self.words(of: failure))) }
        for missing in node.missing {
            let text = "the monitor account lacks \(missing.privilege), needed \(missing.purpose)"
            findings.append(finding(.problem, text))
        }
        if node.failure != nil || !node.observation.hasFacts { return findings }
        if let entry = table.entries.first(where: { $0.id == node.observation.node }),
            let severity = Self.severity(of: entry)
        {
            findings.append(finding(severity, "\(entry.state.rawValue): \(entry.reason)"))
        }
        if let clock = node.clock, clock.isSkewed {
            let side = clock.aheadMilliseconds > 0 ? "ahead of" : "behind"
            let seconds = Double(clock.aheadMilliseconds.magnitude) / 1_000
            findings.append(
                finding(.hint, "its clock is \(seconds) s \(side) this machine's: have both set by NTP"))
        }
        if node.cipher.isEmpty, !node.isLocal { findings.append(finding(.hint, plainWords(node))) }
        return findings
    }

    private func facts(of node: NodeExamination) -> String {
        let known = node.isConfigured ? "" : ", found by discovery"
        let place = node.name == node.address.description ? "" : "at \(node.address)"
        guard !node.version.isEmpty else { return "not looked at\(place.isEmpty ? "" : " \(place)")\(known)" }
        let seen = node.observation
        var facts = ["\(seen.flavor == .mySQL ? "MySQL" : "MariaDB") \(node.version)"]
        if !place.isEmpty { facts.insert(place, at: 0) }
        facts.append("server id \(seen.serverID)")
        if let entry = table.entries.first(where: { $0.id == seen.node }), entry.role != .unknown {
            facts.append(entry.role.rawValue)
        }
        switch seen.readOnly {
        case .writable: facts.append("writable")
        case .readOnly(let why): facts.append("read-only (\(why))")
        }
        facts.append(node.cipher.isEmpty ? "not encrypted" : node.cipher)
        return facts.joined(separator: ", ") + known
    }

    private static func words(of failure: ProbeFailure) -> String {
        let text = failure.text.prefix(ExaminationLimits.textCharactersMaximum)
        guard failure.kind == .loginRefused else { return "\(failure.kind.rawValue): \(text)" }
        return "the monitor account may not log in: \(text); config/sql has the statements that make it"
    }

    private static func severity(of entry: RoutingEntry) -> ExaminationFinding.Severity? {
        switch entry.state {
        case .online, .draining: nil
        // One look does not tell how far behind a replica is.
        case .lagging, .starting, .connecting: .hint
        case .unknown, .readOnly, .stopped, .down, .refused, .wrongVersion, .writable: .problem
        }
    }

    private func plainWords(_ node: NodeExamination) -> String {
        guard node.offersTLS else { return "it offers no TLS: who listens on the network reads what is sent" }
        return isEncrypted
            ? "it offers TLS, and the connection is not encrypted"
            : "it offers TLS, which clusters[].tls.mode does not ask for"
    }

    // MARK: All together

    private var clusterFindings: [ExaminationFinding] {
        switch table.gate {
        case .open(_, let primary):
            let name = table.entries.first { $0.id == primary }?.name ?? ""
            return [ExaminationFinding(severity: .fact, text: "writes go to \(name) (\(table.kind.words))")]
        case .closed(let reason, _):
            return [ExaminationFinding(severity: .problem, text: "nobody would be written to: \(reason)")]
        }
    }

    /// Nodes with an id that another server has, too. Galera's nodes may share one.
    private var serverFindings: [ExaminationFinding] {
        let known = nodes.filter { $0.observation.hasFacts }
        var findings: [ExaminationFinding] = []
        func tell(_ what: String, _ key: (Observation) -> String, _ consequence: String) {
            let groups = Dictionary(grouping: known) { key($0.observation) }
            for (value, group) in groups.sorted(by: { $0.key < $1.key })
            where !value.isEmpty && Set(group.map(\.observation.identity)).count > 1 {
                let names = group.map(\.name).joined(separator: ", ")
                findings.append(
                    ExaminationFinding(
                        severity: .problem, text: "\(names) have the same \(what) \(value): \(consequence)"))
            }
        }
        if table.kind != .galera {
            tell("server_id", { String($0.serverID) }, "replicas drop what they take for their own; change one")
        }
        tell(
            "server_uuid", { $0.flavor == .mySQL ? $0.serverUUID : "" },
            "delete auto.cnf of the one that was copied, and restart it")
        return findings
    }

    /// Without acknowledged commits a failover may lose some.
    private var semiSyncFindings: [ExaminationFinding] {
        guard table.kind == .replication, nodes.count > 1, let primary = table.primary,
            let seen = nodes.first(where: { $0.observation.node == primary.id })?.observation
        else { return [] }
        func hint(_ text: String) -> [ExaminationFinding] { [ExaminationFinding(severity: .hint, text: text)] }
        guard seen.semiSync.isSourceEnabled else {
            return hint(
                "\(primary.name) does not wait for replicas (semi-synchronous replication is off): what it acknowledged "
                    + "last is lost when it dies")
        }
        if seen.semiSync.isSourceActive == false {
            return hint("\(primary.name) has given up to wait for replicas: semi-synchronous replication fell back")
        }
        if seen.semiSync.replicasAcknowledging == 0 {
            return hint("no replica acknowledges what \(primary.name) writes: is the replica side on, there?")
        }
        let off = nodes.filter { $0.observation.hasFacts && $0.observation.node != primary.id }
            .filter { !$0.observation.semiSync.isReplicaEnabled }.map(\.name)
        return off.isEmpty ? [] : hint("\(off.joined(separator: ", ")): the replica side of semi-sync is off")
    }
}
