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
    package func promote(_ index: Int, graceful: Bool = true) throws(LocalClusterError) {
        let target = try node(index)
        try client.requireRunning(target)
        if index == primaryIndex {
            try client.run(opening, on: target)
        } else if graceful {
            try switchOver(to: target)
        } else {
            try failOver(to: target)
        }
    }

    private func switchOver(to target: LocalNode) throws(LocalClusterError) {
        let old = primaryNode
        var attempt = 1
        while true {
            let session = try HeldSession(client, on: old)
            // Steps 1 to 3.
            for step in dialect.close { try session.run(step, seconds: LocalClusterLimits.globalReadLockSeconds) }
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
            try open(target)
            try repoint(replicas(except: [old, target]), to: target, position: position)
            try session.run(dialect.unlock)
            if options.semiSync { try client.run(dialect.semiSyncSource(false), on: old) }
            try repoint([old], to: target, position: position)
            return
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
    private func open(_ target: LocalNode) throws(LocalClusterError) {
        try client.run(
            """
            \(dialect.leave)
            \(dialect.forgetReplication)
            \(dialect.makeWritable)
            \(dialect.ensureReplicationUser)
            \(options.semiSync ? dialect.semiSyncSource(true) : "")
            """, on: target)
        setPrimary(target.index)
    }

    /// Steps 5 and 6: follow the new primary from `position`; MariaDB's forget their own binary log for that.
    private func repoint(
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

    private func failOver(to target: LocalNode) throws(LocalClusterError) {
        let others = replicas(except: [primaryNode, target])
        for node in [target] + others { try applyReceived(node) }
        let reached = try position(of: target)
        try open(target)
        for node in others {
            let position = try position(of: node)
            let ask = { (sql: String) throws(LocalClusterError) in try self.client.run(sql, on: target).first }
            if try dialect.isAhead(position, of: reached, ask: ask) {
                try rebuild(node)
            } else {
                try repoint([node], to: target, position: position)
            }
        }
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

    private func replicas(except excluded: [LocalNode]) -> [LocalNode] {
        nodes.filter { node in node.state == .running && !excluded.contains { $0 === node } }
    }
}
