// The accounts of the primary, read over a connection of its own, so that users need not be configured twice.

/// An account as the server's tables have it.
package struct MirroredAccount: Sendable, Equatable {
    /// The account name; empty for an anonymous account.
    package var user: String
    /// The host pattern, such as `%` or `10.0.0.%`.
    package var host: String
    /// The ways to prove to be the account, in its own order; one of them is enough.
    package var methods: [MirroredMethod]
    /// `ACCOUNT LOCK` is in force.
    package var isLocked: Bool
    /// The server accepts only a change of password.
    package var isPasswordExpired: Bool
    /// `read_only` does not bind this account: on a demoted node its writes would succeed.
    package var bypassesReadOnly: Bool

    /// An account; see the properties.
    package init(
        user: String, host: String, methods: [MirroredMethod], isLocked: Bool = false, isPasswordExpired: Bool = false,
        bypassesReadOnly: Bool = false
    ) {
        self.user = user
        self.host = host
        self.methods = methods
        self.isLocked = isLocked
        self.isPasswordExpired = isPasswordExpired
        self.bypassesReadOnly = bypassesReadOnly
    }
}

/// One authentication plugin of an account.
package struct MirroredMethod: Sendable, Equatable {
    /// The plugin's name, as the server spells it, such as `mysql_native_password`.
    package var plugin: String
    /// What the plugin verifies a password against; any bytes.
    package var verifier: [UInt8]

    /// A method; see the properties.
    package init(plugin: String, verifier: [UInt8]) {
        self.plugin = plugin
        self.verifier = verifier
    }
}

/// Reads accounts.
enum AccountMirror {
    /// The time a fetch may take; it waits for nothing a probe waits for.
    static let budgetMilliseconds: Int64 = 5_000
    /// The accounts kept; a server with more needs configured users.
    static let accountsMaximum = 20_000
    /// `READ_ONLY ADMIN` in the access bits of `mysql.global_priv`, and `SUPER`, which implied it before 10.11.
    private static let readOnlyAdminBit: UInt64 = 1 << 33
    private static let superBit: UInt64 = 1 << 15

    private static let mariaDB =
        "SELECT User AS user, Host AS host, JSON_VALUE(Priv, '$.plugin') AS plugin, "
        + "HEX(JSON_VALUE(Priv, '$.authentication_string')) AS verifier, "
        + "JSON_VALUE(Priv, '$.account_locked') AS account_locked, "
        + "JSON_VALUE(Priv, '$.password_last_changed') = 0 AS password_expired, "
        + "JSON_VALUE(Priv, '$.access') AS access, JSON_VALUE(Priv, '$.version_id') AS version_id "
        + "FROM mysql.global_priv WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), 0) = 0"
    private static let mySQL =
        "SELECT u.User AS user, u.Host AS host, u.plugin, HEX(u.authentication_string) AS verifier, u.account_locked, "
        + "u.password_expired, u.Super_priv = 'Y' OR EXISTS (SELECT 1 FROM mysql.global_grants g WHERE "
        + "g.USER = u.User AND g.HOST = u.Host AND g.PRIV = 'CONNECTION_ADMIN') AS bypasses FROM mysql.user u"
    /// What every server since MySQL 5.7 and MariaDB 10.2 has.
    private static let plain =
        "SELECT User AS user, Host AS host, plugin, HEX(authentication_string) AS verifier, password_expired, "
        + "Super_priv = 'Y' AS bypasses FROM mysql.user"

    /// Reads the accounts of the server at `address`; the failure names the missing grant.
    static func fetch(
        address: ProbeAddress, credentials: MonitorCredentials, flavor: ServerFlavor
    ) throws(ProbeFailure) -> [MirroredAccount] {
        let deadline = monotonicMilliseconds() + budgetMilliseconds
        let connection = try ProbeConnection(address: address, credentials: credentials, deadline: deadline)
        var answer = connection.query(flavor == .mariaDB ? mariaDB : mySQL, deadline: deadline)
        if answer.failure != nil, !connection.isBroken { answer = connection.query(plain, deadline: deadline) }
        if var failure = answer.failure {
            let tables =
                flavor == .mariaDB ? ["mysql.global_priv", "mysql.user"] : ["mysql.user", "mysql.global_grants"]
            failure.text =
                "accounts of \(address) cannot be read: \(failure.text); run "
                + tables.map { "GRANT SELECT ON \($0) TO '\(credentials.user)'" }.joined(separator: "; ")
            throw failure
        }
        return answer.results.first.map(accounts) ?? []
    }

    /// The rows as accounts, in a stable order.
    static func accounts(_ result: ProbeResult) -> [MirroredAccount] {
        result.rows.prefix(accountsMaximum).compactMap { row in
            guard let user = result.value("user", row: row), let host = result.value("host", row: row) else {
                return nil
            }
            let version = result.value("version_id", row: row).flatMap { Int($0) } ?? 0
            let access = result.value("access", row: row).flatMap { UInt64($0) } ?? 0
            let impliesReadOnlyAdmin = version < 101_100 && access & superBit != 0
            return MirroredAccount(
                user: user, host: host,
                methods: [
                    MirroredMethod(
                        plugin: result.value("plugin", row: row) ?? "mysql_native_password",
                        verifier: bytes(hexadecimal: result.value("verifier", row: row) ?? ""))
                ],
                isLocked: isYes(result.value("account_locked", row: row)),
                isPasswordExpired: isYes(result.value("password_expired", row: row)),
                bypassesReadOnly: isYes(result.value("bypasses", row: row)) || access & readOnlyAdminBit != 0
                    || impliesReadOnlyAdmin)
        }.sorted { ($0.user, $0.host) < ($1.user, $1.host) }
    }

    /// The bytes that `HEX()` made digits of.
    private static func bytes(hexadecimal text: String) -> [UInt8] {
        let digits = Array(text.utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func isYes(_ value: String?) -> Bool {
        guard let value else { return false }
        return ["1", "Y", "YES", "TRUE"].contains(value.uppercased())
    }
}
