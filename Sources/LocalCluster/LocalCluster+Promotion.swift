// Changes the primary in the steps, and in the order, in which mariadb-operator does it, and others for MySQL.

import Glibc

extension LocalCluster {
    /// Makes the node at `index` the primary.
    ///
    /// Gracefully, in the operator's six steps: (1) lock the old primary, (2) make it read-only, (3) wait for the
    /// replicas, starting over when they are late, (4) open the new primary, (5) re-point the other replicas, (6)
    /// unlock the old primary and make it a replica. Not gracefully, the old primary counts as dead and is not
    /// touched: the new one applies what it has received and is opened, the others follow. A replica that knows more
    /// than the new primary is then built anew from it; nodes that are not running are left for `rejoin`.
    ///
    /// On MySQL there is nothing to lock or unlock (`super_read_only` waits for what runs), as orchestrators do it there.
    ///
    /// For the present primary itself: opens it again (a restarted server comes up read-only).
    @discardableResult
    package func promote(_ index: Int, graceful: Bool = true) throws(LocalClusterError) -> PromotionTimes {
        let target = try node(index)
        try client.requireRunning(target)
        if index == primaryIndex {
            let opening = monotonicSeconds()
            let opened = try ServerTime.end(of: client.run(self.opening + ServerTime.question, on: target))
            return PromotionTimes(opening: opening, opened: opened, followed: monotonicSeconds())
        }
        if graceful { return try switchOver(to: target) }
        return try failOver(to: target)
    }

    private func switchOver(to target: LocalNode) throws(LocalClusterError) -> PromotionTimes {
        let old = primaryNode
        var attempt = 1
        while true {
            let session = try HeldSession(client, on: old)
            // Steps 1 to 3.
            for step in dialect.close { try session.run(step, seconds: LocalClusterLimits.globalReadLockSeconds) }
            let closed = monotonicSeconds()
            let position = try session.run(dialect.position).first?["position"] ?? ""
            do throws(LocalClusterError) {
                try awaitPosition(position, exceptOn: old)
            } catch  where attempt < LocalClusterLimits.switchoverAttempts {
                attempt += 1
                continue
            } catch {
                // Unlike the operator, which would go on for ever, leave the cluster as it was.
                try session.run("\(dialect.unlock); \(dialect.makeWritable) DO 0")
                throw error
            }
            // Steps 4 to 6.
            var times = try open(target)
            times.closed = closed
            try repoint(replicas(except: [old, target]), to: target, position: position)
            times.followed = monotonicSeconds()
            try session.run(dialect.unlock)
            if options.semiSync { try client.run(dialect.semiSyncSource(false), on: old) }
            try repoint([old], to: target, position: position)
            return times
        }
    }

    /// Step 3: all replicas at once, ten seconds for each.
    private func awaitPosition(_ position: String, exceptOn old: LocalNode) throws(LocalClusterError) {
        var runs: [ClientRun] = []
        for node in replicas(except: [old]) {
            let wait = dialect.wait(for: position, seconds: Double(LocalClusterLimits.catchUpSeconds))
            runs.append(try client.begin(wait, on: node))
        }
        for run in runs where try run.rows().first?["waited"] != "0" {
            let reason = try replicationState(of: run.node)?.errorText ?? "it replicates from nobody"
            throw LocalClusterError(.timeout, "\(run.node.name) has not reached \(position): \(reason)")
        }
    }

    /// Step 4. The source side of semi-sync comes last: nobody follows yet who could acknowledge the account.
    func open(_ target: LocalNode) throws(LocalClusterError) -> PromotionTimes {
        let opening = monotonicSeconds()
        let rows = try client.run(
            """
            \(dialect.leave)
            \(dialect.forgetReplication)
            \(dialect.makeWritable)
            \(ServerTime.question)
            \(dialect.ensureReplicationUser)
            \(options.semiSync ? dialect.semiSyncSource(true) : "")
            """, on: target)
        let opened = ServerTime.end(of: rows)
        setPrimary(target.index)
        return PromotionTimes(opening: opening, opened: opened, followed: monotonicSeconds())
    }

    /// Steps 5 and 6: follow the new primary from `position`; MariaDB's forget their own binary log for that.
    func repoint(
        _ nodes: [LocalNode], to target: LocalNode, position: String
    ) throws(LocalClusterError) {
        var runs: [ClientRun] = []
        for node in nodes {
            runs.append(
                try client.begin(
                    """
                    \(dialect.prepareToFollow(position: position))
                    \(dialect.makeReadOnly)
                    \(dialect.connect(to: target))
                    """, on: node))
        }
        for run in runs { try run.rows() }
        for node in nodes { try awaitReplication(node, seconds: LocalClusterLimits.replicationStartSeconds) }
    }

    func replicas(except excluded: [LocalNode]) -> [LocalNode] {
        nodes.filter { node in node.state == .running && !excluded.contains { $0 === node } }
    }
}
