// Where the server's and the client's programs are on this machine.

import Glibc

/// Absolute paths of the programs a cluster needs.
struct ServerPrograms: Sendable {
    let server: String
    /// Makes a data folder; for MySQL that is the server itself.
    let install: String
    let client: String
    let dump: String
    /// The folder under which a server that is not the system's has all its files.
    var base: String?

    /// The system's MariaDB is looked for in `PATH` and in the folders where distributions hide servers, the others where
    /// `.ci/private-server.sh` installs them.
    static func find(_ flavor: LocalCluster.Options.Flavor) throws(LocalClusterError) -> ServerPrograms {
        guard flavor == .mariaDB else { return try findPrivate(flavor) }
        return ServerPrograms(
            server: try find("mariadbd", or: "mysqld"), install: try find("mariadb-install-db", or: "mysql_install_db"),
            client: try find("mariadb", or: "mysql"), dump: try find("mariadb-dump", or: "mysqldump"))
    }

    static func searchPath() -> [String] {
        let path = environmentVariable("PATH") ?? ""
        let usual = [
            "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/libexec",
            "/usr/local/mysql/bin", "/usr/local/mysql/scripts",
        ]
        let given = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        return given + usual.filter { !given.contains($0) }
    }

    private static func find(_ name: String, or older: String) throws(LocalClusterError) -> String {
        for name in [name, older] {
            for folder in searchPath() where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        }
        throw LocalClusterError(.missingProgram, "neither \(name) nor \(older) is in PATH or /usr/sbin")
    }

    private static func findPrivate(_ flavor: LocalCluster.Options.Flavor) throws(LocalClusterError) -> ServerPrograms {
        let folders = privateFolders()
        for folder in folders {
            let base = "\(folder)/\(flavor.rawValue)/usr"
            let programs =
                flavor.isMariaDB
                ? ServerPrograms(
                    server: "\(base)/sbin/mariadbd", install: "\(base)/bin/mariadb-install-db",
                    client: "\(base)/bin/mariadb", dump: "\(base)/bin/mariadb-dump", base: base)
                : ServerPrograms(
                    server: "\(base)/sbin/mysqld", install: "\(base)/sbin/mysqld", client: "\(base)/bin/mysql",
                    dump: "\(base)/bin/mysqldump", base: base)
            if access(programs.server, X_OK) == 0 { return programs }
        }
        throw LocalClusterError(
            .missingProgram,
            "there is no \(flavor.rawValue) in \(folders.joined(separator: ", ")); "
                + "please run .ci/private-server.sh \(flavor.rawValue)")
    }

    /// The folders of servers that are not the system's, as the script chooses them.
    private static func privateFolders() -> [String] {
        if let folder = environmentVariable("SWITCHYARD_SERVERS") { return [folder] }
        let cache = environmentVariable("XDG_CACHE_HOME") ?? environmentVariable("HOME").map { "\($0)/.cache" }
        return ["/opt/switchyard-servers"] + (cache.map { ["\($0)/switchyard"] } ?? [])
    }
}

/// A variable of this process that is set and not empty.
private func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
