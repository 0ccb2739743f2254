// The console table `pools`: how many server connections each lane has to each node.
internal import Frontend

extension ConsoleTable {
    /// One row per cluster, node and lane that has connections.
    static func pools(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "pools",
            comment: "One row per cluster, node and lane that has server connections; write `limit` in backquotes",
            columns: [
                ConsoleColumn(name: "cluster", type: .text, comment: "The cluster's name"),
                ConsoleColumn(name: "node", type: .text, comment: "The node the connections lead to"),
                ConsoleColumn(name: "lane", type: .integer, comment: "The event loop they live on"),
                ConsoleColumn(name: "connections", type: .integer, comment: "All of them"),
                ConsoleColumn(name: "leased", type: .integer, comment: "On loan to sessions"),
                ConsoleColumn(name: "idle", type: .integer, comment: "Waiting to be leased"),
                ConsoleColumn(
                    name: "limit", type: .integer,
                    comment: "Connections allowed to the node, of all lanes together "
                        + "(limits.server_connections_per_node)"),
            ]
        ) {
            rows(snapshots.lanes.flatMap(\.connections), snapshots.source.clusters)
        }
    }

    private struct Pool: Hashable {
        let cluster: String
        let node: String
        let lane: Int
    }

    private static func rows(
        _ connections: [ConnectionSnapshot], _ clusters: [ConsoleCluster]
    ) -> [[ConsoleValue]] {
        let groups = Dictionary(grouping: connections) { Pool(cluster: $0.cluster, node: $0.node, lane: $0.lane) }
        let ordered = groups.sorted {
            ($0.key.cluster, $0.key.node, $0.key.lane) < ($1.key.cluster, $1.key.node, $1.key.lane)
        }
        return ordered.map { pool, members in
            let limit = clusters.first { $0.name == pool.cluster }?.connectionsPerNode
            return [
                .text(pool.cluster), .text(pool.node), .count(pool.lane), .count(members.count),
                .count(members.count { $0.state == "leased" }), .count(members.count { $0.state == "idle" }),
                limit.map { .count($0) } ?? .null,
            ]
        }
    }
}
