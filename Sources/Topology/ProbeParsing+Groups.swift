// What Galera's status variables and Group Replication's member table say.

extension ProbePlan {
    /// The peers taken of one member's list; more are ignored.
    static let peersMaximum = 64

    /// Begins the membership with what the variables tell of it.
    func readGroupVariables(_ values: [String: String], into observation: inout Observation) {
        guard let groupKind else {
            observation.group = nil
            return
        }
        var group = GroupMembership(kind: groupKind)
        group.groupID = groupName
        group.memberID = observation.serverUUID
        let rejects = values["wsrep_reject_queries"].map { $0.uppercased() != "NONE" } ?? false
        let isOff = values["wsrep_on"].map { !Self.isOn($0) } ?? false
        group.isClosed = groupKind == .galera && (rejects || isOff)
        observation.group = group
    }

    /// `SHOW STATUS LIKE 'wsrep\_%'`. A node without a component says 18446744073709551615 for its index.
    func readGalera(_ values: [String: String], into observation: inout Observation) {
        guard var group = observation.group else { return }
        group.state = values["wsrep_local_state_comment"] ?? "unknown"
        group.groupID = values["wsrep_cluster_state_uuid"] ?? ""
        group.rank = values["wsrep_local_index"].flatMap { UInt64($0) } ?? .max
        group.hasMajority = values["wsrep_cluster_status"]?.lowercased() == "primary"
        let isReady = Self.isOn(values["wsrep_ready"] ?? "") && Self.isOn(values["wsrep_connected"] ?? "ON")
        let serves = group.hasMajority && isReady && !group.isClosed
        // The numbers mean the same in all versions: 4 is Synced, 2 is Donor/Desynced.
        switch values["wsrep_local_state"] {
        case "4"?: group.isOnline = serves
        case "2"?: group.isDonor = serves
        case nil:
            group.isOnline = serves && group.state == "Synced"
            group.isDonor = serves && group.state.hasPrefix("Donor")
        default: break
        }
        group.mayWrite = group.isOnline
        if !group.hasMajority {
            group.state += ", wsrep_cluster_status \(values["wsrep_cluster_status"] ?? "unknown")"
        } else if !isReady {
            group.state += ", wsrep_ready OFF"
        }
        group.peers = Self.incomingAddresses(values["wsrep_incoming_addresses"] ?? "")
        observation.group = group
    }

    /// `host:port,[address]:port,…`; `AUTO` and empty places are members that do not say theirs.
    static func incomingAddresses(_ list: String) -> [ConnectedReplica] {
        list.split(separator: ",").prefix(peersMaximum).compactMap { part in
            let text = part.filter { $0 != " " }
            guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port != 0
            else { return nil }
            let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
            return host.isEmpty ? nil : ConnectedReplica(serverID: 0, host: host, port: port)
        }
    }

    /// `performance_schema.replication_group_members`. A member that lost its group sees the others as UNREACHABLE;
    /// one that is in none has one row without an id (MySQL 8.0, 9.7).
    func readGroupMembers(_ result: ProbeResult, into observation: inout Observation) {
        guard var group = observation.group else { return }
        let mine = result.rows.first {
            let id = result.value("MEMBER_ID", row: $0) ?? ""
            return id.isEmpty ? result.rows.count == 1 : id.lowercased() == group.memberID.lowercased()
        }
        group.state = mine.flatMap { result.value("MEMBER_STATE", row: $0) } ?? "OFFLINE"
        let isReached = result.rows.map { result.value("MEMBER_STATE", row: $0) != "UNREACHABLE" }
        group.hasMajority = group.state != "OFFLINE" && isReached.count { $0 } * 2 > isReached.count
        group.isOnline = group.hasMajority && group.state == "ONLINE"
        // MySQL 5.7 has no roles: there `super_read_only` alone tells secondaries.
        let role = mine.flatMap { result.value("MEMBER_ROLE", row: $0) }
        group.mayWrite = group.isOnline && (role == nil || role == "PRIMARY")
        group.peers = result.rows.prefix(Self.peersMaximum).compactMap { row in
            guard let host = result.value("MEMBER_HOST", row: row), !host.isEmpty,
                let port = result.value("MEMBER_PORT", row: row).flatMap({ UInt16($0) }), port != 0
            else { return nil }
            return ConnectedReplica(serverID: 0, host: host, port: port)
        }
        observation.group = group
    }
}
