// The command lines with which servers run.

import Glibc

/// Small servers that start fast: little memory, no fsync, everything replication needs.
enum ServerOptions {
    static let storage = [
        "--innodb-buffer-pool-size=32M", "--innodb-buffer-pool-load-at-startup=OFF",
        "--innodb-buffer-pool-dump-at-shutdown=OFF",
    ]

    /// A server refuses to run as root unless told so.
    static var account: [String] { geteuid() == 0 ? ["--user=root"] : [] }

    static func commandLine(
        name: String, serverID: UInt32, host: String, port: UInt16, directory: String, options: LocalClusterOptions
    ) -> [String] {
        var line = ["--no-defaults"] + account + storage
        line += [
            "--datadir=\(directory)/data", "--socket=\(directory)/socket", "--pid-file=\(directory)/pid",
            "--tmpdir=\(directory)/temporary", "--bind-address=\(host)", "--port=\(port)", "--skip-name-resolve",
            "--max-connections=\(options.maximumConnections)", "--performance-schema=OFF",
            "--innodb-flush-log-at-trx-commit=2", "--innodb-fast-shutdown=1", "--sync-binlog=0",
            "--character-set-server=utf8mb4", "--max-allowed-packet=64M",
        ]
        line += [
            "--server-id=\(serverID)", "--log-bin=binlog", "--relay-log=relay",
            "--binlog-format=\(options.rowFormat.rawValue)", "--report-host=\(host)", "--report-port=\(port)",
        ]
        return line + options.flavor.dialect.options(for: options) + options.extraServerOptions
    }
}
