// Real servers: start, replicate, promote, break, mend, stop.

import Glibc
import Testing

@testable import LocalCluster

/// Both, or the one that the run is for: the integration tests start and promote those of their own server.
private let flavors: [LocalCluster.Options.Flavor] =
    switch getenv("SWITCHYARD_TEST_SERVER").map({ String(cString: $0) }) {
    case "mariadb": [.mariaDB]
    case "mysql": [.mySQL]
    default: [.mariaDB, .mySQL]
    }

@Suite(.serialized) struct LocalClusterTests {
    private func isReadOnly(_ cluster: LocalCluster, _ index: Int) throws -> Bool {
        try cluster.execute(index, "SELECT @@read_only") == [["1"]]
    }

    /// The port a node replicates from.
    private func sourcePort(_ cluster: LocalCluster, _ index: Int) throws -> String? {
        try cluster.replicationState(of: cluster.nodes[index])?.sourcePort
    }

    /// Writes `value` on the primary and checks that every other running node gets it.
    private func expectReplication(_ cluster: LocalCluster, of value: Int) throws {
        let table = "CREATE TABLE IF NOT EXISTS app.facts (id INT PRIMARY KEY)"
        try cluster.execute(cluster.primaryIndex, "\(table); INSERT INTO app.facts VALUES (\(value))")
        try cluster.waitUntilReplicated()
        for node in cluster.nodes where node.state == .running {
            let rows = try cluster.execute(node.index, "SELECT id FROM app.facts WHERE id = \(value)")
            #expect(rows == [["\(value)"]], "on \(node.name)")
        }
    }

    @Test(arguments: flavors) func `a trio starts, replicates a row, and leaves neither process nor folder`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        #expect(cluster.nodes.count == 3)
        #expect(cluster.primaryIndex == 0)
        #expect(try !isReadOnly(cluster, 0) && isReadOnly(cluster, 1) && isReadOnly(cluster, 2))
        try expectReplication(cluster, of: 1)
        let pids = cluster.nodes.compactMap(\.pid)
        #expect(pids.count == 3)

        cluster.stop()
        cluster.stop()
        for pid in pids { #expect(kill(pid, 0) == -1 && errno == ESRCH) }
        #expect(access(cluster.folder, F_OK) == -1)
        #expect(cluster.nodes.allSatisfy { $0.state == .stopped && $0.pid == nil })
        #expect(throws: LocalClusterError.self) { try cluster.execute(0, "SELECT 1") }
    }

    @Test(arguments: flavors) func `the accounts can do what they are for and no more`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(replicas: 0, flavor: flavor))
        defer { cluster.stop() }
        let users = try cluster.execute(
            0, "SELECT User FROM mysql.user WHERE User NOT LIKE 'mariadb.%' AND User NOT LIKE 'mysql.%' ORDER BY 1")
        #expect(users.map { $0[0] } == ["app", "monitor", "replica", "root", "root"])
        let privileges = try cluster.execute(
            0,
            "SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = '''app''@''%''' ORDER BY 1")
        #expect(privileges == [["USAGE"]])
        #expect(throws: LocalClusterError.self) { try cluster.execute(0, "SELECT nonsense") }
        #expect(try cluster.execute(0, "SELECT NULL, 'NULL', ''; SELECT '<&>'") == [[nil, "NULL", ""], ["<&>"]])
    }

    @Test(arguments: flavors)
    func `a promotion moves the writer, the old primary follows, and it works again and again`(
        _ flavor: LocalCluster.Options.Flavor
    )
        throws
    {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        try expectReplication(cluster, of: 1)
        for (round, index) in [1, 2, 0, 1].enumerated() {
            try cluster.promote(index)
            #expect(cluster.primaryIndex == index)
            for other in 0..<3 {
                #expect(try isReadOnly(cluster, other) == (other != index))
                let source = other == index ? nil : "\(cluster.nodes[index].port)"
                #expect(try sourcePort(cluster, other) == source)
            }
            // Two rounds without writes in between: the positions must survive that as well.
            if round != 1 { try expectReplication(cluster, of: 10 + round) }
        }
    }

    @Test(arguments: flavors) func `a replica replaces a dead primary, which rejoins as a replica`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        try expectReplication(cluster, of: 1)
        cluster.kill(0)
        #expect(cluster.nodes[0].state == .stopped)
        try cluster.promote(1, graceful: false)
        try expectReplication(cluster, of: 2)
        try cluster.rejoin(0)
        #expect(try isReadOnly(cluster, 0))
        #expect(try sourcePort(cluster, 0) == "\(cluster.nodes[1].port)")
        try expectReplication(cluster, of: 3)
        let rows = try cluster.execute(0, "SELECT COUNT(*) FROM app.facts")
        #expect(rows == [["3"]])
    }

    @Test(arguments: flavors) func `an old primary with a transaction of its own is built anew`(
        _ flavor: LocalCluster.Options.Flavor
    )
        throws
    {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        try expectReplication(cluster, of: 1)
        try cluster.stopReplication(1)
        try cluster.execute(0, "CREATE USER 'late'@'%'; INSERT INTO app.facts VALUES (2)")
        try cluster.waitUntilNode(2, has: "SELECT id FROM app.facts WHERE id = 2")
        try cluster.stopReplication(2)
        try cluster.execute(0, "INSERT INTO app.facts VALUES (666)")
        cluster.kill(0)
        // Node 2 knows more than node 1: it has to give that up.
        try cluster.promote(1, graceful: false)
        try expectReplication(cluster, of: 3)
        try cluster.rejoin(0)
        try expectReplication(cluster, of: 4)
        for index in 0..<3 {
            let rows = try cluster.execute(index, "SELECT id FROM app.facts ORDER BY id")
            #expect(rows == [["1"], ["3"], ["4"]], "on node \(index)")
            #expect(try cluster.execute(index, "SELECT COUNT(*) FROM mysql.user WHERE User = 'late'") == [["0"]])
        }
        try cluster.promote(0)
        try expectReplication(cluster, of: 5)
    }

    @Test(arguments: flavors) func `a frozen node keeps its process and goes on after the thaw`(
        _ flavor: LocalCluster.Options.Flavor
    )
        throws
    {
        let cluster = try LocalCluster.start(.init(replicas: 1, flavor: flavor))
        defer { cluster.stop() }
        try expectReplication(cluster, of: 1)
        let pid = try #require(cluster.nodes[1].pid)
        cluster.freeze(1)
        #expect(cluster.nodes[1].state == .frozen)
        #expect(throws: LocalClusterError.self) { try cluster.execute(1, "SELECT 1") }
        try cluster.execute(0, "INSERT INTO app.facts VALUES (2)")
        cluster.thaw(1)
        #expect(cluster.nodes[1].pid == pid)
        try expectReplication(cluster, of: 3)
        #expect(try cluster.execute(1, "SELECT COUNT(*) FROM app.facts") == [["3"]])
    }

    @Test(arguments: flavors) func `a frozen primary is replaced, still thinks it is one after the thaw, and rejoins`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        try expectReplication(cluster, of: 1)
        cluster.freeze(0)
        try cluster.promote(2, graceful: false)
        try expectReplication(cluster, of: 2)
        cluster.thaw(0)
        // Two writable nodes: nobody told the old one, and its write is one that nobody else will ever have.
        #expect(try !isReadOnly(cluster, 0))
        try cluster.execute(0, "INSERT INTO app.facts VALUES (666)")
        try cluster.rejoin(0)
        try expectReplication(cluster, of: 3)
        #expect(try cluster.execute(0, "SELECT id FROM app.facts ORDER BY id") == [["1"], ["2"], ["3"]])
    }

    @Test(arguments: flavors) func `a promotion under load loses no acknowledged write`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(flavor: flavor))
        defer { cluster.stop() }
        try cluster.execute(0, "CREATE TABLE app.facts (id INT PRIMARY KEY)")
        // One session of an ordinary user, one insert per line; it ends at the first refusal, which names the line.
        let inserts = (1...300_000).map { "INSERT INTO app.facts VALUES (\($0));" }.joined(separator: "\n")
        let input = try ScratchFile(in: cluster.folder, holding: inserts)
        let errors = try ScratchFile(in: cluster.folder)
        let login = ["--user=\(cluster.appUser)", "--password=\(cluster.appPassword)"]
        let writer = try Subprocess.spawn(
            cluster.client.arguments(for: cluster.nodes[0], extra: login), input: input.descriptor,
            errors: errors.descriptor)
        try cluster.waitUntilNode(1, has: "SELECT id FROM app.facts WHERE id = 500")
        try cluster.promote(1)

        #expect(writer.wait(until: monotonicSeconds() + 60) != nil)
        let refusal = errors.text()
        #expect(refusal.contains("ERROR 1290"), "\(refusal)")
        let line = try #require(refusal.split(separator: "at line ").last?.prefix { $0.isNumber })
        let acknowledged = try #require(Int(line)) - 1
        try cluster.waitUntilReplicated()
        for index in 0..<3 {
            let rows = try cluster.execute(index, "SELECT COUNT(*), MAX(id) FROM app.facts")
            #expect(rows == [["\(acknowledged)", "\(acknowledged)"]], "on node \(index)")
        }
    }

    @Test(arguments: flavors)
    func `a restarted primary stays closed until it is promoted, a restarted replica follows by itself`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(replicas: 1, flavor: flavor))
        defer { cluster.stop() }
        try cluster.restart(1)
        try expectReplication(cluster, of: 1)
        cluster.kill(0)
        try cluster.restart(0)
        #expect(try isReadOnly(cluster, 0))
        try cluster.promote(0)
        #expect(try !isReadOnly(cluster, 0))
        try expectReplication(cluster, of: 2)
    }

    @Test(arguments: flavors) func `a semi-synchronous trio survives a promotion`(_ flavor: LocalCluster.Options.Flavor)
        throws
    {
        let cluster = try LocalCluster.start(.init(semiSync: true, flavor: flavor))
        defer { cluster.stop() }
        let (source, replica) = flavor.isMariaDB ? ("master", "slave") : ("source", "replica")
        try cluster.promote(2)
        try expectReplication(cluster, of: 1)
        for index in 0..<3 {
            let rows = try cluster.execute(
                index, "SELECT @@rpl_semi_sync_\(source)_enabled, @@rpl_semi_sync_\(replica)_enabled")
            #expect(rows == [[index == 2 ? "1" : "0", "1"]], "on node \(index)")
        }
        let unacknowledged = try cluster.execute(2, "SHOW STATUS LIKE 'Rpl_semi_sync_\(source)_no_tx'")
        let acknowledged = try cluster.execute(2, "SHOW STATUS LIKE 'Rpl_semi_sync_\(source)_yes_tx'")
        #expect(unacknowledged.first?[1] == "0")
        #expect(acknowledged.first?[1] != "0")
        cluster.kill(2)
        try cluster.promote(0, graceful: false)
        try cluster.rejoin(2)
        try expectReplication(cluster, of: 2)
    }

    @Test(arguments: flavors) func `a replica is stopped, goes on, and lags on request`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(replicas: 1, flavor: flavor))
        defer { cluster.stop() }
        try expectReplication(cluster, of: 1)
        try cluster.stopReplication(1)
        try cluster.execute(0, "INSERT INTO app.facts VALUES (2)")
        #expect(throws: LocalClusterError.self) { try cluster.waitUntilReplicated(timeoutSeconds: 0.5) }
        try cluster.startReplication(1)
        try cluster.waitUntilReplicated()
        try cluster.delayReplication(1, seconds: 3600)
        try cluster.execute(0, "INSERT INTO app.facts VALUES (3)")
        #expect(throws: LocalClusterError.self) { try cluster.waitUntilReplicated(timeoutSeconds: 0.5) }
        try cluster.delayReplication(1, seconds: 0)
        try expectReplication(cluster, of: 4)
    }

    @Test(arguments: flavors) func `what is done locally on a replica stays there, and it stays read-only`(
        _ flavor: LocalCluster.Options.Flavor
    ) throws {
        let cluster = try LocalCluster.start(.init(replicas: 1, flavor: flavor))
        defer { cluster.stop() }
        try cluster.executeLocally(1, "CREATE TABLE app.here (id INT)")
        #expect(try isReadOnly(cluster, 1))
        #expect(try cluster.execute(1, "SELECT COUNT(*) FROM app.here") == [["0"]])
        #expect(throws: LocalClusterError.self) { try cluster.execute(0, "SELECT COUNT(*) FROM app.here") }
        try cluster.promote(1)
        try expectReplication(cluster, of: 1)
    }

    @Test func `a port is given only once`() {
        let ports = (0..<300).map { _ in LocalCluster.freePort() }
        #expect(Set(ports).count == ports.count)
        #expect(!ports.contains(0))
    }

    @Test func `a server that cannot start shows its log, and nothing is left`() throws {
        let parent = try makeUniqueFolder("\(temporaryFolder())/switchyard-test-")
        defer { removeFolder(parent) }
        let error = #expect(throws: LocalClusterError.self) {
            try LocalCluster.start(.init(replicas: 1, extraServerOptions: ["--nonsense=1"], directory: parent))
        }
        #expect(error?.kind == .server)
        #expect(error?.logTail.contains("nonsense") == true)
        #expect(rmdir(parent) == 0, "the parent folder must be empty")
    }
}

extension LocalCluster {
    /// Polls until the query has a row.
    func waitUntilNode(_ index: Int, has query: String) throws {
        let deadline = monotonicSeconds() + 30
        while try execute(index, query).isEmpty {
            try #require(monotonicSeconds() < deadline)
            usleep(10_000)
        }
    }
}
