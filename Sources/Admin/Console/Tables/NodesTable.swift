// The console table `nodes`: what the probes saw of each node, and its totals.
internal import Topology

extension ConsoleTable {
    /// One row per member, with the last observation of it. Facts are NULL until a probe succeeded.
    static func nodes(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "nodes", comment: "One row per node: what the last probe saw, and the node's totals",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "node", type: .text, comment: "The configured name, or the address"),
                ConsoleColumn(name: "address", type: .text, comment: "Where it is probed"),
                ConsoleColumn(name: "aliases", type: .text, comment: "Other addresses that led to the same server"),
                ConsoleColumn(
                    name: "reachable", type: .text, comment: "yes if the last probe succeeded; NULL before it"),
                ConsoleColumn(name: "read_only", type: .text, comment: "OFF, ON, or the word the server uses"),
                ConsoleColumn(name: "server_id", type: .integer, comment: "The server's server_id"),
                ConsoleColumn(name: "host_name", type: .text, comment: "What the server's machine calls itself"),
                ConsoleColumn(name: "server_version", type: .text, comment: "The server's version"),
                ConsoleColumn(name: "gtid_binlog", type: .text, comment: "gtid_binlog_pos, or gtid_executed on MySQL"),
                ConsoleColumn(
                    name: "gtid_current", type: .text, comment: "gtid_current_pos, or gtid_executed on MySQL"),
                ConsoleColumn(
                    name: "replication", type: .text, comment: "Its channels: source, threads, seconds behind"),
                ConsoleColumn(name: "replication_error", type: .text, comment: "The channels' last errors"),
                ConsoleColumn(name: "semi_sync", type: .text, comment: "Enabled sides: source, replica; NULL for none"),
                ConsoleColumn(name: "draining", type: .text, comment: "yes after DRAIN NODE, until ENABLE NODE"),
                ConsoleColumn(
                    name: "probe_us", type: .integer, comment: "How long the last probe took, to the millisecond"),
                ConsoleColumn(name: "probed_ms_ago", type: .integer, comment: "How old the observation is"),
                ConsoleColumn(name: "failures", type: .integer, comment: "Failed probes in a row"),
                ConsoleColumn(name: "error_kind", type: .text, comment: "refused, timeout, lost, login_refused, …"),
                ConsoleColumn(
                    name: "last_error", type: .text, comment: "Why the last probe failed; NULL if it did not"),
                ConsoleColumn(name: "missing_privileges", type: .text, comment: "What the monitor account may not see"),
                ConsoleColumn(name: "reads_total", type: .integer, comment: "Statements sent as reads since the start"),
                ConsoleColumn(
                    name: "writes_total", type: .integer, comment: "Statements sent as writes since the start"),
                ConsoleColumn(name: "errors_total", type: .integer, comment: "Connections and statements that failed"),
            ]
        ) {
            let now = snapshots.source.monotonicMilliseconds()
            return snapshots.source.clusters.flatMap { cluster in
                let seen = Dictionary(cluster.observations().map { ($0.node, $0) }) { _, last in last }
                return cluster.members().map { member in
                    identity(cluster.name, member, seen[member.id]) + facts(seen[member.id])
                        + [.yesNo(member.isDraining)] + probe(seen[member.id], now: now)
                        + [.count(member.load.reads), .count(member.load.writes), .count(member.load.errors)]
                }
            }
        }
    }

    private static func identity(
        _ cluster: String, _ member: ClusterMember, _ seen: Observation?
    ) -> [ConsoleValue] {
        [
            .text(cluster), .text(member.name), .text(member.address.description),
            .text(orNull: member.aliases.map(\.description).joined(separator: ", ")),
            seen.map { .yesNo($0.isReachable) } ?? .null,
        ]
    }

    private static func facts(_ seen: Observation?) -> [ConsoleValue] {
        guard let seen, seen.hasFacts else { return Array(repeating: .null, count: 9) }
        let errors = seen.channels.flatMap { [$0.lastIOError, $0.lastSQLError] }.filter { !$0.isEmpty }
        return [
            .text(readOnlyText(seen.readOnly)), .count(seen.serverID), .text(orNull: seen.hostName),
            .text(orNull: seen.version), .text(orNull: seen.gtidBinlogPosition),
            .text(orNull: seen.gtidCurrentPosition),
            .text(orNull: seen.channels.map(channelText).joined(separator: "; ")),
            .text(orNull: errors.joined(separator: "; ")), .text(orNull: semiSyncText(seen.semiSync)),
        ]
    }

    private static func probe(_ seen: Observation?, now: Int64) -> [ConsoleValue] {
        guard let seen else { return Array(repeating: .null, count: 6) }
        return [
            .count(seen.probeLatencyMicroseconds), .count(max(0, now - seen.observedAtMilliseconds)),
            .count(seen.consecutiveFailures), .text(orNull: seen.failure?.kind.rawValue),
            .text(orNull: seen.failure?.text), .text(orNull: seen.missingPrivileges.joined(separator: "; ")),
        ]
    }

    private static func readOnlyText(_ state: ReadOnlyState) -> String {
        switch state {
        case .writable: "OFF"
        case .readOnly("1"): "ON"
        case .readOnly(let word): word
        }
    }

    private static func channelText(_ channel: ReplicationChannel) -> String {
        let name = channel.name.isEmpty ? "" : "'\(channel.name)' "
        let behind = channel.secondsBehind.map { "\($0) s" } ?? "unknown"
        return "\(name)from \(channel.sourceHost):\(channel.sourcePort), io \(channel.ioThread.rawValue), "
            + "sql \(channel.sqlThread.rawValue), behind \(behind)"
    }

    private static func semiSyncText(_ state: SemiSyncState) -> String {
        var sides: [String] = []
        if state.isSourceEnabled {
            let isActive = state.isSourceActive.map { $0 ? " (active)" : " (inactive)" } ?? ""
            sides.append("source\(isActive)")
        }
        if state.isReplicaEnabled { sides.append("replica") }
        return sides.joined(separator: ", ")
    }
}
