// Which node got how many statements, by the proxy's own counters.
internal import LocalCluster
internal import Proxy
internal import Topology

/// One node's share.
struct NodeTraffic: Sendable, Equatable {
    let name: String
    let address: String
    var isPrimary: Bool
    var reads: UInt64
    var writes: UInt64
}

/// All nodes at one moment, or the difference of two moments.
struct Traffic: Sendable, Equatable {
    var nodes: [NodeTraffic]

    /// Statements of both kinds on all nodes.
    var total: UInt64 { nodes.reduce(0) { $0 + $1.reads + $1.writes } }

    /// What came since `earlier`; roles are the present ones.
    func since(_ earlier: Traffic) -> Traffic {
        var difference = self
        for index in nodes.indices {
            guard let before = earlier.nodes.first(where: { $0.address == nodes[index].address }) else { continue }
            difference.nodes[index].reads -= before.reads
            difference.nodes[index].writes -= before.writes
        }
        return difference
    }
}

extension Traffic {
    /// The counters as they stand. A node the proxy has not found yet has none.
    init(of cluster: LocalCluster, through proxy: ProxyServer) {
        let table = proxy.routingTable(DemoSettings.cluster)
        nodes = cluster.nodes.map { node in
            let index = table?.entries.firstIndex { $0.address.description == node.address }
            let load = index.flatMap { table?.entries[$0].load }
            return NodeTraffic(
                name: node.name, address: node.address, isPrimary: index != nil && index == table?.primaryIndex,
                reads: load?.reads ?? 0, writes: load?.writes ?? 0)
        }
    }
}
