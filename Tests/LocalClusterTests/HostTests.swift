// Servers on hosts of their own.

import Testing

@testable import LocalCluster

@Suite struct HostTests {
    @Test func `a cluster with hosts for some of its nodes only is refused`() {
        var options = LocalCluster.Options(replicas: 1)
        options.hosts = [.local]
        let error = #expect(throws: LocalClusterError.self) { _ = try LocalCluster.start(options) }
        #expect(error?.kind == .misuse)
    }

    @Test func `nodes listen on the addresses of their hosts, and are started by what their hosts say`() throws {
        var options = LocalCluster.Options(replicas: 1)
        // All of 127.0.0.0/8 is this machine. A program that becomes the server is as good as `ip netns exec`.
        options.hosts = ["127.0.0.2", "127.0.0.3"].map { .init(address: $0, launchPrefix: ["/usr/bin/env", "NODE=1"]) }
        let cluster = try LocalCluster.start(options)
        defer { cluster.stop() }
        #expect(
            cluster.nodes.map(\.address) == [
                "127.0.0.2:\(cluster.nodes[0].port)", "127.0.0.3:\(cluster.nodes[1].port)",
            ])
        for node in cluster.nodes {
            #expect(
                try cluster.execute(node.index, "SELECT @@bind_address, @@report_host") == [[node.host, node.host]])
        }
        let source = try cluster.client.run(cluster.dialect.replicationStatus, on: cluster.nodes[1]).first
        #expect(source?["Master_Host"] == "127.0.0.2")
        try cluster.promote(1)
        #expect(try cluster.execute(0, "SELECT @@read_only") == [["1"]])
    }
}
