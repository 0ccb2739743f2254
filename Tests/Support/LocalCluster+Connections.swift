// Ends connections to the nodes of a cluster.

package import LocalCluster

extension LocalCluster {
    /// Ends all connections that a user has to a node.
    package func killConnections(of user: String, on index: Int) throws {
        let node = nodes[index]
        let session = try MySQLSession(
            MySQLLogin(host: node.host, port: node.port, user: rootUser, password: rootPassword))
        let query = "SELECT id FROM information_schema.processlist WHERE user = '\(user)'"
        for row in try session.rows(query) {
            // One that has gone by itself meanwhile is as good as killed.
            _ = session.error(of: "KILL \(row[0] ?? "")")
        }
    }
}
