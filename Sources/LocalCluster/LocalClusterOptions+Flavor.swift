// The kinds of servers a cluster can be made of.

extension LocalClusterOptions {
    /// Which server program runs.
    package enum Flavor: String, Sendable, Equatable, CaseIterable {
        /// The system's `mariadbd`, from the search path.
        case mariaDB = "mariadb"
        /// A newer MariaDB, as `.ci/private-server.sh mariadb-current` installs it.
        case mariaDBCurrent = "mariadb-current"
        /// Oracle's server, as `.ci/private-server.sh mysql` installs it.
        case mySQL = "mysql"

        /// MariaDB of whatever version.
        package var isMariaDB: Bool { self != .mySQL }

        /// The statements of this kind of server.
        var dialect: any ServerDialect { isMariaDB ? MariaDBDialect() : MySQLDialect() }
    }
}
