// Which server the tests run against, and how it spells what they say in MariaDB's words.

import Foundation
package import LocalCluster

/// The kind of server behind the proxy: `SWITCHYARD_TEST_SERVER` is `mariadb` (also without it), `mariadb-current` or
/// `mysql`.
package enum TestServer {
    package static let flavor: LocalCluster.Options.Flavor = {
        guard let name = ProcessInfo.processInfo.environment["SWITCHYARD_TEST_SERVER"], !name.isEmpty else {
            return .mariaDB
        }
        guard let flavor = LocalCluster.Options.Flavor(rawValue: name) else {
            fatalError("SWITCHYARD_TEST_SERVER is \(name); it can be mariadb, mariadb-current or mysql")
        }
        return flavor
    }()

    /// MariaDB of whatever version.
    package static var isMariaDB: Bool { flavor.isMariaDB }

    /// The plugin of ordinary accounts.
    package static var plugin: String { flavor.accountPlugin }

    /// The plugin that asks the operating system who a client is.
    package static var socketPlugin: String { isMariaDB ? "unix_socket" : "auth_socket" }

    /// Options with which a stage's servers run.
    static var options: [String] {
        let common = ["--log-bin-trust-function-creators=1", "--innodb-lock-wait-timeout=5", "--local-infile=1"]
        // A series of numbers is a recursive query there, and the plugin is one that has to be loaded.
        return isMariaDB
            ? common : common + ["--cte-max-recursion-depth=100000000", "--plugin-load-add=auth_socket.so"]
    }

    /// Statements as the server spells them, in order: the last one is the statement itself.
    ///
    /// MySQL replaces no table and no routine (`CREATE OR REPLACE`), has no tables of numbers (`seq_1_to_9`), and calls
    /// `tx_isolation` `transaction_isolation`.
    package static func spelled(_ sql: String) -> [String] {
        guard !isMariaDB else { return [sql] }
        var sql = sql
        for (ours, theirs) in [
            (/@tx_isolation/, "@transaction_isolation"), (/@tx_read_only/, "@transaction_read_only"),
        ] { sql.replace(ours, with: theirs) }
        sql.replace(/\bseq_1_to_(\d+)\b(?!\.)( AS \w+)?/) { match in
            "(WITH RECURSIVE series (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM series WHERE seq < \(match.1)) "
                + "SELECT seq FROM series)\(match.2 ?? " AS seq_1_to_\(match.1)")"
        }
        guard let match = sql.prefixMatch(of: /CREATE OR REPLACE (TABLE|PROCEDURE|FUNCTION) ([\w.`]+)/) else {
            return [sql]
        }
        return [
            "DROP \(match.1) IF EXISTS \(match.2)", "CREATE \(match.1) \(match.2)\(sql[match.range.upperBound...])",
        ]
    }
}

extension LocalClusterOptions.Flavor {
    /// The plugin of ordinary accounts.
    package var accountPlugin: String { isMariaDB ? "mysql_native_password" : "caching_sha2_password" }
}
