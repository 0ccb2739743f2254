// Servers that form a group instead of following a primary.

import Glibc

extension LocalCluster {
    /// Gives each server its accounts, lets the first make the group and the others join it one after the other.
    func form(_ group: ServerGroup) throws(LocalClusterError) {
        let accounts = group.aside + dialect.accounts(administratorHost: options.administratorHost)
        // Galera's servers join when they start, and need their first accounts for that.
        if options.flavor.isMariaDB { for node in nodes { try awaitMembers(group, on: node) } }
        for node in nodes { try client.run(accounts + group.joining(node.index), on: node) }
        for node in nodes { try awaitMembers(group, on: node) }
        try client.run("CREATE DATABASE app; CREATE DATABASE sbtest", on: nodes[0])
        try waitUntilReplicated()
    }

    /// Waits until a node sees all of the group in sync.
    private func awaitMembers(_ group: ServerGroup, on node: LocalNode) throws(LocalClusterError) {
        let deadline = monotonicSeconds() + LocalClusterLimits.groupStartSeconds
        while true {
            let joined = try client.run(group.aside + group.members, on: node).first?["joined"] ?? "0"
            if joined == "\(nodes.count)" { return }
            if monotonicSeconds() > deadline {
                let log = lastLines(ofFile: node.logPath)
                throw LocalClusterError(.timeout, "\(node.name) sees \(joined) of its group", logTail: log)
            }
            usleep(50_000)
        }
    }

    /// Waits until every running node has applied what every other one has.
    func waitUntilApplied(timeoutSeconds: Double) throws(LocalClusterError) {
        let running = nodes.filter { $0.state == .running }
        for node in running {
            if options.flavor.isMariaDB {
                // Galera waits by itself, for all that the group had certified before.
                try client.run("SET SESSION wsrep_sync_wait = 15; SELECT 1", on: node, seconds: timeoutSeconds)
                continue
            }
            let position = try position(of: node)
            let wait = dialect.wait(for: position, seconds: timeoutSeconds)
            for other in running where other.index != node.index {
                guard try client.run(wait, on: other).first?["waited"] == "0" else {
                    throw LocalClusterError(.timeout, "\(other.name) has not reached \(position)")
                }
            }
        }
    }
}
