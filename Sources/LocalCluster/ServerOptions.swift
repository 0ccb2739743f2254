// The command lines with which servers run and the statements that make their accounts.

import Glibc

/// Small servers that start fast: little memory, no fsync, everything replication needs.
enum ServerOptions {
    /// The size must be the same for the template and for every server, or each start resizes the log.
    static let storage = [
        "--innodb-log-file-size=16M", "--innodb-buffer-pool-size=32M",
        "--innodb-temp-data-file-path=ibtmp1:2M:autoextend",
        "--innodb-buffer-pool-load-at-startup=OFF", "--innodb-buffer-pool-dump-at-shutdown=OFF",
    ]

    /// A server refuses to run as root unless told so.
    static var account: [String] { geteuid() == 0 ? ["--user=root"] : [] }

    static func commandLine(
        name: String, serverID: UInt32, port: UInt16, directory: String, options: LocalClusterOptions
    ) -> [String] {
        var line = ["--no-defaults"] + account + storage
        line += [
            "--datadir=\(directory)/data", "--socket=\(directory)/socket", "--pid-file=\(directory)/pid",
            "--tmpdir=\(directory)/temporary", "--bind-address=127.0.0.1", "--port=\(port)", "--skip-name-resolve",
            "--max-connections=\(options.maximumConnections)", "--performance-schema=OFF",
            "--innodb-flush-log-at-trx-commit=2", "--innodb-fast-shutdown=1", "--sync-binlog=0",
            "--character-set-server=utf8mb4", "--max-allowed-packet=64M",
        ]
        // Read-only from the start, opened by statement: a primary that died comes back as nobody's writer.
        line += [
            "--server-id=\(serverID)", "--log-bin=binlog", "--log-slave-updates=ON", "--relay-log=relay",
            "--gtid-strict-mode=ON", "--binlog-format=\(options.rowFormat.rawValue)", "--read-only=1",
            "--report-host=127.0.0.1", "--report-port=\(port)", "--slave-net-timeout=10",
        ]
        // The source side is never set here: a replica that has it on waits for acknowledgements nobody sends.
        if options.semiSync {
            line += ["--rpl-semi-sync-slave-enabled=ON", "--rpl-semi-sync-master-timeout=10000"]
        }
        return line + options.extraServerOptions
    }
}

/// Users of every cluster.
enum Accounts {
    static let replication = (user: "replica", password: "replicapw")
    static let monitor = (user: "monitor", password: "monitorpw")
    static let application = (user: "app", password: "apppw")
    static let administrator = (user: "root", password: "rootpw")

    /// What a new server needs, the same on each, and for that reason not in its binary log.
    static let statements: String = """
        SET SESSION sql_log_bin = 0;
        DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
        FLUSH PRIVILEGES;
        \(create(administrator, host: "127.0.0.1"));
        GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
        \(create(replication, host: "%"));
        GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
        \(create(monitor, host: "%"));
        GRANT PROCESS, REPLICA MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN ON *.* TO 'monitor'@'%';
        GRANT SELECT ON mysql.* TO 'monitor'@'%';
        \(create(application, host: "%"));
        GRANT ALL PRIVILEGES ON app.* TO 'app'@'%';
        GRANT ALL PRIVILEGES ON sbtest.* TO 'app'@'%';
        GRANT ALL PRIVILEGES ON test.* TO 'app'@'%';
        SET SESSION sql_log_bin = 1;
        """

    /// What a new primary makes sure of, into its binary log, as the operator does.
    static let ensureReplicationUser = """
        CREATE USER IF NOT EXISTS 'replica'@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('replicapw');
        GRANT REPLICATION SLAVE ON *.* TO 'replica'@'%';
        """

    private static func create(_ account: (user: String, password: String), host: String) -> String {
        "CREATE USER '\(account.user)'@'\(host)' IDENTIFIED VIA mysql_native_password "
            + "USING PASSWORD('\(account.password)')"
    }
}
