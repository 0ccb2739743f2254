// Hosts of accounts: who is let in from here directly is let in through the proxy, and as the same account.

import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct AccountHostTests {
        /// Hosts as SQL spells them, the backslash twice.
        private static let hosts = [
            "localhost", "l%", "local_ost", "127.0.0.1", "127.0.0.0/8", "127.0.0.0/16", "127.0.0.1/8", "127.0.0.0/33",
            "127.0.0.0/255.0.0.0", "127.0.0.0/255.255.0.0", "127.0.0.1/255.255.255.255", "0.0.0.0/0.0.0.0", "127.%",
            "127.0.0._", "127\\\\.0.0.1", "local\\\\host", "local\\\\_ost", "10.0.0.0/8", "%",
        ]

        private func account(_ stage: Stage, _ port: UInt16) -> String {
            do throws(MySQLFailure) {
                let login = MySQLLogin(port: port, user: "guest", password: "pw")
                return try MySQLSession(login).value("SELECT CURRENT_USER()") ?? ""
            } catch {
                // MySQL says to a host that no account at all would let in that the host is not allowed.
                return "error \(error.code == 1130 ? 1045 : error.code)"
            }
        }

        private func expectSame(_ stage: Stage, _ comment: String) {
            let direct = account(stage, stage.cluster.primaryNode.port)
            let proxied = account(stage, stage.proxy.ports.split)
            #expect(proxied == direct, "\(comment)")
        }

        @Test(arguments: [false, true])
        func `each pattern lets in whom it lets in on the server, and the same one is chosen`(skipsNames: Bool) throws {
            var options = Stage.Options { _ in }
            options.cluster.replicas = 0
            if skipsNames { options.cluster.extraServerOptions.append("--skip-name-resolve=1") }
            try withStage(options) { stage in
                for host in Self.hosts {
                    try stage.cluster.execute(0, "CREATE USER guest@'\(host)' IDENTIFIED BY 'pw'")
                    expectSame(stage, "\(host), skip_name_resolve \(skipsNames)")
                    try stage.cluster.execute(0, "DROP USER guest@'\(host)'")
                }
                for host in Self.hosts {
                    try stage.cluster.execute(0, "CREATE USER guest@'\(host)' IDENTIFIED BY 'pw'")
                }
                // One after the other is taken away: the one that is chosen.
                for _ in Self.hosts {
                    let direct = account(stage, stage.cluster.primaryNode.port)
                    expectSame(stage, "of several, skip_name_resolve \(skipsNames)")
                    guard let at = direct.firstIndex(of: "@") else { break }
                    let host = direct[direct.index(after: at)...].replacing("\\", with: "\\\\")
                    try stage.cluster.execute(0, "DROP USER guest@'\(host)'")
                }
            }
        }
    }
}
