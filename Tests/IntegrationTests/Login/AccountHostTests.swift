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

        /// The account's host as SQL spells it, or the error's number.
        private func chosen(_ port: UInt16, _ user: String, _ password: String = "pw") -> String {
            do throws(MySQLFailure) {
                let login = MySQLLogin(port: port, user: user, password: password)
                let account = try MySQLSession(login).value("SELECT CURRENT_USER()") ?? ""
                return String(account.dropFirst(user.count + 1)).replacing("\\", with: "\\\\")
            } catch {
                // MySQL says to a host that no account at all would let in that the host is not allowed.
                return "error \(error.code == 1130 ? 1045 : error.code)"
            }
        }

        /// The hosts that let a client in from here, in the order in which the server looks at them.
        private func order(_ stage: Stage) throws -> [String] {
            var order: [String] = []
            for host in Self.hosts { try stage.cluster.execute(0, "CREATE USER guide@'\(host)' IDENTIFIED BY 'pw'") }
            while true {
                let host = chosen(stage.cluster.primaryNode.port, "guide")
                guard !host.hasPrefix("error") else { return order }
                order.append(host)
                try stage.cluster.execute(0, "DROP USER guide@'\(host)'")
            }
        }

        @Test(arguments: [false, true])
        func `each pattern lets in whom it lets in on the server, and the same one is chosen`(skipsNames: Bool) throws {
            var options = Stage.Options { $0.limits["login_failures"] = "0" }
            options.cluster.replicas = 0
            if skipsNames { options.cluster.extraServerOptions.append("--skip-name-resolve=1") }
            try withStage(options) { stage in
                let order = try order(stage)
                #expect(order.count > 6)
                // One user for each host, and one for each place in the order, with a password for each account of his.
                var sql = ""
                for (index, host) in Self.hosts.enumerated() {
                    sql += "CREATE USER alone\(index)@'\(host)' IDENTIFIED BY 'pw';"
                }
                for first in order.indices {
                    for (place, host) in order.enumerated().dropFirst(first).reversed() {
                        sql += "CREATE USER several\(first)@'\(host)' IDENTIFIED BY 'password \(place)';"
                    }
                }
                try stage.cluster.execute(0, sql)
                for (index, host) in Self.hosts.enumerated() {
                    let direct = chosen(stage.cluster.primaryNode.port, "alone\(index)")
                    let proxied = chosen(stage.proxy.ports.split, "alone\(index)")
                    #expect(proxied == direct, "\(host), skip_name_resolve \(skipsNames)")
                    #expect((direct == host) == order.contains(host))
                }
                for (first, host) in order.enumerated() {
                    for port in [stage.cluster.primaryNode.port, stage.proxy.ports.split] {
                        #expect(chosen(port, "several\(first)", "password \(first)") == host, "of \(order)")
                    }
                }
            }
        }
    }
}
