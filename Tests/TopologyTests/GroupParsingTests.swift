// Rows as Galera and Group Replication document them, and the SQL that asks for them.

import Testing

@testable import Topology

@Suite struct GroupParsingTests {
    private func plan(_ more: [String: String], version: String = "10.11.19-MariaDB") throws -> ProbePlan {
        try #require(
            ProbePlan(
                detected: ["version": version, "read_only": "OFF", "server_id": "1"].merging(more) { _, new in new }))
    }

    private func galera(_ status: [String: String], _ variables: [String: String] = [:]) throws -> GroupMembership {
        let plan = try plan(["wsrep_on": "ON", "wsrep_provider": "/usr/lib/galera/libgalera_smm.so"])
        var values = [
            "wsrep_local_state": "4", "wsrep_local_state_comment": "Synced", "wsrep_cluster_status": "Primary",
            "wsrep_ready": "ON", "wsrep_connected": "ON", "wsrep_local_index": "1",
            "wsrep_cluster_state_uuid": "9a6eb1e4", "wsrep_incoming_addresses": "10.0.0.1:3306,AUTO,[fd00::2]:3307,",
        ]
        values.merge(status) { _, new in new }
        var observation = Observation(node: NodeID(index: 0))
        let names = Array(variables.keys)
        let row: [String?] = ["10.11.19-MariaDB", "uid"] + names.map { variables[$0] }
        plan.read(
            ProbeResult(columns: ["version", "server_uid"] + names, rows: [row]), of: .variables, into: &observation)
        plan.read(
            ProbeResult(columns: ["Variable_name", "Value"], rows: values.map { [$0.key, $0.value] }), of: .galera,
            into: &observation)
        return try #require(observation.group)
    }

    @Test func `a server is asked for its group only when it is configured for one`() throws {
        let alone = try plan(["wsrep_on": "OFF", "wsrep_provider": "none"])
        #expect(alone.groupKind == nil && alone.requiredParts == 2 && alone.preparation == nil)
        #expect(alone.parts(isThorough: false).map(\.part) == [.variables, .replication])
        #expect(try plan(["wsrep_on": "OFF", "wsrep_provider": "/x.so"]).groupKind == nil)
        let galera = try plan(["wsrep_on": "ON", "wsrep_provider": "/x.so"])
        #expect(galera.groupKind == .galera && galera.requiredParts == 3)
        #expect(galera.parts(isThorough: false).last?.sql == "SHOW STATUS LIKE 'wsrep\\_%'")
        #expect(galera.preparation == "SET SESSION wsrep_sync_wait = 0")
        // Percona XtraDB Cluster: `wsrep_on` is no global variable.
        #expect(try plan(["wsrep_provider": "/x.so"], version: "8.0.36").groupKind == .galera)
        let group = try plan(["group_replication_group_name": "aaaa"], version: "9.7.0")
        #expect(group.groupKind == .groupReplication && group.groupName == "aaaa")
        #expect(
            group.parts(isThorough: true).map(\.part) == [
                .variables, .replication, .groupMembers, .semiSync, .dumpThreads, .stall, .connectedReplicas,
            ])
        #expect(group.grant(for: .groupMembers, user: "m").contains("performance_schema.replication_group_members"))
        #expect(try plan(["group_replication_group_name": ""], version: "9.7.0").groupKind == nil)
    }

    @Test func `a synced Galera node serves`() throws {
        let group = try galera([:])
        #expect(group.kind == .galera && group.state == "Synced" && group.rank == 1 && group.groupID == "9a6eb1e4")
        #expect(group.hasMajority && group.isOnline && group.mayWrite && !group.isDonor && group.memberID == "uid")
        #expect(
            group.peers == [
                ConnectedReplica(serverID: 0, host: "10.0.0.1", port: 3306),
                ConnectedReplica(serverID: 0, host: "fd00::2", port: 3307),
            ])
    }

    @Test(arguments: [
        (["wsrep_cluster_status": "non-Primary", "wsrep_local_state": "0", "wsrep_ready": "OFF"], false, false),
        (["wsrep_cluster_status": "Disconnected", "wsrep_local_index": "18446744073709551615"], false, false),
        (["wsrep_local_state": "2", "wsrep_local_state_comment": "Donor/Desynced"], true, true),
        (["wsrep_local_state": "3", "wsrep_local_state_comment": "Joined"], true, false),
        (["wsrep_local_state": "1", "wsrep_local_state_comment": "Joining: receiving State Transfer"], true, false),
        (["wsrep_ready": "OFF"], true, false), (["wsrep_connected": "OFF"], true, false),
    ])
    func `a Galera node that is not in sync does not serve`(
        status: [String: String], hasMajority: Bool, isDonor: Bool
    ) throws {
        let group = try galera(status)
        #expect(!group.isOnline && !group.mayWrite)
        #expect(group.hasMajority == hasMajority && group.isDonor == isDonor)
    }

    @Test(arguments: [["wsrep_reject_queries": "ALL"], ["wsrep_on": "0"]])
    func `a Galera node that refuses or does not replicate does not serve`(variables: [String: String]) throws {
        let group = try galera([:], variables)
        #expect(group.isClosed && !group.isOnline && !group.mayWrite)
    }

    private func members(_ rows: [[String?]], uuid: String = "u1") throws -> GroupMembership {
        let plan = try plan(["group_replication_group_name": "aaaa"], version: "9.7.0")
        var observation = Observation(node: NodeID(index: 0))
        plan.read(
            ProbeResult(columns: ["version", "server_uuid"], rows: [["9.7.0", uuid]]), of: .variables,
            into: &observation)
        plan.read(
            ProbeResult(
                columns: ["CHANNEL_NAME", "MEMBER_ID", "MEMBER_HOST", "MEMBER_PORT", "MEMBER_STATE", "MEMBER_ROLE"],
                rows: rows.map { ["group_replication_applier"] + $0 }), of: .groupMembers, into: &observation)
        return try #require(observation.group)
    }

    @Test func `a group's members are read from one of them`() throws {
        let rows: [[String?]] = [
            ["u1", "db1", "3306", "ONLINE", "PRIMARY"], ["u2", "db2", "3306", "ONLINE", "SECONDARY"],
            ["u3", "db3", "3307", "RECOVERING", "SECONDARY"],
        ]
        let primary = try members(rows)
        #expect(primary.groupID == "aaaa" && primary.memberID == "u1" && primary.state == "ONLINE")
        #expect(primary.hasMajority && primary.isOnline && primary.mayWrite)
        #expect(primary.peers.map(\.host) == ["db1", "db2", "db3"] && primary.peers.last?.port == 3307)
        let secondary = try members(rows, uuid: "U2")
        #expect(secondary.isOnline && !secondary.mayWrite)
        let recovering = try members(rows, uuid: "u3")
        #expect(recovering.hasMajority && !recovering.isOnline && recovering.state == "RECOVERING")
    }

    @Test func `a member that reaches half of its group or less has no majority`() throws {
        let lost: [String?] = ["u2", "db2", "3306", "UNREACHABLE", "SECONDARY"]
        let mine: [String?] = ["u1", "db1", "3306", "ONLINE", "PRIMARY"]
        let other: [String?] = ["u3", "db3", "3306", "ONLINE", "SECONDARY"]
        #expect(try members([mine, other, lost]).mayWrite)
        for rows in [[mine, lost], [mine, lost, lost]] {
            let group = try members(rows)
            #expect(!group.hasMajority && !group.isOnline && !group.mayWrite && group.state == "ONLINE")
        }
    }

    @Test func `a member that is in no group has one row without an id`() throws {
        let group = try members([["", "", nil, "OFFLINE", ""]])
        #expect(group.state == "OFFLINE" && !group.hasMajority && !group.mayWrite && group.peers.isEmpty)
        #expect(try members([]).state == "OFFLINE")
    }

    @Test func `the channels of Group Replication are no sources`() throws {
        let plan = try plan(["group_replication_group_name": "aaaa"], version: "9.7.0")
        var observation = Observation(node: NodeID(index: 0))
        plan.read(
            ProbeResult(
                columns: ["Source_Host", "Source_Port", "Replica_IO_Running", "Replica_SQL_Running", "Channel_Name"],
                rows: [
                    ["<NULL>", "0", "Yes", "Yes", "group_replication_applier"],
                    ["db2", "3306", "No", "No", "group_replication_recovery"], ["far", "3306", "Yes", "Yes", "west"],
                ]), of: .replication, into: &observation)
        #expect(observation.channels.map(\.name) == ["west"])
    }

    @Test func `threads behind a global read lock are counted by the words of the server`() throws {
        let modern = try plan([:])
        let sql = try #require(modern.parts(isThorough: true).first { $0.part == .stall }?.sql)
        #expect(sql.hasSuffix("information_schema.processlist WHERE state IN ('Waiting for backup lock')"))
        let mySQL = try plan([:], version: "9.7.0").parts(isThorough: true).first { $0.part == .stall }?.sql
        #expect(mySQL?.contains("'Waiting for global read lock', 'Waiting for commit lock'") == true)
        var observation = Observation(node: NodeID(index: 0))
        modern.read(ProbeResult(columns: ["stalled"], rows: [["12"]]), of: .stall, into: &observation)
        #expect(observation.stalledThreads == 12)
    }
}
