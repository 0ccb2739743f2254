// Disturbs the cluster while clients play: once in each round, in a way that is undone or settled after it.

import ChaosChecker
import Glibc
import LocalCluster
import TestSupport

/// Disturbs a cluster, as an operator, an orchestrator, or an accident would. Used by one thread.
final class Nemesis {
    let cluster: LocalCluster
    let servers: LedgerServers
    let ledger: Ledger
    var dice: Dice
    /// Who was the primary, since the beginning.
    private(set) var reigns: [Reign]
    /// The network, where it can be cut.
    let lab: NetworkLab?

    init(_ cluster: LocalCluster, _ ledger: Ledger, _ lab: NetworkLab? = nil) {
        self.cluster = cluster
        self.lab = lab
        self.ledger = ledger
        servers = LedgerServers(cluster: cluster, options: ledger.options)
        dice = Dice(seed: ledger.options.seed ^ 0x5eed)
        reigns = [Reign(server: Int(cluster.primaryNode.serverID), opened: 0)]
    }

    /// Does one thing, and returns when there is a primary that takes writes.
    ///
    /// - Parameter first: the id from which on an old primary's rows are compared with its successor's.
    func disturb(_ kind: NemesisKind, from first: Int) throws -> Disturbance {
        switch kind {
        case .switchover: try switchOver()
        case .kill: try kill(from: first)
        case .freeze: try freeze(from: first)
        case .restart: try restart()
        case .replicaStop: try stopReplica()
        case .lag: try delayReplica()
        case .proxyConnections: try killConnections()
        case .splitBrain: try splitBrain(from: first)
        case .partition: try partition(from: first)
        case .mixed:
            try disturb(dice.pick(NemesisKind.allCases.filter { $0 != .mixed && $0 != .partition }), from: first)
        }
    }

    // MARK: The primary

    private func switchOver() throws -> Disturbance {
        let old = cluster.primaryNode
        let target = pickReplica()
        let began = monotonicSeconds()
        var disturbance = Disturbance(text: "switchover \(old.name) to \(target.name)", began: began)
        do {
            let times = try cluster.promote(target.index)
            crown(from: times.opening, endingAt: times.closed ?? times.opening)
            disturbance.opened = (Int(target.serverID), times)
            return disturbance
        } catch {
            // Whether before or after the new primary was opened, what was written meanwhile is judged all the same.
            if cluster.primaryIndex == target.index {
                crown(from: began, endingAt: monotonicSeconds())
            }
            throw error
        }
    }

    private func kill(from first: Int) throws -> Disturbance {
        let old = cluster.primaryNode
        var disturbance = Disturbance(text: "SIGKILL of \(old.name)", began: monotonicSeconds())
        disturbance.inFlight = ledger.inFlight.count
        cluster.kill(old.index)
        rest(Double(ledger.options.orchestratorMilliseconds) / 1_000)
        try replacePrimary(&disturbance, from: first)
        return disturbance
    }

    /// The most advanced replica becomes the primary. The old one, in whatever state, is not asked.
    func replacePrimary(_ disturbance: inout Disturbance, from first: Int, endingAt end: Double? = nil) throws {
        let old = cluster.primaryIndex
        var survivor: Result<LedgerRows, any Error>?
        let times = try cluster.failOver { node in
            survivor = Result { try servers.rows(of: node, from: first) }
        }
        crown(from: times.opening, endingAt: end ?? times.opening)
        disturbance.opened = (Int(cluster.primaryNode.serverID), times)
        disturbance.text += ", \(cluster.primaryNode.name) promoted"
        disturbance.left = (old, try survivor?.get() ?? LedgerRows())
    }

    private func restart() throws -> Disturbance {
        let node = dice.once(in: 2) ? cluster.primaryNode : pickReplica()
        var disturbance = Disturbance(text: "restart of \(node.name)", began: monotonicSeconds())
        disturbance.inFlight = ledger.inFlight.count
        try cluster.restart(node.index)
        if node.index == cluster.primaryIndex {
            disturbance.text += ", the primary"
            disturbance.opened = (Int(node.serverID), try cluster.promote(node.index))
        }
        return disturbance
    }

    // MARK: Reigns

    /// The cluster's primary is a new one since `opening`; the reign of the one before it ended at `end`.
    private func crown(from opening: Double, endingAt end: Double) {
        reigns[reigns.count - 1].closed = end
        reigns.append(Reign(server: Int(cluster.primaryNode.serverID), opened: opening))
    }

    /// The reign before the present one ended later than its successor's began: it was left writable.
    func extendLastReign(to end: Double) { reigns[reigns.count - 2].closed = end }

    func pickReplica() -> LocalNode {
        dice.pick(cluster.nodes.filter { $0.index != cluster.primaryIndex })
    }

    /// Seconds from `low` to `high`.
    func rollSeconds(_ low: Double, _ high: Double) -> Double { low + (high - low) * Double(dice.roll(1_000)) / 1_000 }

    func rest(_ seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }
}
