// What all figures of one moment are read from.
internal import Frontend
internal import Topology

/// A figure of TLS.
package enum EncryptionFigure: String, Sendable, CaseIterable {
    case clientHandshakes = "tls_client_handshakes_total"
    case clientResumptions = "tls_client_resumptions_total"
    case clientFailures = "tls_client_handshake_failures_total"
    case nodeHandshakes = "tls_node_handshakes_total"
    case nodeResumptions = "tls_node_resumptions_total"
    case nodeFailures = "tls_node_handshake_failures_total"
    case certificateExpiry = "tls_certificate_expires_unix_seconds"
    case nodeCertificateExpiry = "tls_node_certificate_expires_unix_seconds"

    var kind: FigureKind {
        switch self {
        case .certificateExpiry, .nodeCertificateExpiry: .gauge
        case .clientHandshakes, .clientResumptions, .clientFailures, .nodeHandshakes, .nodeResumptions, .nodeFailures:
            .counter
        }
    }

    var help: String {
        switch self {
        case .clientHandshakes: "TLS handshakes with clients that ended well"
        case .clientResumptions: "Those of them that resumed a session"
        case .clientFailures: "TLS handshakes with clients that failed"
        case .nodeHandshakes: "TLS handshakes with nodes that ended well"
        case .nodeResumptions: "Those of them that resumed a session"
        case .nodeFailures: "TLS handshakes with nodes that failed"
        case .certificateExpiry:
            "When the certificate shown to the cluster's nodes ends, or without a cluster the first of those shown to clients"
        case .nodeCertificateExpiry: "When the certificate of the node that was connected to last ends"
        }
    }
}

/// What was read of a figure of TLS.
package struct EncryptionReading: Sendable {
    package let figure: EncryptionFigure
    package let value: Int
    /// The cluster whose nodes are meant; nil for clients.
    package let cluster: String?

    /// A reading by its parts.
    package init(_ figure: EncryptionFigure, _ value: Int, cluster: String? = nil) {
        self.figure = figure
        self.value = value
        self.cluster = cluster
    }
}

/// One cluster at one moment.
struct ClusterLook: Sendable {
    let cluster: ConsoleCluster
    let table: RoutingTable
    /// Of all lanes together.
    let hints: HintCounts
    let memory: HeldMemory
    /// Statements that wait for a connection, of all nodes.
    let waitingForConnections: Int
    let nowUnixMilliseconds: Int64
}

/// The proxy at one moment.
struct FigureLook: Sendable {
    let source: ConsoleSource
    let status: ConsoleServiceStatus
    let encryption: [EncryptionReading]
    let lanes: [LaneFigures]
    let clusters: [ClusterLook]

    init(_ snapshots: ConsoleSnapshots, status: ConsoleServiceStatus, nowUnixMilliseconds: Int64) {
        source = snapshots.source
        self.status = status
        encryption = source.encryptionFigures()
        lanes = snapshots.laneFigures
        let lanes = lanes
        clusters = source.clusters.map { cluster in
            let own = lanes.filter { $0.cluster == cluster.name }
            return ClusterLook(
                cluster: cluster, table: snapshots.table(of: cluster), hints: snapshots.hints(of: cluster.name),
                memory: own.reduce(into: HeldMemory()) { $0.add($1.memory) },
                waitingForConnections: own.reduce(0) { $0 + $1.waiting.values.reduce(0, +) },
                nowUnixMilliseconds: nowUnixMilliseconds)
        }
    }
}

extension ConsoleSnapshots {
    /// Every figure, read now.
    func figures(_ status: ConsoleServiceStatus) -> [FigureReading] {
        let look = FigureLook(self, status: status, nowUnixMilliseconds: ConsoleDateTime.now() / 1_000)
        return Figure.all.map { FigureReading(figure: $0, samples: $0.read(look)) }
    }
}
