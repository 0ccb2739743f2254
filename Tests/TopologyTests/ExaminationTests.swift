// What is said of a cluster that was looked at once, and which privileges the scripts in `config/sql` grant.

import Foundation
import Testing

@testable import Topology

@Suite struct ExaminationTests {
    private func examination(
        _ scene: ClusterScene, isEncrypted: Bool = false, _ change: (inout [NodeExamination]) -> Void = { _ in }
    ) -> ClusterExamination {
        var nodes = zip(scene.members, scene.seen).map { member, seen in
            var node = NodeExamination(name: member.name, address: member.address, node: member.id)
            node.observation = seen
            node.version = seen.version
            node.cipher = "TLS_AES_256_GCM_SHA384"
            return node
        }
        change(&nodes)
        return ClusterExamination(
            cluster: "main", nodes: nodes, members: scene.members, policy: scene.policy, isEncrypted: isEncrypted,
            nowUnixMilliseconds: scene.now)
    }

    private func texts(_ found: ClusterExamination, _ severity: ExaminationFinding.Severity) -> [String] {
        found.findings.filter { $0.severity == severity }.map { ($0.node.map { "\($0): " } ?? "") + $0.text }
    }

    @Test func `a cluster as it should be has no problem`() {
        let found = examination(ClusterScene())
        #expect(found.problems == 0)
        #expect(
            texts(found, .fact) == [
                "a: at a:3306, MariaDB 10.11.6-MariaDB-log, server id 10, primary, writable, TLS_AES_256_GCM_SHA384",
                "b: at b:3306, MariaDB 10.11.6-MariaDB-log, server id 11, replica, read-only (1), "
                    + "TLS_AES_256_GCM_SHA384",
                "c: at c:3306, MariaDB 10.11.6-MariaDB-log, server id 12, replica, read-only (1), "
                    + "TLS_AES_256_GCM_SHA384",
                "writes go to a (replication)",
            ])
        #expect(
            texts(found, .hint).count == 1 && texts(found, .hint)[0].contains("semi-synchronous replication is off"))
    }

    @Test func `two servers with one id are a problem, one server under two names is not that problem`() {
        var scene = ClusterScene()
        scene.seen[2].serverID = 11
        #expect(texts(examination(scene), .problem).contains { $0.hasPrefix("b, c have the same server_id 11") })
        scene.seen[2].identity = scene.seen[1].identity
        #expect(!texts(examination(scene), .problem).contains { $0.contains("server_id") })
    }

    @Test func `the nodes of Galera may share an id`() {
        var scene = ClusterScene(["a", "b"], primary: nil)
        for index in scene.seen.indices {
            scene.seen[index].serverID = 1
            scene.seen[index].readOnly = .writable
            var group = GroupMembership(kind: .galera)
            group.groupID = "g"
            group.memberID = "m\(index)"
            (group.state, group.hasMajority, group.isOnline, group.mayWrite) = ("Synced", true, true, true)
            group.rank = UInt64(index)
            scene.seen[index].group = group
        }
        let found = examination(scene)
        #expect(found.problems == 0, "\(found.findings)")
        #expect(texts(found, .fact).last == "writes go to a (Galera)")
    }

    @Test func `copied servers of MySQL are told by their uuid`() {
        var scene = ClusterScene()
        for index in scene.seen.indices {
            scene.seen[index].flavor = .mySQL
            scene.seen[index].version = "8.4.2"
            scene.seen[index].serverUUID = index == 0 ? "first" : "copied"
        }
        #expect(texts(examination(scene), .problem).contains { $0.hasPrefix("b, c have the same server_uuid copied") })
    }

    @Test func `nobody to write to is a problem, and so is a second writable node`() {
        let nobody = examination(ClusterScene(primary: nil))
        #expect(texts(nobody, .problem).contains { $0.hasPrefix("nobody would be written to: ") })
        var scene = ClusterScene()
        scene.makeWritable(1)
        #expect(examination(scene).problems > 0)
    }

    @Test func `grants are told once, with every node that lacks them`() {
        let missing = MissingPrivilege(
            privilege: "PROCESS ON *.*", purpose: "to see threads", grant: "GRANT PROCESS ON *.* TO 'm'@'%'",
            answer: "Access denied")
        let found = examination(ClusterScene()) { nodes in
            nodes[0].missing = [missing]
            nodes[2].missing = [missing]
        }
        #expect(found.problems == 2)
        #expect(found.grants.map(\.sql) == [missing.grant])
        #expect(found.grants[0].nodes == ["a", "c"])
        #expect(texts(found, .problem)[0] == "a: the monitor account lacks PROCESS ON *.*, needed to see threads")
    }

    @Test(arguments: [(1_500, 10, true), (-1_500, 10, true), (1_500, 600, false), (900, 0, false), (-900, 0, false)])
    func `a clock is skewed when the question's time does not explain it`(ahead: Int, half: Int, isTold: Bool) {
        let found = examination(ClusterScene()) {
            $0[1].clock = ClockReading(aheadMilliseconds: Int64(ahead), uncertaintyMilliseconds: Int64(half))
        }
        #expect(texts(found, .hint).contains { $0.hasPrefix("b: its clock is ") } == isTold)
    }

    @Test func `a connection in the clear is told beyond this machine`() {
        var scene = ClusterScene()
        scene.members[0].address = .tcp(host: "127.0.0.1", port: 3306)
        let found = examination(scene) { nodes in
            for index in nodes.indices { nodes[index].cipher = "" }
            nodes[1].offersTLS = true
        }
        let hints = texts(found, .hint).filter { $0.contains("TLS") }
        #expect(hints.map { String($0.prefix(2)) } == ["b:", "c:"])
        #expect(hints[0].contains("clusters[].tls.mode") && hints[1].contains("offers no TLS"))
    }

    @Test func `semi-sync is looked at from the primary`() {
        var scene = ClusterScene()
        scene.seen[0].semiSync.isSourceEnabled = true
        scene.seen[0].semiSync.isSourceActive = true
        scene.seen[0].semiSync.replicasAcknowledging = 1
        scene.seen[1].semiSync.isReplicaEnabled = true
        #expect(texts(examination(scene), .hint) == ["c: the replica side of semi-sync is off"])
        scene.seen[2].semiSync.isReplicaEnabled = true
        #expect(texts(examination(scene), .hint).isEmpty)
        scene.seen[0].semiSync.replicasAcknowledging = 0
        #expect(texts(examination(scene), .hint)[0].hasPrefix("no replica acknowledges"))
        scene.seen[0].semiSync.isSourceActive = false
        #expect(texts(examination(scene), .hint)[0].contains("fell back"))
    }

    @Test func `an account is quoted as SQL wants it`() {
        #expect(NodeExaminer.quoted(account: "monitor@%") == "'monitor'@'%'")
        #expect(NodeExaminer.quoted(account: "o'neil@home@10.0.0.%") == "'o''neil@home'@'10.0.0.%'")
        #expect(NodeExaminer.quoted(account: "") == "''")
        // A backslash would take the quote's meaning, or begin an escape.
        #expect(NodeExaminer.quoted(account: #"a\'b\@h"#) == #"'a\\''b\\'@'h'"#)
        #expect(NodeExaminer.quoted(account: "a'\u{301}@h") == "'a''\u{301}'@'h'")
    }

    @Test func `more nodes than discovery may find are all looked at`() {
        let seeds = (0...Discovery.membersMaximum).map { ProbeNode(address: .unix(path: "/nonexistent/\($0).sock")) }
        let found = ClusterExaminer.examine(
            cluster: "main", seeds: seeds, monitorUser: "monitor", monitorPassword: "", tls: nil,
            policy: ClusterScene().policy, options: ExaminationOptions(budgetMilliseconds: 5_000))
        #expect(found.nodes.count == seeds.count && found.nodes.allSatisfy { $0.failure != nil })
    }

    // MARK: The scripts

    private static let servers: [(script: String, variables: [String: String])] = [
        ("mariadb", ["version": "10.11.6-MariaDB", "gtid_current_pos": ""]),
        ("mariadb", ["version": "11.8.2-MariaDB", "gtid_current_pos": ""]),
        (
            "galera",
            ["version": "10.11.6-MariaDB", "gtid_current_pos": "", "wsrep_provider": "libgalera.so", "wsrep_on": "ON"]
        ),
        ("mysql", ["version": "8.0.36", "gtid_executed": ""]),
        ("mysql", ["version": "9.1.0", "gtid_executed": ""]),
        ("group-replication", ["version": "8.4.2", "gtid_executed": "", "group_replication_group_name": "g"]),
    ]

    @Test(arguments: servers.indices)
    func `a script grants what is looked for, and nothing else`(index: Int) throws {
        let (name, variables) = Self.servers[index]
        let plan = try #require(ProbePlan(detected: variables))
        let needs = plan.needs(ExaminationOptions(budgetMilliseconds: 1_000)).map(\.privilege)
        let asked = plan.parts(isThorough: true).map { plan.privilege(for: $0.part) } + needs
        let folder = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let text = try String(contentsOfFile: "\(folder)/config/sql/monitor-\(name).sql", encoding: .utf8)
        let granted = text.matches(of: #/(?m)^GRANT (.*) TO 'monitor'@'%';$/#).map { String($0.output.1) }
        #expect(Set(granted) == Set(asked).subtracting(["USAGE ON *.*"]))
        #expect(granted.count == Set(granted).count)
    }
}
