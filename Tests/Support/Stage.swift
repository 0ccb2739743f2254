// A cluster with a proxy in front: what nearly every test stands on.

package import LocalCluster

/// A local cluster, a proxy, and the ways in.
package final class Stage: Sendable {
    package let cluster: LocalCluster
    package let proxy: ProxyProcess

    /// What a stage is made of.
    package struct Options: Sendable {
        package var cluster = LocalCluster.Options(
            replicas: 2, flavor: TestServer.flavor, extraServerOptions: TestServer.options)
        /// Changes the proxy's settings.
        package var configure: @Sendable (inout ProxyConfiguration) -> Void = { _ in }

        package init(configure: @escaping @Sendable (inout ProxyConfiguration) -> Void = { _ in }) {
            self.configure = configure
        }
    }

    /// Accounts beside those of the cluster: one without a password, one that another plugin keeps.
    private static let accounts = """
        CREATE USER 'open'@'%' IDENTIFIED BY '';
        GRANT ALL PRIVILEGES ON app.* TO 'open'@'%';
        CREATE USER 'socket'@'%' IDENTIFIED WITH \(TestServer.socketPlugin);
        CREATE DATABASE IF NOT EXISTS other;
        GRANT SELECT ON other.* TO 'app'@'%';
        """

    /// Starts everything and waits until reads and writes have a place to go.
    package init(_ options: Options = Options()) throws {
        cluster = try LocalCluster.start(options.cluster)
        do {
            try cluster.execute(0, Self.accounts)
            try cluster.waitUntilReplicated()
            for node in cluster.nodes { try Self.mark(cluster, node.index) }
            var configuration = ProxyConfiguration(cluster)
            options.configure(&configuration)
            let login = MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword)
            proxy = try ProxyProcess.start(configuration, until: login)
            try waitUntilReadsRun(on: options.cluster.replicas == 0 ? [0] : Set(1...options.cluster.replicas))
        } catch {
            cluster.stop()
            throw error
        }
    }

    deinit { stop() }

    package func stop() {
        proxy.kill()
        cluster.stop()
    }

    /// A row that only this node has: what a read returns tells where it ran.
    package static func mark(_ cluster: LocalCluster, _ index: Int) throws {
        try cluster.executeLocally(
            index,
            """
            DROP TABLE IF EXISTS app.node_marker;
            CREATE TABLE app.node_marker (marker INT PRIMARY KEY);
            INSERT INTO app.node_marker VALUES (\(index))
            """)
    }

    /// Waits until ordinary reads have run on all these nodes and on no other.
    package func waitUntilReadsRun(on nodes: Set<Int>, seconds: Double = 20) throws {
        try eventually("reads run on the nodes \(nodes.sorted())", seconds: seconds) {
            // A session prefers the connection it has: each look is a new session.
            let seen = Set(try (0..<16).map { _ in try connect().marker() ?? -1 })
            return seen == nodes
        }
    }

    /// Ends all connections that a user has to a node.
    package func killConnections(of user: String, on index: Int) throws {
        try cluster.killConnections(of: user, on: index)
    }

    // MARK: Ways in

    /// The application's account through the splitting listener.
    package var login: MySQLLogin {
        MySQLLogin(port: proxy.ports.split, user: cluster.appUser, password: cluster.appPassword, schema: "app")
    }

    /// The application's account straight to a node; without an index, to the primary.
    package func direct(_ index: Int? = nil) -> MySQLLogin {
        let node = index.map { cluster.nodes[$0] } ?? cluster.primaryNode
        return MySQLLogin(
            host: node.host, port: node.port, user: cluster.appUser, password: cluster.appPassword, schema: "app")
    }

    /// A session through the proxy.
    package func connect(_ change: (inout MySQLLogin) -> Void = { _ in }) throws(MySQLFailure) -> MySQLSession {
        try MySQLSession(login.with(change))
    }

    /// A session with a node.
    package func connectDirectly(_ index: Int? = nil) throws(MySQLFailure) -> MySQLSession {
        try MySQLSession(direct(index))
    }

    /// A session with the console.
    package func console() throws(MySQLFailure) -> MySQLSession { try MySQLSession(proxy.console) }

    /// Compares the primary with the proxy.
    package var differential: Differential { Differential(direct: direct(), proxied: login) }
}

extension MySQLSession {
    /// The index of the node that runs an ordinary read of this session.
    package func marker() throws(MySQLFailure) -> Int? {
        try value("SELECT marker FROM app.node_marker").flatMap { Int($0) }
    }
}
