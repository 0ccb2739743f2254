// The console table `pools`: how many server connections each lane has to each node.
internal import Configuration
internal import Frontend

extension ConsoleTable {
    /// One row per cluster, node and lane that has connections.
    static func pools(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "pools",
            comment: "One row per cluster, node and lane that has server connections or waits for some; "
                + "write `limit` in backquotes",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "node", type: .text, comment: "The node the connections lead to"),
                ConsoleColumn(name: "lane", type: .integer, comment: "The event loop they live on"),
                ConsoleColumn(name: "connections", type: .integer, comment: "All of them"),
                ConsoleColumn(name: "leased", type: .integer, comment: "On loan to sessions"),
                ConsoleColumn(name: "idle", type: .integer, comment: "Waiting to be leased"),
                ConsoleColumn(name: "waiting", type: .integer, comment: "Statements that wait for a connection"),
                ConsoleColumn(
                    name: "longest_wait_ms", type: .integer, comment: "How long the first of them has waited"),
                ConsoleColumn(
                    name: "limit", type: .integer,
                    comment: "Connections allowed to the node, of all lanes together "
                        + "(limits.server_connections_per_node)"),
                ConsoleColumn(
                    name: "account_limit", type: .integer,
                    comment: "Connections allowed to one account there (limits.server_connections_per_account); "
                        + "NULL for no limit of its own"),
                ConsoleColumn(
                    name: "process_limit", type: .integer,
                    comment: "Connections allowed to all nodes together (limits.server_connections); NULL for no limit"),
            ]
        ) {
            rows(snapshots.lanes, snapshots.source)
        }
    }

    private struct Pool: Hashable {
        let cluster: String
        let node: String
        let lane: Int
    }

    private static func rows(_ lanes: [LaneSnapshot], _ source: ConsoleSource) -> [[ConsoleValue]] {
        let connections = Dictionary(grouping: lanes.flatMap(\.connections)) {
            Pool(cluster: $0.cluster, node: $0.node, lane: $0.lane)
        }
        let queues = Dictionary(grouping: lanes.flatMap(\.waiting)) {
            Pool(cluster: $0.cluster, node: $0.node, lane: $0.lane)
        }
        let pools = Set(connections.keys).union(queues.keys).sorted {
            ($0.cluster, $0.node, $0.lane) < ($1.cluster, $1.node, $1.lane)
        }
        let limits = source.settings.limits
        return pools.map { pool in
            let members = connections[pool] ?? []
            let queue = queues[pool]?.first
            let limit = source.clusters.first { $0.name == pool.cluster }?.connectionsPerNode
            let present: [ConsoleValue] = [
                .text(pool.cluster), .text(pool.node), .count(pool.lane), .count(members.count),
                .count(members.count { $0.state == "leased" }), .count(members.count { $0.state == "idle" }),
                .count(queue?.waiting ?? 0), .count(queue?.longestMilliseconds ?? 0),
            ]
            return present + [
                limit.map { ConsoleValue.count($0) } ?? .null, bound(limits.serverConnectionsPerAccount),
                bound(limits.serverConnections),
            ]
        }
    }

    private static func bound(_ limit: Int) -> ConsoleValue { limit > 0 ? .count(limit) : .null }
}
