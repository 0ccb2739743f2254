// From the settings' words to what each floor wants to know.
internal import Backend
internal import Configuration
internal import Frontend
internal import Network
internal import Routing
internal import Topology
internal import Wire

extension NodeAddress {
    var probeAddress: ProbeAddress {
        switch self {
        case .host(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    /// The address to bind: the first one that the host name has. Blocks while it looks the name up.
    func bindAddress() throws(ProxyStartError) -> SocketAddress {
        switch self {
        case .unix(let path):
            guard let address = SocketAddress(unixPath: path) else {
                throw ProxyStartError("the socket path '\(path)' is too long")
            }
            return address
        case .host(let host, let port):
            let (found, reason) = Resolver.lookUp(host: host, port: port)
            guard let first = found.first else { throw ProxyStartError(reason) }
            return first
        }
    }
}

extension Settings {
    func poolSettings(_ cluster: ClusterSettings, _ tls: ServerTLS?) -> PoolSettings {
        var pool = PoolSettings(
            connectionsPerNode: limits.serverConnectionsPerNode, idleConnections: limits.poolIdlePerLane,
            connectTimeoutMilliseconds: UInt64(limits.connectTimeoutMilliseconds), tls: tls)
        pool.preparedStatementsPerNode = limits.preparedStatementsPerNode
        pool.compression = cluster.compression.algorithm
        pool.compressionThreshold = limits.compressionThresholdBytes
        return pool
    }

    func sessionSettings(_ cluster: ClusterSettings) -> SessionSettings {
        SessionSettings(
            holdTimeoutMilliseconds: UInt64(cluster.holdTimeoutMilliseconds), waitingClients: limits.waitingClients,
            packetBytes: limits.packetBytes, idleTimeoutMilliseconds: UInt64(limits.idleTimeoutMilliseconds),
            loginTimeoutMilliseconds: UInt64(limits.loginTimeoutMilliseconds), clients: limits.clients)
    }
}

extension ClusterSettings {
    var policy: ClusterPolicy {
        var policy = ClusterPolicy()
        policy.twoWritable = twoWritable == .keep ? .keep : .stop
        policy.maxLagMilliseconds = maxLagMilliseconds
        policy.discoversMembers = discover
        policy.positionCovers = { position, other, flavor in
            let kind: PositionFlavor = flavor == .mySQL ? .mySQL : .mariaDB
            guard let one = try? Position.parse(position, flavor: kind),
                let two = try? Position.parse(other, flavor: kind)
            else { return nil }
            return one.covers(two)
        }
        return policy
    }

    var intervals: ProbeIntervals {
        var intervals = ProbeIntervals()
        intervals.primaryMilliseconds = probe.primaryIntervalMilliseconds
        intervals.replicaMilliseconds = probe.replicaIntervalMilliseconds
        intervals.budgetMilliseconds = probe.timeoutMilliseconds
        return intervals
    }

    var seeds: [ProbeNode] {
        nodes.map { ProbeNode(name: $0.name, address: $0.address.probeAddress, zone: $0.zone, weight: $0.weight) }
    }
}

extension ListenerMode {
    var routingMode: RoutingMode {
        switch self {
        case .split: .split
        case .primary: .primary
        case .replica: .replica
        }
    }
}
