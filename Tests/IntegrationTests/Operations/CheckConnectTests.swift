// `switchyard check --connect` with real servers, and the accounts of config/sql.

import Foundation
import LocalCluster
import TestSupport
import Testing

extension Integration {
    @Suite struct CheckConnectTests {
        private static let password = "watching-password"

        /// The statements of the script for this server, for an account that the cluster does not have yet.
        private func script() throws -> [String] {
            let name = TestServer.isMariaDB ? "mariadb" : "mysql"
            let lines = try OperationsFiles.text("config/sql/monitor-\(name).sql").split(separator: "\n")
            return lines.filter { !$0.hasPrefix("--") }.map {
                String($0).replacing("'monitor'@'%'", with: "'watcher'@'%'").replacing(
                    "MONITOR_PASSWORD", with: Self.password)
            }
        }

        private func withCluster(_ body: (LocalCluster) throws -> Void) throws {
            var options = Stage.Options().cluster
            options.replicas = 1
            let cluster = try LocalCluster.start(options)
            defer { cluster.stop() }
            try cluster.execute(0, try script().joined(separator: "\n"))
            try cluster.waitUntilReplicated()
            try body(cluster)
        }

        private func configuration(_ cluster: LocalCluster, nodes: Int = 2) -> ProxyConfiguration {
            ProxyConfiguration(cluster).with {
                $0.nodes = cluster.nodes.prefix(nodes).map(\.address)
                $0.monitor = ("watcher", Self.password)
            }
        }

        private func check(
            _ configuration: ProxyConfiguration, seconds: Int = 5
        ) throws -> (end: ChildProgram.End, lines: [String]) {
            let folder = try ScratchFolder()
            defer { folder.remove() }
            let file = try folder.write("switchyard.yaml", configuration.yaml(ProxyPorts()))
            let run = try ChildProgram.run(
                ProxyProcess.binary(), ["check", "--config", file, "--connect", "--connect-timeout", "\(seconds)"])
            return (run.end, run.output.split(separator: "\n").map(String.init))
        }

        @Test func `every privilege of the script is needed, and one that is missing is printed as SQL`() throws {
            try withCluster { cluster in
                let all = try check(configuration(cluster))
                #expect(all.end == .exit(0), "\(all.lines)")
                #expect(!all.lines.contains { $0.hasPrefix("GRANT ") })
                let grants = try script().filter { $0.hasPrefix("GRANT ") }
                #expect(grants.count >= 4)
                for grant in grants {
                    let revoke = grant.replacing("GRANT ", with: "REVOKE ").replacing(" TO ", with: " FROM ")
                    try cluster.execute(0, revoke)
                    try cluster.waitUntilReplicated()
                    let lacking = try check(configuration(cluster))
                    #expect(lacking.end == .exit(1), "\(grant)")
                    let printed = lacking.lines.filter { $0.hasPrefix("GRANT ") }
                    #expect(printed == [grant], "\(lacking.lines)")
                    try cluster.execute(0, printed.joined())
                    try cluster.waitUntilReplicated()
                }
                #expect(try check(configuration(cluster)).end == .exit(0))
            }
        }

        @Test func `the account of the script finds the replica, and a proxy mirrors accounts with it`() throws {
            try withCluster { cluster in
                let found = try check(configuration(cluster, nodes: 1))
                #expect(found.end == .exit(0), "\(found.lines)")
                let replica = cluster.nodes[1].address
                #expect(
                    found.lines.contains { $0.hasPrefix("node \(replica): ") && $0.hasSuffix(", found by discovery") })
                let proxy = try ProxyProcess.start(
                    configuration(cluster, nodes: 1),
                    until: MySQLLogin(port: 0, user: cluster.appUser, password: cluster.appPassword))
                defer { proxy.kill() }
                let console = try MySQLSession(proxy.console)
                try eventually("the replica serves reads") {
                    try console.rows("SELECT node FROM routing_table WHERE role = 'replica' AND reads = 'yes'").count
                        == 1
                }
                #expect(!proxy.log.contains("cannot be read"), "\(proxy.log)")
            }
        }

        @Test func `what is wrong with the nodes is told, and nothing hangs`() throws {
            try withCluster { cluster in
                let id = try #require(try cluster.execute(0, "SELECT @@server_id")[0][0])
                try cluster.stopReplication(1)
                try cluster.execute(1, "SET GLOBAL server_id = \(id)")
                let alike = try check(configuration(cluster))
                #expect(alike.end == .exit(1))
                #expect(alike.lines.contains { $0.contains("have the same server_id \(id)") }, "\(alike.lines)")
                #expect(alike.lines.contains { $0.hasPrefix("node \(cluster.nodes[1].address): problem: stopped") })

                cluster.kill(1)
                try cluster.setWritable(0, false)
                let readOnly = try check(configuration(cluster))
                #expect(readOnly.end == .exit(1))
                #expect(readOnly.lines.contains { $0.hasPrefix("cluster main: problem: nobody would be written to") })
                #expect(readOnly.lines.contains { $0.contains("problem: refused: ") })

                var wrong = configuration(cluster)
                wrong.monitor.password = "something else"
                let refused = try check(wrong)
                #expect(refused.end == .exit(1))
                #expect(refused.lines.contains { $0.contains("may not log in") && $0.contains("config/sql") })
                #expect(!refused.lines.contains { $0.contains("something else") })

                cluster.freeze(0)
                defer { cluster.thaw(0) }
                let frozen = try check(configuration(cluster), seconds: 1)
                #expect(frozen.end == .exit(1))
                #expect(frozen.lines.contains { $0.contains("problem: timeout: ") }, "\(frozen.lines)")
            }
        }

        @Test(arguments: ["0", "61", "x"])
        func `a senseless time is refused`(seconds: String) throws {
            let file = "\(OperationsFiles.top)/config/minimal.yaml"
            let run = try ChildProgram.run(
                ProxyProcess.binary(), ["check", "--config", file, "--connect", "--connect-timeout", seconds])
            #expect(run.end == .exit(64))
        }
    }
}
