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

extension LimitSettings {
    var loginThrottle: LoginThrottleSettings {
        LoginThrottleSettings(
            failures: loginFailures, windowMilliseconds: UInt64(loginFailureWindowMilliseconds),
            refusalMilliseconds: UInt64(loginRefusalMilliseconds), trusted: loginTrusted)
    }
}

extension Settings {
    /// The places for server connections, of all clusters.
    var connectionBudget: ConnectionBudget {
        ConnectionBudget(limit: limits.serverConnections, accountLimit: limits.serverConnectionsPerAccount)
    }

    func poolSettings(_ cluster: ClusterSettings, _ tls: ServerTLS?, _ budget: ConnectionBudget) -> PoolSettings {
        var pool = PoolSettings(
            connectionsPerNode: limits.serverConnectionsPerNode, idleConnections: limits.poolIdlePerLane,
            connectTimeoutMilliseconds: UInt64(limits.connectTimeoutMilliseconds), tls: tls)
        pool.budget = budget
        pool.minimumIdleConnections = limits.minimumIdlePerLane
        pool.idleTimeoutMilliseconds = UInt64(limits.idleServerTimeoutMilliseconds)
        pool.ageMilliseconds = UInt64(limits.serverConnectionAgeMilliseconds)
        pool.preparedStatementsPerNode = limits.preparedStatementsPerNode
        pool.compression = cluster.compression.algorithm
        pool.compressionThreshold = limits.compressionThresholdBytes
        pool.proxyHeader = cluster.sendProxyProtocol.version
        return pool
    }

    func sessionSettings(_ cluster: ClusterSettings) -> SessionSettings {
        var session = SessionSettings(
            holdTimeoutMilliseconds: UInt64(cluster.holdTimeoutMilliseconds), waitingClients: limits.waitingClients,
            packetBytes: limits.packetBytes, idleTimeoutMilliseconds: UInt64(limits.idleTimeoutMilliseconds),
            loginTimeoutMilliseconds: UInt64(limits.loginTimeoutMilliseconds), clients: limits.clients)
        session.waitTimeoutMilliseconds = UInt64(limits.waitTimeoutMilliseconds)
        session.killOnDisconnect = cluster.killOnDisconnect
        session.zone = zone
        session.zoneOrder = zoneOrder
        session.drainTimeoutMilliseconds = UInt64(cluster.drainTimeoutMilliseconds)
        session.replay = cluster.replay.isOn
        session.replayLimitBytes = cluster.replay.limitBytes
        session.replayAttempts = cluster.replay.attempts
        session.retryDeadlocks = cluster.replay.retriesDeadlocks
        session.binlogNode =
            switch cluster.binlogNode {
            case .primary: .primary
            case .replica: .replica
            case .named(let name): .named(name)
            }
        return session
    }
}

extension SendProxyProtocol {
    fileprivate var version: ProxyHeader.Version? {
        switch self {
        case .off: nil
        case .v1: .v1
        case .v2: .v2
        }
    }
}

extension ListenerSettings {
    /// What reads of this listener's sessions must have seen.
    var causal: CausalSettings {
        let mode: CausalMode =
            switch causalReads {
            case .none: .none
            case .session: .session
            case .global: .global
            }
        return CausalSettings(mode: mode, timeoutMilliseconds: UInt64(causalTimeoutMilliseconds))
    }

    /// Whether a connection from there begins with a PROXY protocol header; nil when none ever does.
    var isTrustedProxy: ((SocketAddress?) -> Bool)? {
        guard !proxyProtocol.isEmpty else { return nil }
        let networks = proxyProtocol
        return { peer in
            guard let peer, peer.isInternet else { return false }
            let host = peer.host
            return networks.contains { $0.contains(host) }
        }
    }
}

extension ClusterSettings {
    var policy: ClusterPolicy {
        var policy = ClusterPolicy()
        policy.twoWritable = twoWritable == .keep ? .keep : .stop
        policy.lossyFailover = lossyFailover == .accept ? .accept : .hold
        policy.externalSource = externalSource == .primary ? .primary : .replica
        policy.majority =
            switch majority {
            case .auto: .auto
            case .required: .required
            case .ignore: .ignore
            }
        policy.unseenPrimary = unseenPrimary == .close ? .close : .keep
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

extension ListenerSettings {
    /// What its sessions begin with.
    var policy: SessionPolicy {
        SessionPolicy(
            mode: mode.routingMode, hints: hints,
            limits: SessionLimits(
                maxLagMilliseconds: maxLagMilliseconds.map { UInt64($0) }, minReaders: minReaders,
                timeoutMilliseconds: UInt64(timeoutMilliseconds)))
    }
}

extension Settings {
    /// What the sessions of single users begin with, by name.
    var userPolicies: [String: UserPolicy] {
        Dictionary(
            policies.map { policy in
                (
                    policy.user,
                    UserPolicy(
                        mode: policy.mode?.routingMode,
                        maxLagMilliseconds: policy.maxLagMilliseconds.map { UInt64($0) },
                        timeoutMilliseconds: policy.timeoutMilliseconds.map { UInt64($0) })
                )
            }, uniquingKeysWith: { first, _ in first })
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
