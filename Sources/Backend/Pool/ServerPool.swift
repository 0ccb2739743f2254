// The server connections of one lane to one cluster: leases, and what idles between them.
package import Compression
package import Network
package import Topology
package import Wire

/// What an operator may set.
package struct PoolSettings: Sendable {
    /// Server connections to one node, of all lanes together.
    package var connectionsPerNode: Int
    /// Idle connections kept by one lane.
    package var idleConnections: Int
    /// Connect and login together, in milliseconds.
    package var connectTimeoutMilliseconds: UInt64
    /// An idle connection is closed after this long, if more than `minimumIdleConnections` are there.
    package var idleTimeoutMilliseconds = BackendLimits.idleMilliseconds
    /// A connection that is older is not used again.
    package var ageMilliseconds = BackendLimits.ageMilliseconds
    /// Idle connections that one lane keeps to one node however long they idle, and opens when they are missing.
    package var minimumIdleConnections = 0
    /// The places of all lanes, and of all clusters.
    package var budget = ConnectionBudget()
    /// Totals of the cluster.
    package var counters = PoolCounters()
    /// Statements prepared on one node at once, by all lanes together.
    package var preparedStatementsPerNode = 16_000
    /// How connections are encrypted; nil for not at all.
    package var tls: ServerTLS?
    /// How connections are compressed, when the server can do it.
    package var compression: CompressionAlgorithm?
    /// Frames with fewer bytes are not.
    package var compressionThreshold = CompressionLimits.thresholdBytes
    /// The PROXY protocol header that nodes get; nil for none. With one, only sessions from the same address share
    /// connections.
    package var proxyHeader: ProxyHeader.Version?

    /// Settings by value.
    package init(
        connectionsPerNode: Int, idleConnections: Int, connectTimeoutMilliseconds: UInt64,
        tls: ServerTLS? = nil, proxyHeader: ProxyHeader.Version? = nil
    ) {
        self.connectionsPerNode = connectionsPerNode
        self.idleConnections = idleConnections
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.proxyHeader = proxyHeader
        self.tls = tls
    }
}

extension PoolSettings {
    /// Whether connections are opened in the same way.
    fileprivate func connectsLike(_ other: PoolSettings) -> Bool {
        tls?.source === other.tls?.source && tls?.isRequired == other.tls?.isRequired
            && compression == other.compression && proxyHeader == other.proxyHeader
    }
}

/// The answer to a request for a connection.
package enum Acquisition {
    /// A connection, ready or still logging in; the user hears which.
    case connection(ServerConnection)
    /// The node, the account or the process has as many as it may have.
    case limitReached(ConnectionLimit)
    /// No descriptor, no memory, or an address that cannot be used.
    case failed(String)
}

/// What can be had again after `limitReached`.
package enum Capacity {
    /// An idle connection to this node.
    case idle(NodeID)
    /// The place of one that was closed, and whose account it was.
    case place(NodeID, account: String)

    /// Where.
    package var node: NodeID {
        switch self {
        case .idle(let node), .place(let node, _): node
        }
    }
}

/// One lane's connections to one cluster. Loop-confined.
///
/// A connection is in exactly one place: leased to a session, being reset, or idle. It leaves through `closed` only.
package final class ServerPool {
    private struct Idle {
        let connection: ServerConnection
        let sinceMilliseconds: UInt64
    }

    private let lane: Lane
    private(set) var settings: PoolSettings
    private let resolver: Resolver
    private let attributes: [ConnectAttribute]
    private let onTrouble: @Sendable (NodeID) -> Void
    private var idle: [PoolKey: [Idle]] = [:]
    private var idleCount = 0
    private var open: [ObjectIdentifier: ServerConnection] = [:]
    /// How many of them there are to each node.
    private var openCounts: [NodeID: Int] = [:]
    /// Those whose node's name is being looked up.
    private var resolving: [ObjectIdentifier: ServerConnection] = [:]
    private var onCapacity: ((Capacity) -> Void)?
    private var isSurplus: ((NodeID, _ account: String) -> Bool)?
    /// What each node was when the last table came: its connections were made for that.
    private var standings: [NodeID: Standing] = [:]
    /// What is opened before a session asks for it.
    var ahead = OpeningAhead()
    /// The table in force; nil before the first.
    private(set) var table: RoutingTable?
    var nextSampleMilliseconds: UInt64 = 0
    /// For whom the last connection was that could not be made, of each node.
    var lastFailed: [NodeID: PoolKey] = [:]
    /// How often that changed.
    private var generations: [NodeID: UInt32] = [:]

    /// What a connection relies on. When it changes, those that were opened before are not used again.
    private struct Standing: Equatable {
        let address: ProbeAddress
        let role: NodeRole
        /// Which server answers as the node.
        let moves: UInt32
        /// The reign, if it is the primary's.
        let epoch: UInt64
    }

    /// - Parameters:
    ///   - attributes: connect attributes of every login.
    ///   - onTrouble: told of a node after any failure, so that it is probed at once.
    package init(
        lane: Lane, settings: PoolSettings, resolver: Resolver, attributes: [ConnectAttribute],
        onTrouble: @escaping @Sendable (NodeID) -> Void
    ) {
        self.lane = lane
        self.settings = settings
        self.resolver = resolver
        self.attributes = attributes
        self.onTrouble = onTrouble
    }

    /// Says who wants to hear that a connection may be had again after `limitReached`.
    package func setCapacityHandler(_ handler: @escaping (Capacity) -> Void) { onCapacity = handler }

    /// Says who knows whether a returned connection to a node, of this account, is better closed than kept.
    package func setSurplusCheck(_ check: @escaping (NodeID, _ account: String) -> Bool) { isSurplus = check }

    /// All connections of this pool, for the console.
    package var connections: [ServerConnection] { Array(open.values) }
    /// How connections are encrypted.
    var tls: ServerTLS? { settings.tls }
    /// Totals of the cluster.
    var counters: PoolCounters { settings.counters }
    /// Monotonic time of the lane's present wake.
    var nowMilliseconds: UInt64 { lane.nowMilliseconds }
    /// How many of them there are to a node.
    package func connections(to node: NodeID) -> Int { openCounts[node] ?? 0 }
    /// How many of them idle.
    package var idleConnections: Int { idleCount }

    /// Statements prepared on one node at once.
    var preparedStatementsPerNode: Int { settings.preparedStatementsPerNode }

    /// How new connections are compressed.
    var compression: CompressionAlgorithm? { settings.compression }

    /// The frames of a connection on which this was agreed.
    func codec(_ negotiated: Capabilities) -> FrameCodec? {
        guard let algorithm = settings.compression, negotiated.contains(algorithm.capability) else { return nil }
        return FrameCodec(algorithm, role: .client, threshold: settings.compressionThreshold)
    }

    /// Other settings from now on. Connections that would be opened otherwise now are not used again.
    package func adopt(_ settings: PoolSettings) {
        let isSame = self.settings.connectsLike(settings)
        self.settings = settings
        guard !isSame else { return }
        for node in Set(open.values.map(\.entry.id)) { generations[node, default: 0] += 1 }
        for connection in idle.values.flatMap({ $0 }).map(\.connection) { connection.close() }
    }

    // MARK: Leases

    /// Leases an idle connection, or starts a new one.
    ///
    /// - Parameter isReadOnly: whether the server is to refuse writes on it.
    /// - Parameter wanted: the session's state: a connection that is in it already is preferred.
    /// - Parameter mayEvict: whether an idle connection that does not fit may be closed to make room.
    /// - Parameter beyondLimit: so many connections above the limits may be made for this purpose.
    /// - Parameter hasSchema: whether the session has a default schema: a connection that has one cannot serve a session
    ///   that has none.
    package func acquire(
        _ entry: RoutingEntry, epoch: UInt64, account: BackendAccount, traits: ConnectionTraits, isReadOnly: Bool,
        hasSchema: Bool, wanted: SessionImage? = nil, mayEvict: Bool = true, beyondLimit: Int = 0,
        for user: any ServerConnectionUser
    ) -> Acquisition {
        var key = PoolKey(node: entry.id, account: account, traits: traits, isReadOnly: isReadOnly)
        if settings.proxyHeader != nil { key.clientHost = user.connectionOrigin.address?.host ?? "" }
        // What is made beyond the limits is for one purpose, and no session's.
        if settings.minimumIdleConnections > 0 && beyondLimit == 0 {
            ahead.used(key, isPrimary: entry.role == .primary)
        }
        if let connection = takeIdle(key, entry, hasSchema, wanted) {
            connection.lease(to: user, epoch: epoch)
            return .connection(connection)
        }
        // What is made beyond the limits is a KILL, and is tried in any case.
        if beyondLimit == 0, let reason = refusal(at: entry) { return .failed(reason) }
        while let limit = settings.budget.reserve(
            entry.load, user: account.user, nodeLimit: settings.connectionsPerNode, beyond: beyondLimit,
            nowMilliseconds: lane.nowMilliseconds)
        {
            guard mayEvict, evictIdle(against: limit, entry.id, account) else { return .limitReached(limit) }
        }
        return start(key, entry, epoch, user)
    }

    /// Whether an idle connection to the node is here, or one more could be opened, perhaps in the place of an idle one.
    package func hasRoom(at entry: RoutingEntry) -> Bool {
        if hasIdle(at: entry.id) { return true }
        return entry.load.hasRoom(limit: settings.connectionsPerNode, nowMilliseconds: lane.nowMilliseconds)
            && (!settings.budget.isFull || idleCount > 0)
    }

    /// Whether a connection to the node idles here.
    package func hasIdle(at node: NodeID) -> Bool { idle.keys.contains { $0.node == node } }

    private func takeIdle(
        _ key: PoolKey, _ entry: RoutingEntry, _ hasSchema: Bool, _ wanted: SessionImage?
    ) -> ServerConnection? {
        // Who has no image wants any connection of the account.
        let takesRole = wanted.map { $0.role != nil } ?? true
        // The last returned first: the others may then grow old and go. Best is one that needs to be told nothing.
        while var stack = idle[key],
            let index = stack.lastIndex(where: { wanted.map($0.connection.isLike) ?? false })
                ?? stack.lastIndex(where: {
                    (hasSchema || !$0.connection.hasSchema) && (takesRole || !$0.connection.hasRole)
                })
        {
            let connection = stack.remove(at: index).connection
            idle[key] = stack.isEmpty ? nil : stack
            idleCount -= 1
            if connection.isReady && connection.entry.address == entry.address { return connection }
            connection.close()
        }
        return nil
    }

    /// Closes up to so many idle connections to a node, the oldest first; returns how many.
    ///
    /// - Parameter user: the account whose connections they are; nil for anybody's.
    package func evictIdle(of node: NodeID, user: String? = nil, atMost count: Int) -> Int {
        var evicted = 0
        while evicted < count, evictIdle(where: { $0.node == node && (user == nil || $0.account.user == user) }) {
            evicted += 1
        }
        return evicted
    }

    /// Connections that somebody has, to a node (nil: to any) and of an account (nil: of any).
    package func leasedConnections(to node: NodeID?, of user: String?) -> [ServerConnection] {
        open.values.filter {
            $0.holder != nil && (node == nil || $0.entry.id == node) && (user == nil || $0.key.account.user == user)
        }
    }

    /// Room for another one: the limits count idle connections too.
    private func evictIdle(against limit: ConnectionLimit, _ node: NodeID, _ account: BackendAccount) -> Bool {
        switch limit {
        case .node, .server: evictIdle(of: node)
        case .account, .serverAccount: evictIdle { $0.node == node && $0.account.user == account.user }
        case .process: evictIdle { _ in true }
        }
    }

    private func evictIdle(of node: NodeID) -> Bool { evictIdle { $0.node == node } }

    private func evictIdle(where mayGo: (PoolKey) -> Bool) -> Bool {
        guard let key = idle.keys.first(where: mayGo), var stack = idle[key], !stack.isEmpty else { return false }
        let oldest = stack.removeFirst()
        idle[key] = stack.isEmpty ? nil : stack
        idleCount -= 1
        oldest.connection.close()
        return true
    }

    func start(
        _ key: PoolKey, _ entry: RoutingEntry, _ epoch: UInt64, _ user: any ServerConnectionUser
    ) -> Acquisition {
        let origin = user.connectionOrigin
        let connection = ServerConnection(
            pool: self, key: key, entry: entry, epoch: epoch,
            attributes: origin.attributes.isEmpty ? attributes : origin.attributes, now: lane.nowMilliseconds)
        connection.client = origin.address
        connection.lease(to: user, epoch: epoch)
        open[ObjectIdentifier(connection)] = connection
        openCounts[entry.id, default: 0] += 1
        connection.opened(under: generations[entry.id] ?? 0)
        switch entry.address {
        case .unix(let path):
            guard let address = SocketAddress(unixPath: path) else {
                return refuse(connection, "the path \(path) is too long")
            }
            return connect(connection, address)
        case .tcp(let host, let port):
            if let address = SocketAddress(numericHost: host, port: port) { return connect(connection, address) }
            resolve(connection, host, port)
            return .connection(connection)
        }
    }

    private func connect(_ connection: ServerConnection, _ address: SocketAddress) -> Acquisition {
        if let reason = beginConnecting(connection, address) { return refuse(connection, reason) }
        return .connection(connection)
    }

    /// Why no connection could even be begun; nil when one was.
    private func beginConnecting(_ connection: ServerConnection, _ address: SocketAddress) -> String? {
        guard
            let stream = ByteStream.connect(
                to: address, on: lane, userTimeoutMilliseconds: BackendLimits.userTimeoutMilliseconds)
        else { return "no descriptor for a connection to \(address)" }
        if let version = settings.proxyHeader {
            let header = ProxyHeader.encode(version, source: connection.client, destination: address)
            header.withUnsafeBytes { stream.enqueue($0) }
        }
        connection.open(stream, timeoutMilliseconds: settings.connectTimeoutMilliseconds)
        return nil
    }

    private func refuse(_ connection: ServerConnection, _ reason: String) -> Acquisition {
        connection.close()
        return .failed(reason)
    }

    /// Looks the name up off the lane. The connection may have been given up when the answer comes.
    private func resolve(_ connection: ServerConnection, _ host: String, _ port: UInt16) {
        // `nonisolated(unsafe)` because the completion runs on this pool's own lane, where both are confined. The
        // connection is held, so that no other can have its identity when the answer comes.
        nonisolated(unsafe) let pool = self
        nonisolated(unsafe) let waiting = connection
        resolving[ObjectIdentifier(connection)] = connection
        resolver.resolve(host: host, port: port, on: lane) { addresses, reason in
            guard pool.resolving.removeValue(forKey: ObjectIdentifier(waiting)) != nil else { return }
            guard let address = addresses.first else { return waiting.resolutionFailed(reason) }
            if let reason = pool.beginConnecting(waiting, address) { waiting.resolutionFailed(reason) }
        }
    }

    /// Whether it was opened for what its node is no more.
    func isOutdated(_ connection: ServerConnection) -> Bool {
        connection.generation != generations[connection.entry.id] ?? 0
    }

    // MARK: What connections report

    /// A connection was reset: it idles, or goes when there are enough.
    func returned(_ connection: ServerConnection) {
        let age = lane.nowMilliseconds - connection.openedAtMilliseconds
        // The connection's own address scatters the ends of those that were opened together.
        let jitter = UInt64(UInt(bitPattern: ObjectIdentifier(connection).hashValue) % 1000)
        let limit = settings.ageMilliseconds - settings.ageMilliseconds / 4_000 * jitter
        let node = connection.entry.id
        guard idleCount < settings.idleConnections, age < limit, !isOutdated(connection),
            isSurplus?(node, connection.key.account.user) != true
        else { return connection.close() }
        idle[connection.key, default: []].append(Idle(connection: connection, sinceMilliseconds: lane.nowMilliseconds))
        idleCount += 1
        onCapacity?(.idle(node))
    }

    func closed(_ connection: ServerConnection) {
        guard open.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        openCounts[connection.entry.id, default: 0] -= 1
        resolving[ObjectIdentifier(connection)] = nil
        settings.budget.release(connection.entry.load, user: connection.key.account.user)
        if var stack = idle[connection.key], let index = stack.firstIndex(where: { $0.connection === connection }) {
            stack.remove(at: index)
            idle[connection.key] = stack.isEmpty ? nil : stack
            idleCount -= 1
        }
        // Those who wait would only fail in the same way, and at once: the sweep lets them try again.
        if connection.wasReady { onCapacity?(.place(connection.entry.id, account: connection.key.account.user)) }
    }

    /// A connection failed, and is closed: its place is free again.
    func noteTrouble(_ connection: ServerConnection, _ failure: ServerFailure) {
        if failure.saysServerIsFull { connection.load.refusedAsFull(nowMilliseconds: lane.nowMilliseconds) }
        if failure.saysAccountIsFull {
            settings.budget.refusedAsFull(
                connection.load, user: connection.key.account.user, nowMilliseconds: lane.nowMilliseconds)
        }
        noteConnectFailure(connection, failure)
        onTrouble(connection.entry.id)
    }

    // MARK: Upkeep

    /// Closes what idled for too long, and gives up look-ups that take too long. About every sweep of the lane.
    package func sweep(nowMilliseconds: UInt64) {
        for connection in resolving.values
        where nowMilliseconds > connection.openedAtMilliseconds + settings.connectTimeoutMilliseconds {
            connection.resolutionFailed("\(connection.entry.address): no address within the connect timeout")
        }
        sampleWriters(nowMilliseconds)
        tryUnreachable()
        guard idleCount > 0 else { return }
        for (key, stack) in idle {
            // In a role, they serve few, and no minimum is meant for those.
            let spare = max(idleConnections(to: key.node) - settings.minimumIdleConnections, 0)
            let kept = stack.allSatisfy { $0.connection.hasRole } ? 0 : max(stack.count - spare, 0)
            let expired = stack.prefix(stack.count - kept).prefix {
                nowMilliseconds - $0.sinceMilliseconds > settings.idleTimeoutMilliseconds
            }
            guard !expired.isEmpty else { continue }
            let rest = Array(stack.dropFirst(expired.count))
            idle[key] = rest.isEmpty ? nil : rest
            idleCount -= expired.count
            for entry in expired { entry.connection.close() }
        }
    }

    /// Those that any session may have: not in a role.
    func idleConnections(to node: NodeID) -> Int {
        idle.reduce(0) { $0 + ($1.key.node == node ? $1.value.count { !$0.connection.hasRole } : 0) }
    }

    /// Closes idle connections to nodes that left, moved, are down, or have another role or reign than before; those that
    /// are on loan go when they come back.
    package func tablePublished(_ table: RoutingTable) {
        for entry in table.entries {
            let isPrimary = table.primary?.id == entry.id
            // While there is no primary, nobody knows whether another reign has begun.
            let epoch = isPrimary ? table.epoch : table.primary == nil ? standings[entry.id]?.epoch ?? 0 : 0
            let standing = Standing(address: entry.address, role: entry.role, moves: entry.moves, epoch: epoch)
            // A node that cannot be judged for a while may still be what it was.
            if entry.role == .unknown, let former = standings[entry.id], former.address == entry.address,
                former.moves == entry.moves
            {
                continue
            }
            if let former = standings.updateValue(standing, forKey: entry.id), former != standing {
                generations[entry.id, default: 0] += 1
            }
        }
        for (key, stack) in idle {
            let entry = table.entries.first { $0.id == key.node }
            let generation = generations[key.node] ?? 0
            let keeps = entry.map { present in
                present.state != .down
                    && stack.allSatisfy {
                        $0.connection.entry.address == present.address && $0.connection.generation == generation
                    }
            }
            guard keeps != true else { continue }
            idle[key] = nil
            idleCount -= stack.count
            for entry in stack { entry.connection.close() }
        }
        self.table = table
        ahead.tablePublished(primary: table.primary?.id)
    }

    /// Closes everything that idles.
    package func drain() {
        lastFailed = [:]
        let all = idle.values.flatMap { $0 }
        idle = [:]
        idleCount = 0
        for entry in all { entry.connection.close() }
    }
}
