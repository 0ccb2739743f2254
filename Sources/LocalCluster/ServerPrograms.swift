// Where the server's and the client's programs are on this machine.

import Glibc

/// Absolute paths of the programs a cluster needs.
struct ServerPrograms: Sendable {
    let server: String
    let install: String
    let client: String
    let dump: String

    /// Looks in `PATH` and in the folders where distributions hide servers.
    static func find() throws(LocalClusterError) -> ServerPrograms {
        ServerPrograms(
            server: try find("mariadbd", or: "mysqld"), install: try find("mariadb-install-db", or: "mysql_install_db"),
            client: try find("mariadb", or: "mysql"), dump: try find("mariadb-dump", or: "mysqldump"))
    }

    static func searchPath() -> [String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
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
}
