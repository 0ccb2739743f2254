// The events of what admins asked for: a pause and its end, nodes that are drained and come back.

extension Evaluation {
    /// Records what was asked for since the last evaluation. After the nodes are judged.
    mutating func noteOrders() {
        notePause()
        noteDraining()
    }

    private mutating func notePause() {
        let pause = policy.pausing.pause
        guard pause != previous.pause else { return }
        let before = previous.pause == nil ? "running" : "paused"
        if let pause {
            record(
                RoutingEventKind.clusterPaused, node: nil, from: before, to: "paused",
                reason: "\(pause.reason): writes and transactions that begin wait, what has begun goes on",
                evidence: "\(pause.order.evidence) seconds=\(pause.seconds)")
        } else if let last = previous.pause {
            let lasted = "after \(max(0, now - last.order.unixMilliseconds)) ms"
            let order = policy.pausing.endedBy
            record(
                RoutingEventKind.clusterResumed, node: nil, from: before, to: "running",
                reason: order.map { "resumed by \($0.user) \(lasted)" }
                    ?? "nobody resumed it: the pause ended by itself \(lasted)",
                evidence: order?.evidence ?? "seconds=\(last.seconds)")
        }
    }

    /// A node that is drained, or back, says so by its state. Of one whose state is another (it is down, for one) it is
    /// recorded here.
    private mutating func noteDraining() {
        for entry in entries where members.indices.contains(entry.id.index) {
            let member = members[entry.id.index]
            guard (memory.nodes[entry.id]?.isDraining ?? false) != member.isDraining else { continue }
            memory.nodes[entry.id, default: .init()].isDraining = member.isDraining
            let wasShown = previous.entry(entry.id)?.state == .draining && entry.state != .down
            guard entry.state != .draining, !wasShown else { continue }
            let who = member.drainOrder?.user ?? "an admin"
            record(
                member.isDraining ? RoutingEventKind.nodeDraining : RoutingEventKind.nodeEnabled, node: entry.id,
                from: entry.state.rawValue, to: entry.state.rawValue,
                reason: member.isDraining
                    ? "drained by \(who); now \(entry.state.rawValue)"
                    : "enabled by \(who); still \(entry.state.rawValue)",
                evidence: evidence(of: entry.id) + orderEvidence(entry.id))
        }
    }

    /// Who asked last for this node to be drained or used again, behind other evidence; empty when nobody did.
    func orderEvidence(_ id: NodeID) -> String {
        guard members.indices.contains(id.index), let order = members[id.index].drainOrder else { return "" }
        return " " + order.evidence
    }
}
