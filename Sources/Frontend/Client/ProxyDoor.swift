// The front door of a listener: its clients become sessions with a cluster.
internal import Backend
package import Compression
package import Network
internal import Routing
internal import SQL
internal import Security
internal import Synchronization
internal import Topology
internal import Wire

/// The connection ids that clients see. Unique in the process; any thread.
package final class ConnectionIDs: Sendable {
    private let last = Atomic<UInt32>(0)
    package init() {}
    /// Goes on behind the ids of another process, of which `last` is the newest.
    package func follow(_ last: UInt32) { self.last.store(last &+ Self.distance, ordering: .relaxed) }
    /// What another process may still give out after it told its newest id.
    private static let distance: UInt32 = 1 << 20
    /// The newest id.
    package var newest: UInt32 { last.load(ordering: .relaxed) }
    /// The next id, from 1 on.
    package func next() -> UInt32 {
        let id = last.wrappingAdd(1, ordering: .relaxed).newValue
        return id == 0 ? next() : id
    }
}

/// One listener's door on one lane.
package final class ProxyDoor: FrontDoor {
    package let directory: AccountDirectory
    package let services: LoginServices
    package let tls: ClientTLS
    private let cluster: LaneCluster
    private let policy: SessionPolicy
    private let userPolicies: [String: UserPolicy]
    private let causal: CausalSettings
    private let compression: Set<CompressionAlgorithm>
    package let compressionThreshold: Int
    package let listener: Int
    private let connectionIDs: ConnectionIDs
    private let onRefused: (_ peer: String, _ user: String?, _ error: ProxyError) -> Void
    private let onClosed: () -> Void
    private let serverVersion: String?
    private let isTrustedProxy: ((SocketAddress?) -> Bool)?

    /// - Parameters:
    ///   - listener: whose door it is.
    ///   - policy: what sessions begin with.
    ///   - userPolicies: what those of single users begin with instead.
    ///   - causal: what reads of its sessions must have seen.
    ///   - compression: what clients may choose from.
    ///   - compressionThreshold: on a compressed connection, frames with fewer bytes are sent as they are.
    ///   - serverVersion: what clients are greeted with; nil for the primary's version.
    ///   - isTrustedProxy: whether a connection from there begins with a PROXY protocol header.
    ///   - onRefused: told of each refused login.
    ///   - onClosed: told when a client is gone.
    package init(
        cluster: LaneCluster, listener: Int = 0, policy: SessionPolicy, userPolicies: [String: UserPolicy] = [:],
        directory: AccountDirectory, services: LoginServices,
        tls: ClientTLS, connectionIDs: ConnectionIDs, compression: Set<CompressionAlgorithm>, compressionThreshold: Int,
        serverVersion: String? = nil, isTrustedProxy: ((SocketAddress?) -> Bool)? = nil,
        causal: CausalSettings = CausalSettings(),
        onRefused: @escaping (String, String?, ProxyError) -> Void, onClosed: @escaping () -> Void
    ) {
        self.cluster = cluster
        self.listener = listener
        self.policy = policy
        self.userPolicies = userPolicies
        self.causal = causal
        self.directory = directory
        self.services = services
        self.tls = tls
        self.connectionIDs = connectionIDs
        self.compression = compression
        self.compressionThreshold = compressionThreshold
        self.onRefused = onRefused
        self.onClosed = onClosed
        self.serverVersion = serverVersion
        self.isTrustedProxy = isTrustedProxy
    }

    package var loginTimeoutMilliseconds: UInt64 { cluster.link.settings.loginTimeoutMilliseconds }

    /// The server whose version clients see: the primary's, or any known one's.
    private var representative: RoutingEntry? {
        cluster.table.primary ?? cluster.table.entries.first { !$0.serverVersion.isEmpty }
    }

    package func greeting() -> Greeting {
        let entry = representative
        return Greeting(
            serverVersion: serverVersion ?? Self.greetingVersion(entry),
            collation: entry.flatMap { $0.collation == 0 ? nil : $0.collation } ?? 45,
            connectionID: connectionIDs.next(),
            plugin: entry?.flavor == .mySQL ? CachingSHA2.plugin : NativePassword.plugin,
            flavor: entry?.flavor ?? .mariaDB, capabilities: offer)
    }

    /// What the known servers can all do and the proxy understands, and compression, which is the proxy's own.
    private var offer: Capabilities {
        let servers = CapabilityOffer.inFront(
            of: cluster.table.entries.lazy.filter { $0.capabilities != 0 }.map {
                Capabilities(rawValue: $0.capabilities)
            })
        return compression.reduce(servers) { $0.union($1.capability) }
    }

    /// MariaDB 10 says "5.5.5-" in front, so that old replicas take it for a version they know; clients expect it.
    private static func greetingVersion(_ entry: RoutingEntry?) -> String {
        guard let entry else { return "5.5.5-10.6.0-MariaDB-Switchyard" }
        return entry.flavor == .mariaDB && entry.serverVersion.hasPrefix("10.")
            ? "5.5.5-\(entry.serverVersion)" : entry.serverVersion
    }

    package func makeHandler(for client: ClientConnection, _ identity: ClientIdentity) -> any CommandHandler {
        ProxySession(
            client: client, cluster: cluster, identity: identity, defaults: policy.with(userPolicies[identity.user]),
            sqlMode: SQLMode(
                ignoreSpace: identity.capabilities.contains(.ignoreSpace),
                ambiguousCharacterSet: Self.ambiguousCollations.contains(identity.collation),
                dialect: representative?.flavor == .mySQL ? .mySQL : .mariaDB,
                serverVersion: representative.flatMap { Self.versionNumber($0.serverVersion) }),
            causal: causal)
    }

    /// Ids of collations of big5, sjis, gbk, cp932 and gb18030; MariaDB's without padding are 1024 higher.
    private static let ambiguousCollations: Set<UInt16> = [
        1, 84, 13, 88, 28, 87, 95, 96, 248, 249, 250, 1025, 1108, 1037, 1112, 1052, 1111, 1119, 1120,
    ]

    /// 10.11.6 is 101106.
    static func versionNumber(_ text: String) -> UInt32? {
        let parts = text.split(separator: "-").first?.split(separator: ".").compactMap { UInt32($0) } ?? []
        guard parts.count >= 3 else { return nil }
        return parts[0] &* 10_000 &+ parts[1] &* 100 &+ parts[2]
    }

    package func expectsProxyHeader(from peer: SocketAddress?) -> Bool { isTrustedProxy?(peer) ?? false }

    package var clusterName: String? { cluster.link.name }

    package func closed(_ client: ClientConnection) { onClosed() }

    package func loginRefused(_ client: ClientConnection, user: String?, _ error: ProxyError) {
        onRefused(client.peer, user, error)
    }

    /// Answers a client for whom there is no place, and closes.
    package static func refuse(_ stream: ByteStream, peer: SocketAddress?, limit: Int, errors: ErrorHistory) {
        let error = errors.note(
            .tooManyClients(limit), isLogin: true, session: 0, peer: peer.map { "\($0)" } ?? "localhost",
            origin: ErrorOrigin(), unixMilliseconds: ClientConnection.nowUnixMilliseconds)
        error.packet(sequence: 0).withUnsafeBytes { stream.write($0) }
        stream.closeAfterFlush()
    }
}
