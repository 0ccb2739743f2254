// A replica becomes the primary while the workload goes on, as an operator would do it.
internal import Dispatch
internal import LocalCluster
internal import Proxy
internal import Synchronization
internal import Topology

/// One promotion under way.
final class Promotion: Sendable {
    /// The events that tell the story; the others are details.
    private static let kinds: Set<String> = [
        RoutingEventKind.gateClosed, RoutingEventKind.gateOpened, RoutingEventKind.primaryChanged,
        RoutingEventKind.primaryReadOnly, RoutingEventKind.twoWritable, RoutingEventKind.lostGTID,
    ]

    private let target: LocalNode
    private let start = secondsNow()
    private let startUnixMilliseconds = unixMilliseconds()
    private let knownEvents: Int
    private let group = DispatchGroup()
    private let held = Mutex<PromotionOutcome?>(nil)

    /// Begins to promote the replica at `index`.
    init(of index: Int, in cluster: LocalCluster, seenBy proxy: ProxyServer) {
        let target = cluster.nodes[index]
        self.target = target
        knownEvents = proxy.routingHistory(DemoSettings.cluster).count
        DispatchQueue(label: "switchyard.quickstart.promotion").async(group: group) { [self] in
            var failure: String?
            do throws(LocalClusterError) { try cluster.promote(index) } catch { failure = "\(error)" }
            let outcome = PromotionOutcome(node: target.name, seconds: secondsNow() - start, failure: failure)
            held.withLock { $0 = outcome }
        }
    }

    /// What came of it; nil while it is under way.
    var outcome: PromotionOutcome? { held.withLock { $0 } }

    /// Waits for the end.
    func join() { _ = group.wait(timeout: .now() + QuickstartLimits.joinSeconds) }

    /// The events since the beginning, with their time since then, and the nodes' names in place of their addresses.
    func events(in cluster: LocalCluster, seenBy proxy: ProxyServer) -> [String] {
        let events = proxy.routingHistory(DemoSettings.cluster).dropFirst(knownEvents)
        return events.filter { Self.kinds.contains($0.kind) }.map { event in
            var text = "\(event.kind.left(18)) \(event.node.map { "\($0): " } ?? "")\(event.reason)"
            for node in cluster.nodes { text = text.replacing(node.address, with: node.name) }
            if text.count > QuickstartLimits.eventCharacters {
                text = text.prefix(QuickstartLimits.eventCharacters) + "…"
            }
            return "+\((Double(event.unixMilliseconds - startUnixMilliseconds) / 1_000).duration)".left(9) + text
        }
    }
}
