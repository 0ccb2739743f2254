// A replica takes the place of a primary that is dead or out of reach.

import Glibc

extension LocalCluster {
    /// Makes the replica that has received most the primary, as an orchestrator does without the old primary's help.
    ///
    /// The old primary counts as dead and is not touched, whatever it does.
    ///
    /// - Parameter choice: called with the new primary when it has applied all it has received and still takes no
    ///   writes.
    @discardableResult
    package func failOver(choice: (LocalNode) -> Void = { _ in }) throws(LocalClusterError) -> PromotionTimes {
        let candidates = replicas(except: [primaryNode])
        guard var best = candidates.first else { throw LocalClusterError(.misuse, "no replica runs") }
        for node in candidates { try applyReceived(node) }
        var reached = try position(of: best)
        for node in candidates.dropFirst() {
            let position = try position(of: node)
            let asked = best
            let ask = { (sql: String) throws(LocalClusterError) in try self.client.run(sql, on: asked).first }
            if try dialect.isAhead(position, of: reached, ask: ask) { (best, reached) = (node, position) }
        }
        choice(best)
        return try takeOver(best)
    }

    /// The same for a replica that somebody else chose.
    func failOver(to target: LocalNode) throws(LocalClusterError) -> PromotionTimes {
        for node in [target] + replicas(except: [primaryNode, target]) { try applyReceived(node) }
        return try takeOver(target)
    }

    /// Opens the new primary and makes the others follow. All of them have applied what they had received.
    private func takeOver(_ target: LocalNode) throws(LocalClusterError) -> PromotionTimes {
        let others = replicas(except: [primaryNode, target])
        let reached = try position(of: target)
        var times = try open(target)
        for node in others {
            let position = try position(of: node)
            let ask = { (sql: String) throws(LocalClusterError) in try self.client.run(sql, on: target).first }
            if try dialect.isAhead(position, of: reached, ask: ask) {
                try rebuild(node)
            } else {
                try repoint([node], to: target, position: position)
            }
        }
        times.followed = monotonicSeconds()
        return times
    }

    /// Stops receiving, and waits until all that was received is applied.
    private func applyReceived(_ node: LocalNode) throws(LocalClusterError) {
        try client.run(dialect.stopReceiving, on: node)
        guard let received = try replicationState(of: node)?.receivedPosition, !received.isEmpty else { return }
        let wait = dialect.wait(for: received, seconds: LocalClusterLimits.relayDrainSeconds)
        if try client.run(wait, on: node).first?["waited"] != "0" {
            let reason = try replicationState(of: node)?.errorText ?? ""
            throw LocalClusterError(.timeout, "\(node.name) has not applied \(received): \(reason)")
        }
    }
}
