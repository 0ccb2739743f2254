// The console table `routing_table`: the picture that traffic is routed by.
internal import Topology

extension ConsoleTable {
    /// One row per node, exactly as the lanes see it.
    static func routingTable(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "routing_table", comment: "One row per node: what it is, how it does and why, and what it is given",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "node", type: .text, comment: "The configured name, or the address"),
                ConsoleColumn(name: "address", type: .text, comment: "Where it is connected to"),
                ConsoleColumn(name: "zone", type: .text, comment: "Its zone, if one was given"),
                ConsoleColumn(name: "role", type: .text, comment: "primary, replica or unknown"),
                ConsoleColumn(
                    name: "state", type: .text,
                    comment: "online, lagging, stopped, connecting, starting, read_only, down, refused, wrong_version, "
                        + "writable, draining or unknown"),
                ConsoleColumn(
                    name: "reason", type: .text,
                    comment: "Why the state is what it is; whether reads prefer other nodes, and why"),
                ConsoleColumn(name: "since", type: .datetime, comment: "When role or state changed last, UTC"),
                ConsoleColumn(name: "writes", type: .text, comment: "yes if writes are sent here, else no"),
                ConsoleColumn(name: "reads", type: .text, comment: "yes if reads may be sent here, else no"),
                ConsoleColumn(name: "weight", type: .integer, comment: "Share of reads relative to the other nodes"),
                ConsoleColumn(name: "epoch", type: .integer, comment: "Number of the current or last primary's reign"),
                ConsoleColumn(name: "gtid", type: .text, comment: "The position the node has applied"),
                ConsoleColumn(name: "lag_ms", type: .integer, comment: "Behind the primary; NULL when nobody knows"),
                ConsoleColumn(
                    name: "latency_us", type: .integer, comment: "Average answer time; NULL before the first"),
                ConsoleColumn(name: "in_flight", type: .integer, comment: "Statements sent and not yet answered"),
                ConsoleColumn(name: "connections", type: .integer, comment: "Open server connections, of all lanes"),
                ConsoleColumn(name: "server_version", type: .text, comment: "What the server says of itself"),
            ]
        ) {
            let now = UInt64(max(snapshots.source.monotonicMilliseconds(), 0))
            return snapshots.source.clusters.flatMap { cluster in
                let table = snapshots.table(of: cluster)
                return table.entries.map { row(cluster.name, table.epoch, $0, now) }
            }
        }
    }

    private static func row(
        _ cluster: String, _ epoch: UInt64, _ entry: RoutingEntry, _ now: UInt64
    ) -> [ConsoleValue] {
        let latency = entry.load.latencyMicroseconds
        return [
            .text(cluster), .text(entry.name), .text(entry.address.description), .text(orNull: entry.zone),
            .text(entry.role.rawValue), .text(entry.state.rawValue), .text(reason(entry, now)),
            .time(unixMilliseconds: entry.sinceUnixMilliseconds), .yesNo(entry.acceptsWrites),
            .yesNo(entry.acceptsReads), .count(entry.weight), .count(epoch), .text(orNull: entry.gtid),
            entry.lagMilliseconds.map { .count($0) } ?? .null, latency == 0 ? .null : .count(latency),
            .count(entry.load.inFlight), .count(entry.load.connections), .text(orNull: entry.serverVersion),
        ]
    }

    private static func reason(_ entry: RoutingEntry, _ now: UInt64) -> String {
        let remark = entry.load.health.remark(nowMilliseconds: now)
        return remark.map { "\(entry.reason); \($0)" } ?? entry.reason
    }
}
