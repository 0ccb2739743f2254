// MariaDB's statements.

/// Statements as MariaDB spells them.
struct MariaDBDialect: ServerDialect {
    func installation(_ programs: ServerPrograms, data: String, temporary: String) -> [String] {
        // A server in a folder of its own needs to be told where its files are.
        let base = programs.base.map { ["--basedir=\($0)"] } ?? []
        return [programs.install, "--no-defaults"] + base + ServerOptions.account + ServerOptions.storage + storage + [
            "--datadir=\(data)", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
            "--tmpdir=\(temporary)",
        ]
    }

    let filesOfOneServer: [String] = []

    /// The size must be the same for the template and for every server, or each start resizes the log.
    private let storage = ["--innodb-log-file-size=16M", "--innodb-temp-data-file-path=ibtmp1:2M:autoextend"]

    func options(for options: LocalClusterOptions) -> [String] {
        // Read-only from the start, opened by statement: a primary that died comes back as nobody's writer.
        let line =
            storage + [
                "--log-slave-updates=ON", "--gtid-strict-mode=ON", "--read-only=1", "--slave-net-timeout=10",
            ]
        // The source side is never set here: a replica that has it on waits for acknowledgements nobody sends.
        let semiSync = ["--rpl-semi-sync-slave-enabled=ON", "--rpl-semi-sync-master-timeout=10000"]
        return options.semiSync ? line + semiSync : line
    }

    // MARK: Accounts

    func accounts(administratorHost: String) -> String {
        """
        SET SESSION sql_log_bin = 0;
        DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
        FLUSH PRIVILEGES;
        \(create(Accounts.administrator, host: administratorHost));
        GRANT ALL PRIVILEGES ON *.* TO 'root'@'\(administratorHost)' WITH GRANT OPTION;
        \(create(Accounts.replication, host: "%"));
        GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
        \(create(Accounts.monitor, host: "%"));
        GRANT PROCESS, REPLICA MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN ON *.* TO 'monitor'@'%';
        GRANT SELECT ON mysql.* TO 'monitor'@'%';
        \(create(Accounts.application, host: "%"));
        GRANT ALL PRIVILEGES ON app.* TO 'app'@'%';
        GRANT ALL PRIVILEGES ON sbtest.* TO 'app'@'%';
        GRANT ALL PRIVILEGES ON test.* TO 'app'@'%';
        SET SESSION sql_log_bin = 1;
        """
    }

    /// As the operator does.
    let ensureReplicationUser = """
        CREATE USER IF NOT EXISTS 'replica'@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('replicapw');
        GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
        """

    private func create(_ account: (user: String, password: String), host: String) -> String {
        "CREATE USER '\(account.user)'@'\(host)' IDENTIFIED VIA mysql_native_password "
            + "USING PASSWORD('\(account.password)')"
    }

    func local(_ statements: String) -> String { "SET SESSION sql_log_bin = 0; \(statements)" }

    // MARK: Roles

    let close = ["FLUSH TABLES WITH READ LOCK", "SET GLOBAL read_only = 1"]
    let unlock = "UNLOCK TABLES"
    let makeReadOnly = "SET GLOBAL read_only = 1;"
    let makeWritable = "SET GLOBAL read_only = 0;"

    func semiSyncSource(_ enabled: Bool) -> String {
        "SET GLOBAL rpl_semi_sync_master_enabled = \(enabled ? 1 : 0);"
    }

    // MARK: Replication

    let leave = "STOP ALL SLAVES; RESET SLAVE ALL;"
    let forgetReplication = "SET GLOBAL gtid_slave_pos = '';"
    let stopReplication = "STOP ALL SLAVES;"
    let stopReceiving = "STOP SLAVE IO_THREAD;"
    let stopApplying = "STOP SLAVE SQL_THREAD;"
    let startReplication = "START SLAVE;"

    func delay(seconds: Int) -> String { "CHANGE MASTER TO MASTER_DELAY = \(seconds);" }

    /// `RESET MASTER` waits until InnoDB's log is on disk, which with our settings is once a second; so put it there
    /// first. LOCAL, because a flush is otherwise written to the binary log, as a transaction that nobody else has.
    func prepareToFollow(position: String) -> String {
        """
        SET @flush_log = @@GLOBAL.innodb_flush_log_at_trx_commit;
        SET GLOBAL innodb_flush_log_at_trx_commit = 1;
        FLUSH LOCAL ENGINE LOGS;
        RESET MASTER;
        SET GLOBAL innodb_flush_log_at_trx_commit = @flush_log;
        STOP ALL SLAVES;
        SET GLOBAL gtid_slave_pos = '\(position)';
        """
    }

    func follow(_ source: LocalNode, from position: String) -> String {
        "SET GLOBAL gtid_slave_pos = '\(position)';\n\(connect(to: source))"
    }

    func connect(to source: LocalNode) -> String {
        """
        CHANGE MASTER TO MASTER_HOST = '\(source.host)', MASTER_PORT = \(source.port),
            MASTER_USER = '\(Accounts.replication.user)', MASTER_PASSWORD = '\(Accounts.replication.password)',
            MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1;
        START SLAVE;
        """
    }

    let replicationStatus = "SHOW SLAVE STATUS"

    func state(_ row: ResultRow?) -> ReplicationState? {
        row.map { ReplicationState($0, source: "Master", replica: "Slave", received: "Gtid_IO_Pos") }
    }

    /// Replicated events go through the binary log, so it knows most; it is empty after RESET MASTER.
    let position = "SELECT IF(@@gtid_binlog_pos <> '', @@gtid_binlog_pos, @@gtid_slave_pos) AS position"

    func wait(for position: String, seconds: Double) -> String {
        "SELECT MASTER_GTID_WAIT('\(position)', \(seconds)) AS waited"
    }

    /// All GTIDs of a cluster are in domain 0, so that a position is one GTID and its number tells how far it is.
    func isAhead(_ position: String, of other: String, ask: Question) throws(LocalClusterError) -> Bool {
        sequence(position) > sequence(other)
    }

    private func sequence(_ position: String) -> UInt64 {
        position.split(separator: "-").last.flatMap { UInt64($0) } ?? 0
    }

    /// Asks for the last transaction only. The primary's binary log may begin later than that; replication then says
    /// so itself.
    func isKnown(_ position: String, ask: Question) throws(LocalClusterError) -> Bool {
        let parts = position.split(separator: "-").compactMap { UInt64($0) }
        guard parts.count == 3 else { return true }
        let state = try ask("SELECT @@gtid_binlog_state AS state")?["state"] ?? ""
        for entry in state.split(separator: ",") {
            let known = entry.split(separator: "-").compactMap { UInt64($0) }
            if known.count == 3, known[0] == parts[0], known[1] == parts[1] { return known[2] >= parts[2] }
        }
        return true
    }

    // MARK: Building anew

    /// With --gtid and --master-data the dump itself says from which position to go on.
    let dumpOptions = ["--gtid", "--master-data=1"]
    let prepareToLoad = ""
    let finishLoading = ""
}
