// Starts a real primary and its replicas on this machine, for the quickstart and for every test that wants servers.

import Glibc
import Synchronization

/// A replicated cluster of real servers on 127.0.0.1, or on hosts of their own, with GTIDs, in a temporary folder.
///
/// Safe to use from several threads, in the sense that a node may be killed while another thread promotes; two
/// promotions at once are the caller's mistake. `stop`, or the end of this object, or the end of this process in
/// whatever way, ends the servers and removes their files.
package final class LocalCluster: Sendable {
    package typealias Options = LocalClusterOptions

    package let options: Options
    /// The servers, at fixed indexes for the cluster's whole life.
    package let nodes: [LocalNode]

    /// May see everything. MariaDB: `PROCESS`, `REPLICA MONITOR`, `BINLOG MONITOR`, `SELECT` on `mysql.*`, and `REPLICATION
    /// MASTER ADMIN`, without which it does not list a primary's replicas (`SHOW SLAVE HOSTS`). MySQL: `PROCESS`,
    /// `REPLICATION CLIENT`, `REPLICATION SLAVE`, `SELECT` on `mysql.*` and `performance_schema.*`.
    package let monitorUser = Accounts.monitor.user
    package let monitorPassword = Accounts.monitor.password
    /// May do anything in the schemas `app`, `sbtest` and `test`; bound by `read_only`.
    package let appUser = Accounts.application.user
    package let appPassword = Accounts.application.password
    /// May do everything; over TCP with this password (from 127.0.0.1 only, unless nodes have hosts of their own), over the
    /// socket without one.
    package let rootUser = Accounts.administrator.user
    package let rootPassword = Accounts.administrator.password

    /// How the servers spell statements.
    let dialect: any ServerDialect
    let client: ServerClient
    /// The cluster's own folder; a caller's files in it are removed with it.
    package let folder: String
    let template: String
    /// What makes the nodes a group; nil for a primary and replicas.
    let group: ServerGroup?
    private let watchdog: Watchdog
    private let primary = Mutex(0)
    private let isStopped = Atomic<Bool>(false)

    /// Starts the servers, lets the first one write, and returns when the others have replicated its first statements.
    package static func start(_ options: Options = Options()) throws(LocalClusterError) -> LocalCluster {
        guard 0...LocalClusterLimits.replicas ~= options.replicas else {
            throw LocalClusterError(.misuse, "replicas must be 0 to \(LocalClusterLimits.replicas)")
        }
        guard options.hosts.isEmpty || options.hosts.count == options.replicas + 1 else {
            throw LocalClusterError(.misuse, "each node needs a host, or none has one")
        }
        var attempt = 1
        while true {
            do throws(LocalClusterError) {
                let cluster = try LocalCluster(options)
                try cluster.startNodes()
                return cluster
            } catch  where error.kind == .portTaken && attempt < LocalClusterLimits.startAttempts {
                attempt += 1
            }
        }
    }

    private init(_ options: Options) throws(LocalClusterError) {
        let programs = try ServerPrograms.find(options.flavor)
        let dialect = options.flavor.dialect
        let folder = try makeUniqueFolder("\(options.directory ?? temporaryFolder())/switchyard-")
        do throws(LocalClusterError) {
            let watchdog = try Watchdog(folder: folder)
            self.watchdog = watchdog
            template = try ServerTemplate.folder(programs, dialect, scratch: folder)
            group = options.isGroup ? try ServerGroup(options) : nil
            var nodes: [LocalNode] = []
            for index in 0...options.replicas {
                let port = LocalCluster.freePort()
                var own = options
                own.extraServerOptions += group?.options(index, port: port) ?? []
                nodes.append(
                    try LocalNode(
                        index: index, port: port, folder: folder, programs: programs, options: own, watchdog: watchdog))
            }
            self.nodes = nodes
        } catch {
            removeFolder(folder)
            throw error
        }
        self.options = options
        self.dialect = dialect
        self.folder = folder
        client = ServerClient(programs: programs, scratch: folder)
    }

    deinit { stop() }

    /// The index of the node that was last made the primary, dead or alive.
    package var primaryIndex: Int { primary.withLock { $0 } }

    /// The node that was last made the primary, dead or alive.
    package var primaryNode: LocalNode { nodes[primaryIndex] }

    func setPrimary(_ index: Int) { primary.withLock { $0 = index } }

    /// Runs one or several statements as root over the node's socket; gives the rows of all result sets, nil for NULL.
    ///
    /// Each call is a new session. Throws when the node is not running or refuses a statement.
    @discardableResult
    package func execute(_ index: Int, _ sql: String) throws(LocalClusterError) -> [[String?]] {
        try client.run(sql, on: node(index)).map { $0.values }
    }

    /// Ends all servers with SIGKILL and removes their files. Can be called any number of times.
    package func stop() {
        guard !isStopped.exchange(true, ordering: .sequentiallyConsistent) else { return }
        for node in nodes { node.kill() }
        removeFolder(folder)
        watchdog.dismiss()
    }

    /// Runs statements as root on one node, a replica too, out of its binary log: nobody else will ever have what they do.
    package func executeLocally(_ index: Int, _ sql: String) throws(LocalClusterError) {
        try client.run((group?.aside ?? "") + dialect.local(sql), on: node(index))
    }

    /// Lets a primary write. The source side of semi-sync first: a write must not slip through unacknowledged.
    var opening: String { (options.semiSync ? dialect.semiSyncSource(true) : "") + dialect.makeWritable }

    func node(_ index: Int) throws(LocalClusterError) -> LocalNode {
        guard nodes.indices.contains(index) else { throw LocalClusterError(.misuse, "there is no node \(index)") }
        if isStopped.load(ordering: .acquiring) { throw LocalClusterError(.misuse, "the cluster is stopped") }
        return nodes[index]
    }

    private func startNodes() throws(LocalClusterError) {
        let transcript = try ScratchFile(in: folder)
        var copies: [Subprocess] = []
        for node in nodes {
            copies.append(
                try ServerTemplate.beginCopy(of: template, to: node.dataDirectory, transcript: transcript))
        }
        for (node, copy) in zip(nodes, copies) {
            try copy.waitForSuccess(of: "cp", seconds: LocalClusterLimits.copySeconds, transcript: transcript)
            try group?.prepare(dataDirectory: node.dataDirectory)
            try node.launch()
        }
        for node in nodes { try node.awaitGreeting() }
        if let group { return try form(group) }
        try startReplication()
    }

    /// The first statements of the primary are the ones whose arrival proves that replication flows.
    private func startReplication() throws(LocalClusterError) {
        let accounts = dialect.accounts(administratorHost: options.administratorHost)
        var runs = [try client.begin(accounts + opening, on: nodes[0])]
        for node in nodes.dropFirst() {
            runs.append(try client.begin(accounts + dialect.connect(to: nodes[0]), on: node))
        }
        for run in runs { try run.rows() }
        try client.run("CREATE DATABASE app; CREATE DATABASE sbtest", on: nodes[0])
        for node in nodes.dropFirst() {
            try awaitReplication(node, seconds: LocalClusterLimits.replicationStartSeconds)
        }
        try waitUntilReplicated()
    }
}
