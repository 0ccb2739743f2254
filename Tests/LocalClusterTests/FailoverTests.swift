// What an orchestrator does when the primary is gone, and what it leaves when it was not.

import Glibc
import Testing

@testable import LocalCluster

extension LocalClusterTests {
    @Test(arguments: [LocalCluster.Options.Flavor.mariaDB, .mySQL])
    func `of two replicas, the one that has more takes a dead primary's place`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        try cluster.execute(0, "CREATE TABLE app.facts (id INT PRIMARY KEY); INSERT INTO app.facts VALUES (1)")
        try cluster.waitUntilReplicated()
        try cluster.stopReplication(1)
        try cluster.execute(0, "INSERT INTO app.facts VALUES (2)")
        try cluster.waitUntilNode(2, has: "SELECT id FROM app.facts WHERE id = 2")
        cluster.kill(0)

        var choices: [String] = []
        let times = try cluster.failOver { node in choices.append(node.name) }
        #expect(choices == ["node-2"])
        #expect(cluster.primaryIndex == 2)
        #expect(times.closed == nil)
        #expect(times.opening <= times.followed)
        #expect(times.opened <= times.followed)
        try cluster.execute(2, "INSERT INTO app.facts VALUES (3)")
        try cluster.waitUntilReplicated()
        #expect(try cluster.execute(1, "SELECT id FROM app.facts ORDER BY id") == [["1"], ["2"], ["3"]])
    }

    @Test(arguments: [LocalCluster.Options.Flavor.mariaDB, .mySQL])
    func `a replica can be made writable, and read-only again`(_ flavor: LocalCluster.Options.Flavor) throws {
        let cluster = try LocalCluster.start(.init(replicas: 1, flavor: flavor))
        defer { cluster.stop() }
        for isWritable in [true, false] {
            try cluster.setWritable(1, isWritable)
            #expect(try cluster.execute(1, "SELECT @@read_only") == [[isWritable ? "0" : "1"]])
        }
        #expect(cluster.primaryIndex == 0)
    }

    @Test func `a cluster without a running replica has nobody to take over`() throws {
        let cluster = try LocalCluster.start(.init(replicas: 1))
        defer { cluster.stop() }
        cluster.kill(1)
        let error = #expect(throws: LocalClusterError.self) { try cluster.failOver() }
        #expect(error?.kind == .misuse)
        #expect(cluster.primaryIndex == 0)
    }
}
