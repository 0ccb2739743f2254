// MySQL's statements, as of 8.4 and 9.

/// Statements as MySQL spells them.
struct MySQLDialect: ServerDialect {
    func installation(_ programs: ServerPrograms, data: String, temporary: String) -> [String] {
        [programs.server, "--no-defaults"] + ServerOptions.account + ServerOptions.storage + storage + [
            "--initialize-insecure", "--datadir=\(data)", "--tmpdir=\(temporary)",
        ]
    }

    /// The server's UUID, the first half of its GTIDs. A server without one makes it.
    let filesOfOneServer = ["auto.cnf"]

    private let storage = ["--innodb-redo-log-capacity=32M", "--innodb-doublewrite=OFF"]

    func options(for options: LocalClusterOptions) -> [String] {
        // Read-only for root too from the start, opened by statement.
        let line =
            storage + [
                "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-replica-updates=ON", "--super-read-only=ON",
                "--replica-net-timeout=10", "--mysqlx=OFF", "--secure-file-priv=",
            ]
        let semiSync = [
            "--plugin-load-add=semisync_source.so", "--plugin-load-add=semisync_replica.so",
            "--rpl-semi-sync-replica-enabled=ON", "--rpl-semi-sync-source-timeout=10000",
        ]
        return options.semiSync ? line + semiSync : line
    }

    // MARK: Accounts

    /// MySQL 9 has no `mysql_native_password` any more: every account is `caching_sha2_password`.
    func accounts(administratorHost: String) -> String {
        local(
            """
            \(create(Accounts.administrator, host: administratorHost));
            GRANT ALL PRIVILEGES ON *.* TO 'root'@'\(administratorHost)' WITH GRANT OPTION;
            \(create(Accounts.replication, host: "%"));
            GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
            \(create(Accounts.monitor, host: "%"));
            GRANT PROCESS, REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'monitor'@'%';
            GRANT SELECT ON mysql.* TO 'monitor'@'%';
            GRANT SELECT ON performance_schema.* TO 'monitor'@'%';
            \(create(Accounts.application, host: "%"));
            GRANT ALL PRIVILEGES ON app.* TO 'app'@'%';
            GRANT ALL PRIVILEGES ON sbtest.* TO 'app'@'%';
            GRANT ALL PRIVILEGES ON test.* TO 'app'@'%';
            """)
    }

    /// Orchestrators leave accounts alone.
    let ensureReplicationUser = ""

    private func create(_ account: (user: String, password: String), host: String) -> String {
        "CREATE USER '\(account.user)'@'\(host)' IDENTIFIED WITH caching_sha2_password BY '\(account.password)'"
    }

    /// `super_read_only` binds root as well; `read_only` stays as it is, and is all that others see.
    func local(_ statements: String) -> String {
        """
        SET @was_read_only = @@GLOBAL.super_read_only;
        SET GLOBAL super_read_only = 0;
        SET SESSION sql_log_bin = 0;
        \(statements);
        SET SESSION sql_log_bin = 1;
        SET GLOBAL super_read_only = @was_read_only;
        """
    }

    // MARK: Roles

    let close = ["SET GLOBAL super_read_only = 1"]
    let unlock = "DO 0"
    let makeReadOnly = "SET GLOBAL super_read_only = 1;"
    let makeWritable = "SET GLOBAL super_read_only = 0; SET GLOBAL read_only = 0;"

    func semiSyncSource(_ enabled: Bool) -> String {
        "SET GLOBAL rpl_semi_sync_source_enabled = \(enabled ? 1 : 0);"
    }

    // MARK: Replication

    let leave = "STOP REPLICA; RESET REPLICA ALL;"
    let forgetReplication = ""
    let stopReplication = "STOP REPLICA;"
    let stopReceiving = "STOP REPLICA IO_THREAD;"
    let stopApplying = "STOP REPLICA SQL_THREAD;"
    let startReplication = "START REPLICA;"

    func delay(seconds: Int) -> String { "CHANGE REPLICATION SOURCE TO SOURCE_DELAY = \(seconds);" }

    /// A GTID set says by itself where to go on.
    func prepareToFollow(position: String) -> String { "STOP REPLICA;" }

    func follow(_ source: LocalNode, from position: String) -> String { connect(to: source) }

    /// A source that is away for longer than the ten attempts of the default comes back too.
    func connect(to source: LocalNode) -> String {
        """
        CHANGE REPLICATION SOURCE TO SOURCE_HOST = '\(source.host)', SOURCE_PORT = \(source.port),
            SOURCE_USER = '\(Accounts.replication.user)', SOURCE_PASSWORD = '\(Accounts.replication.password)',
            SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_CONNECT_RETRY = 1,
            SOURCE_RETRY_COUNT = 86400, SOURCE_HEARTBEAT_PERIOD = 1;
        START REPLICA;
        """
    }

    let replicationStatus = "SHOW REPLICA STATUS"

    func state(_ row: ResultRow?) -> ReplicationState? {
        row.map { ReplicationState($0, source: "Source", replica: "Replica", received: "Retrieved_Gtid_Set") }
    }

    let position = "SELECT @@GLOBAL.gtid_executed AS position"

    func wait(for position: String, seconds: Double) -> String {
        "SELECT WAIT_FOR_EXECUTED_GTID_SET('\(position)', \(seconds)) AS waited"
    }

    func isAhead(_ position: String, of other: String, ask: Question) throws(LocalClusterError) -> Bool {
        try ask("SELECT GTID_SUBSET('\(position)', '\(other)') AS known")?["known"] == "0"
    }

    func isKnown(_ position: String, ask: Question) throws(LocalClusterError) -> Bool {
        try ask("SELECT GTID_SUBSET('\(position)', @@GLOBAL.gtid_executed) AS known")?["known"] == "1"
    }

    // MARK: Building anew

    let dumpOptions = ["--set-gtid-purged=ON"]
    let prepareToLoad = "SET GLOBAL super_read_only = 0; RESET BINARY LOGS AND GTIDS;"
    let finishLoading = "SET GLOBAL super_read_only = 1;"
}
