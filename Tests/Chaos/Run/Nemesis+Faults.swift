// Faults that leave the cluster's roles as they are, and those that leave two nodes writable.

import ChaosChecker
import LocalCluster
import TestSupport

extension Nemesis {
    /// A replica or the primary stands still for a while; a primary may be replaced meanwhile, and then wakes up.
    func freeze(from first: Int) throws -> Disturbance {
        let isPrimary = !dice.once(in: 3)
        let node = isPrimary ? cluster.primaryNode : pickReplica()
        let isReplaced = isPrimary && dice.once(in: 2)
        var disturbance = Disturbance(text: "SIGSTOP of \(node.name)", began: monotonicSeconds())
        disturbance.inFlight = isPrimary ? ledger.inFlight.count : nil
        cluster.freeze(node.index)
        defer { cluster.thaw(node.index) }
        if isReplaced {
            rest(Double(ledger.options.orchestratorMilliseconds) / 1_000)
            try replacePrimary(&disturbance, from: first)
            rest(rollSeconds(0, 1))
            disturbance.text += ", then SIGCONT"
            cluster.thaw(node.index)
            // It wakes up writable, while clients play.
            rest(1)
            try cluster.setWritable(node.index, false)
        } else {
            disturbance.text += isPrimary ? ", the primary, for a while" : ", a replica, for a while"
            rest(rollSeconds(0.2, 2))
        }
        return disturbance
    }

    func stopReplica() throws -> Disturbance {
        let replica = pickReplica()
        let disturbance = Disturbance(text: "\(replica.name) stops replicating", began: monotonicSeconds())
        try cluster.stopReplication(replica.index)
        rest(rollSeconds(0.3, 2))
        try cluster.startReplication(replica.index)
        return disturbance
    }

    func delayReplica() throws -> Disturbance {
        let replica = pickReplica()
        let disturbance = Disturbance(text: "\(replica.name) applies a second late", began: monotonicSeconds())
        try cluster.delayReplication(replica.index, seconds: 1)
        rest(rollSeconds(1.5, 3))
        try cluster.delayReplication(replica.index, seconds: 0)
        return disturbance
    }

    func killConnections() throws -> Disturbance {
        var disturbance = Disturbance(text: "connections of clients killed on all nodes", began: monotonicSeconds())
        disturbance.inFlight = ledger.inFlight.count
        for _ in 0..<3 {
            for node in cluster.nodes { try cluster.killConnections(of: Ledger.user, on: node.index) }
            rest(rollSeconds(0.1, 0.6))
        }
        return disturbance
    }

    /// Two nodes take writes for a while: a replica that somebody opened, or an old primary that nobody closed.
    func splitBrain(from first: Int) throws -> Disturbance {
        if dice.once(in: 2) {
            let replica = pickReplica()
            let disturbance = Disturbance(text: "\(replica.name), a replica, is writable", began: monotonicSeconds())
            try cluster.setWritable(replica.index, true)
            rest(rollSeconds(1, 3))
            try cluster.setWritable(replica.index, false)
            return disturbance
        }
        let old = cluster.primaryNode
        var disturbance = Disturbance(text: "\(old.name) stays writable", began: monotonicSeconds())
        try replacePrimary(&disturbance, from: first, endingAt: .infinity)
        rest(rollSeconds(1, 3))
        try cluster.setWritable(old.index, false)
        extendLastReign(to: monotonicSeconds())
        return disturbance
    }

    /// Brings an old primary back as a replica, and gives what was lost with it. Clients rest.
    func settle(_ disturbance: Disturbance, from first: Int) throws -> Loss {
        guard let left = disturbance.left else { return Loss() }
        // A dead one comes up read-only.
        if cluster.nodes[left.index].state == .stopped { try cluster.restart(left.index) }
        let rows = try servers.rows(of: cluster.nodes[left.index], from: first)
        try cluster.rejoin(left.index)
        return Loss(of: rows, survivedBy: left.survivor, clients: ledger.options.clients)
    }

    /// What is wrong with the replicas when all has settled: each must hold what the primary holds. One that does not is
    /// built anew.
    func judgeReplicas(_ expected: LedgerRows, from first: Int) throws -> [LedgerViolation] {
        var violations: [LedgerViolation] = []
        do {
            try cluster.waitUntilReplicated()
        } catch {
            violations.append(LedgerViolation(.divergence, "\(error)"))
        }
        for node in cluster.nodes where node.index != cluster.primaryIndex {
            let rows = try servers.rows(of: node, from: first)
            if rows == expected { continue }
            violations.append(
                LedgerViolation(.divergence, "\(node.name) holds other rows: \(expected.difference(rows))"))
            try cluster.rejoin(node.index)
        }
        return violations
    }
}

extension LedgerRows {
    /// For people: where another node's rows differ.
    func difference(_ other: LedgerRows) -> String {
        func differing<Value: Equatable>(_ part: KeyPath<LedgerRows, [Int: Value]>) -> [Int] {
            let (ours, theirs) = (self[keyPath: part], other[keyPath: part])
            return Set(ours.keys).union(theirs.keys).filter { ours[$0] != theirs[$0] }.sorted()
        }
        let parts = [
            ("inserts", differing(\.inserts)), ("transfers", differing(\.entries)),
            ("balances", differing(\.balances)), ("counters", differing(\.counters)),
        ]
        return parts.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.prefix(5))" }.joined(separator: ", ")
    }
}
