// Whether new clients should be sent to this proxy.
internal import Admin
internal import Topology

/// Ready is a proxy that does not drain, and that can do something for its clients: of at least one cluster it knows a
/// primary, or a node that takes reads. While a primary changes, replicas keep it ready: clients who come wait for the next
/// one here, as they would anywhere. A paused cluster is usable too.
struct Readiness: Sendable {
    let clusters: [ConsoleCluster]
    let isDraining: @Sendable () -> Bool

    /// 200, or 503 with the reasons.
    var response: HTTPResponse {
        if isDraining() { return .text(503, "not ready: draining") }
        let reasons = clusters.map { Self.unusable($0.table()) }
        guard !reasons.contains(nil) else { return .text(200, "ready") }
        let lines = zip(clusters, reasons).map { "cluster \($0.name): \($1 ?? "")" }
        return .text(503, "not ready: no cluster can be used\n" + lines.joined(separator: "\n"))
    }

    /// Why nothing can be done with a cluster; nil when something can.
    static func unusable(_ table: RoutingTable) -> String? {
        guard table.primary == nil, table.readers.isEmpty else { return nil }
        return "no primary (\(table.closure?.reason ?? "unknown")), and no node takes reads"
    }
}
