// Cuts of the network, after which nobody sees all.

import ChaosChecker
import LocalCluster
import TestSupport

extension Nemesis {
    /// Cuts the network for a while. Mostly the primary is on the smaller side.
    func partition(from first: Int) throws -> Disturbance {
        guard let lab else { throw NetworkLabFailure(description: "a partition needs a network lab") }
        defer { try? lab.heal() }
        switch dice.roll(4) {
        case 0: return try isolateReplica(lab)
        case 1: return try hidePrimary(lab)
        default: return try isolatePrimary(lab, from: first)
        }
    }

    /// The primary, and sometimes the first of several proxies with it, is cut off; a replica of the other side is promoted.
    /// The old primary, which nobody demoted, comes back in everybody's sight.
    private func isolatePrimary(_ lab: NetworkLab, from first: Int) throws -> Disturbance {
        let old = cluster.primaryNode
        let isWithProxy = ledger.options.proxies > 1 && dice.once(in: 2)
        let isolated = [NetworkLab.node(old.index)] + (isWithProxy ? [NetworkLab.proxy(0)] : [])
        var disturbance = Disturbance(
            text: "\(isolated.joined(separator: " and ")) cut off", began: monotonicSeconds())
        disturbance.inFlight = ledger.inFlight.count
        try lab.cut(isolated, from: lab.hosts.filter { !isolated.contains($0) })
        rest(max(ChaosLimits.isolationSeconds, Double(ledger.options.orchestratorMilliseconds) / 1_000))
        try replacePrimary(&disturbance, from: first)
        rest(rollSeconds(0, 1))
        // Its commits wait for replicas that will not come back; they must not give up waiting.
        if ledger.options.semiSync { cluster.kill(old.index) }
        try lab.heal()
        disturbance.text += ", then healed"
        rest(1)
        if !ledger.options.semiSync { try cluster.setWritable(old.index, false) }
        return disturbance
    }

    /// A replica is cut off from everybody.
    private func isolateReplica(_ lab: NetworkLab) throws -> Disturbance {
        let replica = NetworkLab.node(pickReplica().index)
        let disturbance = Disturbance(text: "\(replica), a replica, cut off for a while", began: monotonicSeconds())
        try lab.cut([replica], from: lab.hosts.filter { $0 != replica })
        rest(rollSeconds(0.3, 3))
        try lab.heal()
        return disturbance
    }

    /// One proxy does not see the primary, which everybody else sees.
    private func hidePrimary(_ lab: NetworkLab) throws -> Disturbance {
        let proxy = NetworkLab.proxy(dice.roll(ledger.options.proxies))
        let primary = NetworkLab.node(cluster.primaryIndex)
        var disturbance = Disturbance(text: "\(proxy) does not see \(primary) for a while", began: monotonicSeconds())
        disturbance.inFlight = ledger.inFlight.count
        try lab.cut([proxy], from: [primary])
        rest(rollSeconds(0.3, 3))
        try lab.heal()
        return disturbance
    }
}
