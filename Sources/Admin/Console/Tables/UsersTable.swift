// The console table `users`: who may log in. Never a password, never a hash.
internal import Configuration
internal import Topology

extension ConsoleTable {
    /// One row per account that clients may log in as.
    static func users(_ snapshots: ConsoleSnapshots) -> ConsoleTable {
        ConsoleTable(
            name: "users", comment: "One row per account that clients may log in as",
            columns: [
                ConsoleColumn(name: "user", type: .text, comment: "The account's name; empty for an anonymous one"),
                ConsoleColumn(name: "host", type: .text, comment: "The pattern of addresses it may come from"),
                ConsoleColumn(name: "plugin", type: .text, comment: "How it proves who it is"),
                ConsoleColumn(name: "locked", type: .text, comment: "yes if logins are refused"),
                ConsoleColumn(
                    name: "source", type: .text,
                    comment: "settings, or the cluster whose primary the account was read from"),
                ConsoleColumn(
                    name: "bypasses_read_only", type: .text,
                    comment:
                        "yes if read_only does not bind it: its writes succeed on a demoted node; NULL if not known"),
            ]
        ) {
            if let users = snapshots.source.settings.users {
                return users.map { [.text($0.name), "%", .text($0.plugins), "no", "settings", .null] }
            }
            return snapshots.source.clusters.flatMap { cluster in
                cluster.accounts().accounts.map { account in
                    [
                        .text(account.user), .text(account.host),
                        .text(account.methods.map(\.plugin).joined(separator: ", ")), .yesNo(account.isLocked),
                        .text("cluster \(cluster.name)"), .yesNo(account.bypassesReadOnly),
                    ]
                }
            }
        }
    }
}

extension UserSettings {
    /// The plugins that clients may use.
    fileprivate var plugins: String {
        if let plugin { return plugin.rawValue }
        switch credential {
        case .password: return "any"
        case .nativeHash: return "mysql_native_password"
        case .cachingSHA2Hash: return "caching_sha2_password"
        }
    }
}
