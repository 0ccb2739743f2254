// Questions about the state of replication, and ways to change it.

import Glibc

extension LocalCluster {
    /// Waits until every running node that replicates from the primary has applied all that the primary has written.
    ///
    /// Nodes that are dead, frozen, or follow nobody (an old primary that came back) are not waited for. In a group every
    /// running node applies all that any of them has.
    package func waitUntilReplicated(timeoutSeconds: Double = 30) throws(LocalClusterError) {
        if options.isGroup { return try waitUntilApplied(timeoutSeconds: timeoutSeconds) }
        let primary = primaryNode
        let position = try position(of: primary)
        let deadline = monotonicSeconds() + timeoutSeconds
        var runs: [ClientRun] = []
        for node in nodes where node.index != primary.index && node.state == .running {
            guard try replicationState(of: node)?.sourcePort == "\(primary.port)" else { continue }
            let wait = dialect.wait(for: position, seconds: max(0.1, deadline - monotonicSeconds()))
            runs.append(try client.begin(wait, on: node, seconds: timeoutSeconds + LocalClusterLimits.statementSeconds))
        }
        for run in runs where try run.rows().first?["waited"] != "0" {
            let reason = try replicationState(of: run.node)?.errorText ?? "it replicates from nobody"
            let log = lastLines(ofFile: run.node.logPath)
            throw LocalClusterError(.timeout, "\(run.node.name) has not reached \(position): \(reason)", logTail: log)
        }
    }

    /// Stops a replica from replicating; it keeps its source.
    package func stopReplication(_ index: Int) throws(LocalClusterError) {
        try client.run(dialect.stopReplication, on: node(index))
    }

    /// Stops a replica from applying what it goes on to receive.
    package func stopApplying(_ index: Int) throws(LocalClusterError) {
        try client.run(dialect.stopApplying, on: node(index))
    }

    /// Lets a replica go on where `stopReplication` or `stopApplying` stopped it.
    package func startReplication(_ index: Int) throws(LocalClusterError) {
        try client.run(dialect.startReplication, on: node(index))
    }

    /// Makes a replica apply everything so many seconds after it was written; 0 ends that.
    package func delayReplication(_ index: Int, seconds: Int) throws(LocalClusterError) {
        let statements = [dialect.stopReplication, dialect.delay(seconds: seconds), dialect.startReplication]
        try client.run(statements.joined(separator: "\n"), on: node(index))
    }

    func replicationState(of node: LocalNode) throws(LocalClusterError) -> ReplicationState? {
        dialect.state(try client.run(dialect.replicationStatus, on: node).first)
    }

    /// The GTID position a node has reached, by its own writes and by replication.
    func position(of node: LocalNode) throws(LocalClusterError) -> String {
        try client.run(dialect.position, on: node).first?["position"] ?? ""
    }

    /// Waits until both replication threads run.
    func awaitReplication(_ node: LocalNode, seconds: Double) throws(LocalClusterError) {
        let deadline = monotonicSeconds() + seconds
        while true {
            let state = try replicationState(of: node)
            if let state, state.isReceiving, state.isApplying { return }
            if state?.isBroken ?? true || monotonicSeconds() > deadline {
                let reason = state?.errorText ?? "it replicates from nobody"
                let log = lastLines(ofFile: node.logPath)
                throw LocalClusterError(.server, "\(node.name) does not replicate: \(reason)", logTail: log)
            }
            usleep(10_000)
        }
    }
}
