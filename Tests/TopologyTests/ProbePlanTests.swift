// Rows as MariaDB 10.11, MariaDB 12 and MySQL 8 send them, and the SQL that asks for them.

import Testing

@testable import Topology

@Suite struct ProbePlanTests {
    private func mariaDB() throws -> ProbePlan {
        try #require(
            ProbePlan(detected: [
                "version": "10.11.19-MariaDB-0+deb12u1-log", "read_only": "OFF", "server_id": "10",
                "gtid_current_pos": "", "gtid_binlog_pos": "", "hostname": "db1", "port": "3306",
            ]))
    }

    private func mySQL(_ version: String = "8.4.3") throws -> ProbePlan {
        try #require(
            ProbePlan(detected: [
                "version": version, "read_only": "OFF", "super_read_only": "OFF", "server_id": "10",
                "gtid_executed": "", "server_uuid": "u", "hostname": "db1", "port": "3306",
            ]))
    }

    @Test(arguments: ["0", "OFF", "off", "FALSE", "NO"])
    func `read_only says writable by number or word`(value: String) {
        #expect(ReadOnlyState(value: value) == .writable)
    }

    @Test(arguments: ["1", "ON", "NO_LOCK", "NO_LOCK_NO_ADMIN", "2", "", "anything"])
    func `any other read_only is read-only`(value: String) {
        #expect(ReadOnlyState(value: value) == .readOnly(value))
    }

    @Test func `super_read_only and innodb_read_only count too`() {
        let values = ["read_only": "0", "super_read_only": "1", "innodb_read_only": "0"]
        #expect(ProbePlan.readOnlyState(values) == .readOnly("super_read_only"))
        #expect(ProbePlan.readOnlyState([:]) == .readOnly("unknown"))
    }

    @Test func `the statements fit the server`() throws {
        let maria = try mariaDB().parts(isThorough: true).map(\.sql)
        #expect(maria[0].hasPrefix("SELECT CONNECTION_ID() AS connection_id, @@GLOBAL.version AS version"))
        #expect(!maria[0].contains("super_read_only"))
        #expect(maria[1] == "SHOW ALL SLAVES STATUS")
        #expect(maria.last == "SHOW SLAVE HOSTS")
        let modern = try mySQL().parts(isThorough: true).map(\.sql)
        #expect(modern[1] == "SHOW REPLICA STATUS" && modern.last == "SHOW REPLICAS")
        #expect(try mySQL("5.7.44").parts(isThorough: false).map(\.sql)[1] == "SHOW SLAVE STATUS")
        #expect(try mySQL().parts(isThorough: false).count == 2)
    }

    @Test func `a forbidden part is not asked for again and names its grant`() throws {
        var plan = try mariaDB()
        plan.forbid(.connectedReplicas)
        #expect(!plan.parts(isThorough: true).map(\.part).contains(.connectedReplicas))
        #expect(
            plan.grant(for: .connectedReplicas, user: "monitor")
                == "GRANT REPLICATION MASTER ADMIN ON *.* TO 'monitor'")
        #expect(plan.grant(for: .replication, user: "m") == "GRANT SLAVE MONITOR ON *.* TO 'm'")
        #expect(try mySQL().grant(for: .replication, user: "m") == "GRANT REPLICATION CLIENT ON *.* TO 'm'")
    }

    @Test func `variables of MariaDB are read`() throws {
        let result = ProbeResult(
            columns: [
                "connection_id", "version", "read_only", "server_id", "hostname", "port", "gtid_binlog_pos",
                "gtid_current_pos", "rpl_semi_sync_master_enabled",
            ],
            rows: [["37", "10.11.19-MariaDB-log", "NO_LOCK", "10", "db1", "3306", "0-10-5", "0-10-7,1-2-3", "1"]])
        var observation = Observation(node: NodeID(index: 0))
        try mariaDB().read(result, of: .variables, into: &observation)
        #expect(observation.flavor == .mariaDB && observation.version == "10.11.19-MariaDB-log")
        #expect(observation.readOnly == .readOnly("NO_LOCK"))
        #expect(observation.serverID == 10 && observation.port == 3306 && observation.connectionID == 37)
        #expect(observation.gtidCurrentPosition == "0-10-7,1-2-3" && observation.gtidBinlogPosition == "0-10-5")
        #expect(observation.semiSync.isSourceEnabled)
    }

    @Test func `variables of MySQL are read and the lines of a GTID set are joined`() throws {
        let result = ProbeResult(
            columns: ["connection_id", "version", "read_only", "super_read_only", "server_uuid", "gtid_executed"],
            rows: [["8", "9.7.0", "0", "0", "3e11", "3e11:1-5,\n4f22:1-9"]])
        var observation = Observation(node: NodeID(index: 0))
        try mySQL().read(result, of: .variables, into: &observation)
        #expect(observation.flavor == .mySQL && observation.readOnly == .writable)
        #expect(observation.gtidCurrentPosition == "3e11:1-5,4f22:1-9")
        #expect(observation.identity.hasPrefix("3e11|"))
    }

    @Test func `channels of MariaDB are read`() throws {
        let result = ProbeResult(
            columns: [
                "Connection_name", "Slave_SQL_State", "Slave_IO_State", "Master_Host", "Master_User", "Master_Port",
                "Slave_IO_Running", "Slave_SQL_Running", "Seconds_Behind_Master", "Last_IO_Error", "Last_SQL_Error",
                "Master_Server_Id", "Gtid_IO_Pos", "Slave_received_heartbeats", "Slave_heartbeat_period",
            ],
            rows: [
                [
                    "", "x", "y", "db1", "repl", "3306", "Connecting", "Yes", nil, "error connecting to master", "",
                    "10",
                    "0-10-7", "42", "30.000",
                ],
                [
                    "multi-cluster", "x", "y", "far", "repl", "3307", "Yes", "No", "12", "", "boom", "0", "", "0",
                    "30.000",
                ],
                ["left", "x", "y", "", "", "3306", "No", "No", nil, "", "", "0", "", "0", "30.000"],
            ])
        var observation = Observation(node: NodeID(index: 0))
        try mariaDB().read(result, of: .replication, into: &observation)
        #expect(observation.channels.count == 2)
        let first = try #require(observation.channels.first)
        #expect(first.sourceHost == "db1" && first.sourcePort == 3306 && first.sourceServerID == 10)
        #expect(first.ioThread == .connecting && first.sqlThread == .running && first.secondsBehind == nil)
        #expect(first.lastIOError == "error connecting to master" && first.gtidReceived == "0-10-7")
        #expect(first.receivedHeartbeats == 42 && first.heartbeatPeriodSeconds == 30)
        let second = observation.channels[1]
        #expect(second.name == "multi-cluster" && second.secondsBehind == 12)
        #expect(second.sqlThread == .stopped && second.lastSQLError == "boom")
    }

    @Test func `channels of MySQL 8 are read by their new names`() throws {
        let result = ProbeResult(
            columns: [
                "Replica_IO_State", "Source_Host", "Source_User", "Source_Port", "Replica_IO_Running",
                "Replica_SQL_Running", "Seconds_Behind_Source", "Last_IO_Error", "Last_SQL_Error", "Source_Server_Id",
                "Source_UUID", "Retrieved_Gtid_Set", "Executed_Gtid_Set", "Channel_Name",
            ],
            rows: [["Waiting", "db1", "r", "3306", "Yes", "Yes", "0", "", "", "10", "u", "u:1-5", "u:1-5", "group"]])
        var observation = Observation(node: NodeID(index: 0))
        try mySQL().read(result, of: .replication, into: &observation)
        let channel = try #require(observation.channels.first)
        #expect(channel.name == "group" && channel.sourceHost == "db1" && channel.sourceServerID == 10)
        #expect(channel.ioThread == .running && channel.sqlThread == .running && channel.secondsBehind == 0)
        #expect(channel.gtidReceived == "u:1-5")
    }

    @Test func `replicas come from the list and from dump threads`() throws {
        let plan = try mariaDB()
        var observation = Observation(node: NodeID(index: 0))
        plan.read(
            ProbeResult(columns: ["host"], rows: [["10.0.0.2:51234"], ["10.0.0.2:51299"], ["db3:4000"]]),
            of: .dumpThreads, into: &observation)
        plan.read(
            ProbeResult(
                columns: ["Server_id", "Host", "Port", "Master_id"],
                rows: [["11", "", "3306", "10"], ["12", "db3", "3307", "10"]]), of: .connectedReplicas,
            into: &observation)
        #expect(
            observation.connectedReplicas == [
                ConnectedReplica(serverID: 0, host: "10.0.0.2", port: 0),
                ConnectedReplica(serverID: 0, host: "db3", port: 0),
                ConnectedReplica(serverID: 11, host: "", port: 3306),
                ConnectedReplica(serverID: 12, host: "db3", port: 3307),
            ])
    }

    @Test func `semi-sync status is read`() throws {
        var observation = Observation(node: NodeID(index: 0))
        try mariaDB().read(
            ProbeResult(
                columns: ["Variable_name", "Value"],
                rows: [["Rpl_semi_sync_master_status", "ON"], ["Rpl_semi_sync_master_clients", "2"]]),
            of: .semiSync, into: &observation)
        #expect(observation.semiSync.isSourceActive == true && observation.semiSync.replicasAcknowledging == 2)
    }

    @Test(arguments: [
        (2002, "Can't connect to server on '127.0.0.1' (111)", ProbeFailure.Kind.refused),
        (2002, "Can't connect to local server through socket '/x' (2)", .refused),
        (2002, "Can't connect to server on '10.0.0.1' (110)", .timeout),
        (2002, "Can't connect to server on '10.0.0.1' (113)", .unreachable),
        (2005, "Unknown server host 'nowhere' (-2)", .resolve),
        (2013, "Lost connection to server during query", .lost), (1927, "Connection was killed", .lost),
        (1045, "Access denied for user 'monitor'", .loginRefused), (1130, "Host not allowed", .loginRefused),
        (1227, "Access denied; you need SLAVE MONITOR", .privilege), (1053, "Server shutdown in progress", .refused),
        (1040, "Too many connections", .protocol),
    ])
    func `error numbers become kinds of failure`(code: Int, text: String, kind: ProbeFailure.Kind) {
        #expect(ProbeFailure.classified(code: code, text: text).kind == kind)
    }

    @Test(arguments: [
        ("10.11.19-MariaDB-0+deb12u1-log", 10, 11, 19), ("5.5.5-10.4.2-MariaDB", 10, 4, 2), ("8.0.36", 8, 0, 36),
        ("9.7", 9, 7, 0),
    ])
    func `versions are read`(text: String, major: Int, minor: Int, patch: Int) {
        #expect(ServerVersion(text) == ServerVersion(major: major, minor: minor, patch: patch))
        #expect(ServerVersion("unknown") == nil)
    }

    @Test func `accounts tell what their hosts mean on the server`() {
        let result = ProbeResult(
            columns: ["user", "host", "skip_names", "knows_prefixes"],
            rows: [["a", "10.0.0.0/8", "1", "1"], ["b", "%", "0", nil]])
        let accounts = AccountMirror.accounts(result)
        #expect(accounts.map(\.resolvesNames) == [false, true])
        #expect(accounts.map(\.knowsPrefixes) == [true, false])
    }

    @Test func `accounts of MariaDB tell who read_only does not bind`() {
        let result = ProbeResult(
            columns: [
                "user", "host", "plugin", "verifier", "account_locked", "password_expired", "access",
                "version_id",
            ],
            rows: [
                ["root", "localhost", "mysql_native_password", "2A4141", nil, "0", "\(UInt64(1) << 33)", "101119"],
                ["app", "%", "mysql_native_password", "2A4242", nil, nil, "15", "101119"],
                ["old", "%", nil, nil, "1", "1", "\(UInt64(1) << 15)", "100500"],
                ["super", "%", "ed25519", "FF00", nil, nil, "\(UInt64(1) << 15)", "101100"],
            ])
        let accounts = AccountMirror.accounts(result)
        #expect(accounts.map(\.user) == ["app", "old", "root", "super"])
        #expect(accounts.map(\.bypassesReadOnly) == [false, true, true, false])
        #expect(accounts[1].isLocked && accounts[1].isPasswordExpired && !accounts[0].isLocked)
        #expect(accounts[0].methods == [MirroredMethod(plugin: "mysql_native_password", verifier: Array("*BB".utf8))])
        #expect(accounts[1].methods == [MirroredMethod(plugin: "mysql_native_password", verifier: [])])
        #expect(accounts.allSatisfy { $0.resolvesNames && !$0.knowsPrefixes })
        #expect(accounts[3].methods == [MirroredMethod(plugin: "ed25519", verifier: [0xFF, 0])])
    }
}
