// The statements of replication, and the questions about its state.

import Glibc

/// Statements as MariaDB spells them.
enum Replication {
    /// Lets a primary write. The source side of semi-sync first: a write must not slip through unacknowledged.
    static func openPrimary(semiSync: Bool) -> String {
        (semiSync ? semiSyncSource(true) : "") + "SET GLOBAL read_only = 0;"
    }

    static func semiSyncSource(_ enabled: Bool) -> String {
        "SET GLOBAL rpl_semi_sync_master_enabled = \(enabled ? 1 : 0);"
    }

    static let leave = "STOP ALL SLAVES; RESET SLAVE ALL;"

    /// `RESET MASTER` waits until InnoDB's log is on disk, which with our settings is once a second; so put it there
    /// first. LOCAL, because a flush is otherwise written to the binary log, as a transaction that nobody else has.
    static let forgetBinaryLog = """
        SET @flush_log = @@GLOBAL.innodb_flush_log_at_trx_commit;
        SET GLOBAL innodb_flush_log_at_trx_commit = 1;
        FLUSH LOCAL ENGINE LOGS;
        RESET MASTER;
        SET GLOBAL innodb_flush_log_at_trx_commit = @flush_log;
        """

    /// Makes a server without a replication channel follow `source`, starting after the GTIDs in `position`.
    static func follow(_ source: LocalNode, from position: String) -> String {
        """
        SET GLOBAL gtid_slave_pos = '\(position)';
        \(connect(to: source))
        """
    }

    static func connect(to source: LocalNode) -> String {
        """
        CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = \(source.port),
            MASTER_USER = '\(Accounts.replication.user)', MASTER_PASSWORD = '\(Accounts.replication.password)',
            MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1;
        START SLAVE;
        """
    }

    /// 0 when the position was reached, -1 when not within `seconds`.
    static func wait(for position: String, seconds: Double) -> String {
        "SELECT MASTER_GTID_WAIT('\(position)', \(seconds)) AS waited"
    }
}

/// What `SHOW SLAVE STATUS` says, as far as it is used here.
struct ReplicationState {
    let sourcePort: String
    let isReceiving: Bool
    let isApplying: Bool
    /// The error numbers, 0 when all is well.
    let receiveError: Int
    let applyError: Int
    let errorText: String
    /// The position up to which events were received.
    let receivedPosition: String

    init?(_ row: ResultRow?) {
        guard let row else { return nil }
        sourcePort = row["Master_Port"] ?? ""
        isReceiving = row["Slave_IO_Running"] == "Yes"
        isApplying = row["Slave_SQL_Running"] == "Yes"
        receiveError = Int(row["Last_IO_Errno"] ?? "") ?? 0
        applyError = Int(row["Last_SQL_Errno"] ?? "") ?? 0
        errorText = [row["Last_IO_Error"], row["Last_SQL_Error"]].compactMap { $0 }.filter { !$0.isEmpty }
            .joined(separator: "; ")
        receivedPosition = row["Gtid_IO_Pos"] ?? ""
    }

    /// Replication has given up, or will never succeed: the source lacks the position (1236), an event failed.
    var isBroken: Bool { receiveError == 1236 || applyError != 0 }
}

extension LocalCluster {
    /// Waits until every running node that replicates from the primary has applied all that the primary has written.
    ///
    /// Nodes that are dead, frozen, or follow nobody (an old primary that came back) are not waited for.
    package func waitUntilReplicated(timeoutSeconds: Double = 30) throws(LocalClusterError) {
        let primary = primaryNode
        let position = try position(of: primary)
        let deadline = monotonicSeconds() + timeoutSeconds
        var runs: [ClientRun] = []
        for node in nodes where node.index != primary.index && node.state == .running {
            guard try replicationState(of: node)?.sourcePort == "\(primary.port)" else { continue }
            let wait = Replication.wait(for: position, seconds: max(0.1, deadline - monotonicSeconds()))
            runs.append(try client.begin(wait, on: node, seconds: timeoutSeconds + LocalClusterLimits.statementSeconds))
        }
        for run in runs where try run.rows().first?["waited"] != "0" {
            let reason = try replicationState(of: run.node)?.errorText ?? "it replicates from nobody"
            let log = lastLines(ofFile: run.node.logPath)
            throw LocalClusterError(.timeout, "\(run.node.name) has not reached \(position): \(reason)", logTail: log)
        }
    }

    func replicationState(of node: LocalNode) throws(LocalClusterError) -> ReplicationState? {
        ReplicationState(try client.run("SHOW SLAVE STATUS", on: node).first)
    }

    /// The GTID position a node has reached, by its own writes and by replication.
    func position(of node: LocalNode) throws(LocalClusterError) -> String {
        let row = try client.run("SELECT @@gtid_binlog_pos AS written, @@gtid_slave_pos AS applied", on: node).first
        // Replicated events go through the binary log, so it knows most; it is empty after RESET MASTER.
        let written = row?["written"] ?? ""
        return written.isEmpty ? row?["applied"] ?? "" : written
    }

    /// Waits until both replication threads run.
    func awaitReplication(_ node: LocalNode, seconds: Double) throws(LocalClusterError) {
        let deadline = monotonicSeconds() + seconds
        while true {
            let state = try replicationState(of: node)
            if let state, state.isReceiving, state.isApplying { return }
            if state?.isBroken ?? true || monotonicSeconds() > deadline {
                let reason = state?.errorText ?? "it replicates from nobody"
                let log = lastLines(ofFile: node.logPath)
                throw LocalClusterError(.server, "\(node.name) does not replicate: \(reason)", logTail: log)
            }
            usleep(10_000)
        }
    }
}
