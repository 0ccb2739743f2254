// A cluster with several proxies in front, each on a host of its own, between which the network can be cut.

package import LocalCluster

extension NetworkLab {
    /// The host of a node.
    package static func node(_ index: Int) -> String { "node-\(index)" }

    /// The host of a proxy.
    package static func proxy(_ index: Int) -> String { "proxy-\(index)" }

    /// A host for each node and for each proxy.
    package convenience init(nodes: Int, proxies: Int) throws {
        try self.init((0..<nodes).map(Self.node) + (0..<proxies).map(Self.proxy))
    }

    /// The hosts of all nodes, for the options of a cluster.
    package func nodeHosts(_ nodes: Int) throws -> [LocalClusterOptions.Host] {
        try (0..<nodes).map { try host(Self.node($0)) }
    }

    /// Starts a proxy on its host; the settings' addresses are replaced by that host's.
    package func startProxy(
        _ index: Int, _ configuration: ProxyConfiguration, ports: ProxyPorts = ProxyPorts(), until login: MySQLLogin
    ) throws -> ProxyProcess {
        let host = try host(Self.proxy(index))
        let settings = configuration.with {
            $0.address = host.address
            $0.consoleAddress = host.address
        }
        return try ProxyProcess.start(
            settings, ports: ports, launchPrefix: host.launchPrefix, until: login.with { $0.host = host.address })
    }
}

/// Three nodes and three proxies in a lab. The proxies know all nodes by their settings.
package final class LabStage: Sendable {
    package let lab: NetworkLab
    package let cluster: LocalCluster
    package let proxies: [ProxyProcess]
    private let addresses: [String]

    /// Starts everything and waits until all proxies write to the first node.
    package init(configure: (inout ProxyConfiguration) -> Void = { _ in }) throws {
        let count = 3
        let lab = try NetworkLab(nodes: count, proxies: count)
        self.lab = lab
        var options = LocalClusterOptions(
            replicas: count - 1, flavor: TestServer.flavor, extraServerOptions: TestServer.options)
        options.hosts = try lab.nodeHosts(count)
        let cluster = try LocalCluster.start(options)
        self.cluster = cluster
        addresses = try (0..<count).map { try lab.host(NetworkLab.proxy($0)).address }
        var configuration = ProxyConfiguration(nodes: cluster.nodes.map(\.address))
        configure(&configuration)
        let settings = configuration
        let login = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
        proxies = try inParallel(count) { try lab.startProxy($0, settings, until: login) }
        for index in proxies.indices {
            try eventually("proxy \(index) writes to the first node") { try tables(index).primary == 0 }
        }
    }

    deinit { stop() }

    package func stop() {
        for proxy in proxies { proxy.kill() }
        cluster.stop()
        lab.remove()
    }

    /// A session of the application through a proxy.
    package func connect(
        _ proxy: Int, _ change: (inout MySQLLogin) -> Void = { _ in }
    ) throws(MySQLFailure) -> MySQLSession {
        let login = MySQLLogin(
            host: addresses[proxy], port: proxies[proxy].ports.split, user: cluster.appUser,
            password: cluster.appPassword, schema: "app")
        return try MySQLSession(login.with(change))
    }

    /// A session with a proxy's console.
    package func console(_ proxy: Int) throws(MySQLFailure) -> MySQLSession { try MySQLSession(proxies[proxy].console) }

    /// What a proxy makes of the cluster.
    package struct Tables: Equatable, Sendable {
        /// The index of the node that takes the writes; nil while the gate is closed.
        package var primary: Int?
        /// Why the gate is closed.
        package var gateReason: String?
        /// Of each node, in order: its role, its state, and whether it takes writes and reads.
        package var nodes: [[String?]]
    }

    /// What a proxy makes of the cluster now.
    package func tables(_ proxy: Int) throws -> Tables {
        let console = try console(proxy)
        let gate = try console.rows("SELECT primary_node, gate_reason FROM clusters").first ?? [nil, nil]
        let rows = try console.rows("SELECT address, role, state, writes, reads FROM routing_table")
        return Tables(
            primary: cluster.nodes.firstIndex { $0.address == gate[0] }, gateReason: gate[1],
            nodes: cluster.nodes.map { node in rows.first { $0[0] == node.address } ?? [] })
    }
}
