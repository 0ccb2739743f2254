// Breaks nodes and brings them back: kill, freeze, thaw, restart, rejoin.

import Glibc

extension LocalCluster {
    /// Ends a node with SIGKILL, as a crash or a lost machine would. Returns when the process is gone.
    package func kill(_ index: Int) { nodes[index].kill() }

    /// Stops a node with SIGSTOP: connections stay open and new ones are accepted by the kernel, nothing is answered.
    package func freeze(_ index: Int) { nodes[index].freeze() }

    /// Lets a frozen node go on where it was.
    package func thaw(_ index: Int) { nodes[index].thaw() }

    /// Lets a node take writes, or ends that, without asking what it is: two nodes may then be writable.
    package func setWritable(_ index: Int, _ isWritable: Bool) throws(LocalClusterError) {
        try client.run(isWritable ? dialect.makeWritable : dialect.makeReadOnly, on: node(index))
    }

    /// Shuts a node down if it runs, and starts it again.
    ///
    /// It comes up read-only. A replica goes on replicating by itself. A primary stays closed until it is opened with
    /// `promote` or made a replica with `rejoin`.
    package func restart(_ index: Int) throws(LocalClusterError) {
        let node = try node(index)
        node.shutDown()
        try node.launch()
        try node.awaitGreeting()
    }

    /// Makes a node, dead or alive, a replica of the present primary, and returns when it has caught up.
    ///
    /// A node whose history is not the primary's (it committed what nobody received, or it needs what the primary's
    /// binary log no longer has) is built anew from the primary.
    package func rejoin(_ index: Int) throws(LocalClusterError) {
        let node = try node(index)
        guard index != primaryIndex else { throw LocalClusterError(.misuse, "\(node.name) is the primary") }
        node.thaw()
        try node.launch()
        try node.awaitGreeting()
        let semiSync = options.semiSync ? dialect.semiSyncSource(false) : ""
        try client.run("\(dialect.makeReadOnly) \(semiSync) \(dialect.leave)", on: node)
        let position = try position(of: node)
        let primary = primaryNode
        let ask = { (sql: String) throws(LocalClusterError) in try self.client.run(sql, on: primary).first }
        if try !dialect.isKnown(position, ask: ask) {
            try rebuild(node)
        } else {
            try client.run(dialect.follow(primary, from: position), on: node)
            if try !settles(node) { try rebuild(node) }
        }
        try waitUntilReplicated()
    }

    /// Whether replication runs, rather than being refused for good.
    private func settles(_ node: LocalNode) throws(LocalClusterError) -> Bool {
        let deadline = monotonicSeconds() + LocalClusterLimits.replicationStartSeconds
        while monotonicSeconds() < deadline {
            guard let state = try replicationState(of: node), !state.isBroken else { return false }
            if state.isReceiving && state.isApplying { return true }
            usleep(10_000)
        }
        return false
    }

    /// Throws a node's data away and gives it the primary's, by a dump.
    func rebuild(_ node: LocalNode) throws(LocalClusterError) {
        node.kill()
        removeFolder(node.dataDirectory)
        let transcript = try ScratchFile(in: folder)
        try ServerTemplate.beginCopy(of: template, to: node.dataDirectory, transcript: transcript)
            .waitForSuccess(of: "cp", seconds: LocalClusterLimits.copySeconds, transcript: transcript)
        try node.launch()
        try node.awaitGreeting()

        let dump = try ScratchFile(in: folder)
        let primary = primaryNode
        let dumpArguments = [
            client.programs.dump, "--no-defaults", "--protocol=socket", "--socket=\(primary.socketPath)", "--user=root",
            "--all-databases", "--single-transaction", "--routines", "--events", "--triggers", "--flush-privileges",
            "--default-character-set=utf8mb4", "--hex-blob",
        ]
        try Subprocess.spawn(
            dumpArguments + dialect.dumpOptions, output: dump.descriptor, errors: transcript.descriptor
        )
        .waitForSuccess(of: client.programs.dump, seconds: LocalClusterLimits.rebuildSeconds, transcript: transcript)
        dump.rewind()
        try client.run(dialect.prepareToLoad, on: node)
        let load = client.arguments(for: node, extra: ["--init-command=SET SESSION sql_log_bin = 0"])
        try Subprocess.spawn(
            load, input: dump.descriptor, output: transcript.descriptor, errors: transcript.descriptor
        ).waitForSuccess(of: client.programs.client, seconds: LocalClusterLimits.rebuildSeconds, transcript: transcript)
        try client.run(dialect.finishLoading + dialect.connect(to: primary), on: node)
        try awaitReplication(node, seconds: LocalClusterLimits.replicationStartSeconds)
    }
}
