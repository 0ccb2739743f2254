// From the rows of a probe to an observation: pure, so that rows captured from real servers can test it.

extension ProbePlan {
    /// Fills in what the result of `part` says.
    func read(_ result: ProbeResult, of part: Part, into observation: inout Observation) {
        switch part {
        case .variables: readVariables(result.firstRow, into: &observation)
        case .replication: observation.channels = result.rows.map { channel(result, $0) }.filter(Self.isConfigured)
        case .connectedReplicas:
            let listed = result.rows.map { row in
                ConnectedReplica(
                    serverID: result.value("Server_id", row: row).flatMap { UInt32($0) } ?? 0,
                    host: result.value("Host", row: row) ?? "",
                    port: result.value("Port", row: row).flatMap { UInt16($0) } ?? 0)
            }
            observation.connectedReplicas.append(contentsOf: listed)
        case .dumpThreads:
            let hosts = Set(result.rows.compactMap { result.value("host", row: $0).map(Self.hostWithoutPort) })
            observation.connectedReplicas = hosts.sorted().map { ConnectedReplica(serverID: 0, host: $0, port: 0) }
        case .semiSync: readSemiSync(result.pairs, into: &observation)
        case .galera: readGalera(result.pairs, into: &observation)
        case .groupMembers: readGroupMembers(result, into: &observation)
        case .stall: observation.stalledThreads = result.firstRow["stalled"].flatMap { Int($0) } ?? 0
        }
    }

    private func readVariables(_ values: [String: String], into observation: inout Observation) {
        observation.flavor = flavor
        observation.version = values["version"] ?? ""
        observation.connectionID = values["connection_id"].flatMap { UInt64($0) } ?? 0
        observation.serverID = values["server_id"].flatMap { UInt32($0) } ?? 0
        observation.hostName = values["hostname"] ?? ""
        observation.port = values["port"].flatMap { UInt16($0) } ?? 0
        observation.reportHost = values["report_host"] ?? ""
        observation.serverUUID = values["server_uuid"] ?? values["server_uid"] ?? ""
        observation.identity =
            "\(observation.serverUUID)|\(observation.serverID)|\(observation.hostName)|\(observation.port)"
        observation.readOnly = Self.readOnlyState(values)
        observation.gtidBinlogPosition = Self.withoutNewlines(
            values["gtid_binlog_pos"] ?? values["gtid_executed"] ?? "")
        observation.gtidCurrentPosition = Self.withoutNewlines(
            values["gtid_current_pos"] ?? values["gtid_executed"] ?? "")
        let source = values["rpl_semi_sync_master_enabled"] ?? values["rpl_semi_sync_source_enabled"]
        let replica = values["rpl_semi_sync_slave_enabled"] ?? values["rpl_semi_sync_replica_enabled"]
        observation.semiSync.isSourceEnabled = source.map(Self.isOn) ?? false
        observation.semiSync.isReplicaEnabled = replica.map(Self.isOn) ?? false
        readGroupVariables(values, into: &observation)
    }

    /// The first of the switches that is on; `read_only` missing altogether counts as read-only.
    static func readOnlyState(_ values: [String: String]) -> ReadOnlyState {
        guard let readOnly = values["read_only"] else { return .readOnly("unknown") }
        let state = ReadOnlyState(value: readOnly)
        guard state.isWritable else { return state }
        for name in ["super_read_only", "innodb_read_only"] {
            if let value = values[name], !ReadOnlyState(value: value).isWritable { return .readOnly(name) }
        }
        return .writable
    }

    private func channel(_ result: ProbeResult, _ row: [String?]) -> ReplicationChannel {
        var channel = ReplicationChannel()
        channel.name = result.value("Connection_name", "Channel_Name", row: row) ?? ""
        channel.sourceHost = result.value("Master_Host", "Source_Host", row: row) ?? ""
        channel.sourcePort = result.value("Master_Port", "Source_Port", row: row).flatMap { UInt16($0) } ?? 0
        channel.sourceServerID =
            result.value("Master_Server_Id", "Source_Server_Id", row: row).flatMap { UInt32($0) } ?? 0
        channel.ioThread = ReplicationThreadState(
            value: result.value("Slave_IO_Running", "Replica_IO_Running", row: row) ?? "")
        channel.sqlThread = ReplicationThreadState(
            value: result.value("Slave_SQL_Running", "Replica_SQL_Running", row: row) ?? "")
        channel.secondsBehind =
            result.value("Seconds_Behind_Master", "Seconds_Behind_Source", row: row).flatMap { Int($0) }
        channel.lastIOError = result.value("Last_IO_Error", row: row) ?? ""
        channel.lastSQLError = result.value("Last_SQL_Error", row: row) ?? ""
        channel.heartbeatPeriodSeconds = result.value("Slave_heartbeat_period", row: row).flatMap { Double($0) }
        channel.receivedHeartbeats = result.value("Slave_received_heartbeats", row: row).flatMap { UInt64($0) }
        channel.gtidReceived = Self.withoutNewlines(
            result.value("Gtid_IO_Pos", "Retrieved_Gtid_Set", row: row) ?? "")
        return channel
    }

    /// A row without a source is a remainder, such as of `RESET SLAVE` without `ALL`. The channels of Group
    /// Replication lead to no source: what they do is the member's state.
    private static func isConfigured(_ channel: ReplicationChannel) -> Bool {
        !channel.sourceHost.isEmpty && !channel.name.hasPrefix("group_replication_")
    }

    private func readSemiSync(_ values: [String: String], into observation: inout Observation) {
        let status = values["rpl_semi_sync_master_status"] ?? values["rpl_semi_sync_source_status"]
        let clients = values["rpl_semi_sync_master_clients"] ?? values["rpl_semi_sync_source_clients"]
        observation.semiSync.isSourceActive = status.map(Self.isOn)
        observation.semiSync.replicasAcknowledging = clients.flatMap { Int($0) }
    }

    static func isOn(_ value: String) -> Bool { ["ON", "1", "TRUE", "YES"].contains(value.uppercased()) }

    /// MySQL breaks the lines of long GTID sets.
    private static func withoutNewlines(_ text: String) -> String {
        text.utf8.contains(10) ? text.filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" } : text
    }

    /// `host:port` of the process list without the port, which is the replica's ephemeral one.
    private static func hostWithoutPort(_ text: String) -> String {
        guard let colon = text.lastIndex(of: ":") else { return text }
        return String(text[..<colon])
    }
}
