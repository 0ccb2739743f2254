// The accounts of the primary, read over a connection of its own, so that users need not be configured twice.

/// Reads accounts.
enum AccountMirror {
    /// The time a fetch may take; it waits for nothing a probe waits for.
    static let budgetMilliseconds: Int64 = 5_000
    /// The accounts kept; a server with more needs configured users.
    static let accountsMaximum = 20_000
    /// `READ_ONLY ADMIN` in the access bits of `mysql.global_priv`, and `SUPER`, which implied it before 10.11.
    private static let readOnlyAdminBit: UInt64 = 1 << 33
    private static let superBit: UInt64 = 1 << 15

    /// Reads all accounts. Blocks.
    static func fetch(
        address: ProbeAddress, credentials: MonitorCredentials, flavor: ServerFlavor
    ) throws(ProbeFailure) -> [MirroredAccount] {
        let deadline = monotonicMilliseconds() + budgetMilliseconds
        let connection = try ProbeConnection(address: address, credentials: credentials, deadline: deadline)
        let statement = flavor == .mariaDB ? AccountQueries.mariaDB : AccountQueries.mySQL
        var answer = connection.query(statement, deadline: deadline)
        if answer.failure != nil, !connection.isBroken {
            answer = connection.query(AccountQueries.plain, deadline: deadline)
        }
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
                user: user, host: host, methods: methods(result, row),
                isLocked: isYes(result.value("account_locked", row: row)),
                isPasswordExpired: isYes(result.value("password_expired", row: row)),
                refusesExpired: isYes(result.value("refuses_expired", row: row)),
                requirement: requirement(result, row),
                resolvesNames: !isYes(result.value("skip_names", row: row)),
                knowsPrefixes: isYes(result.value("knows_prefixes", row: row)),
                bypassesReadOnly: isYes(result.value("bypasses", row: row)) || access & readOnlyAdminBit != 0
                    || impliesReadOnlyAdmin)
        }.sorted { ($0.user, $0.host) < ($1.user, $1.host) }
    }

    private static func methods(_ result: ProbeResult, _ row: [String?]) -> [MirroredMethod] {
        let plugin = result.value("plugin", row: row) ?? "mysql_native_password"
        let first = MirroredMethod(plugin: plugin, verifier: bytes(result.value("verifier", row: row)))
        if let additional = result.value("additional_verifier", row: row), !additional.isEmpty {
            return [first, MirroredMethod(plugin: plugin, verifier: bytes(additional))]
        }
        let count = result.value("alternatives", row: row).flatMap { Int($0) } ?? 0
        guard count > 0 else { return [first] }
        return (0..<min(count, AccountQueries.alternativesMaximum)).map { index in
            guard let plugin = result.value("plugin\(index)", row: row) else { return first }
            return MirroredMethod(plugin: plugin, verifier: bytes(result.value("verifier\(index)", row: row)))
        }
    }

    /// MariaDB numbers the kinds, MySQL names them.
    private static func requirement(_ result: ProbeResult, _ row: [String?]) -> MirroredRequirement {
        let kind: MirroredRequirement.Kind =
            switch result.value("ssl_type", row: row)?.uppercased() {
            case "1", "ANY": .tls
            case "2", "X509": .certificate
            case "3", "SPECIFIED": .specified
            default: .none
            }
        return MirroredRequirement(
            kind: kind, subject: result.value("x509_subject", row: row) ?? "",
            issuer: result.value("x509_issuer", row: row) ?? "", cipher: result.value("ssl_cipher", row: row) ?? "")
    }

    /// The bytes that `HEX()` made digits of.
    private static func bytes(_ hexadecimal: String?) -> [UInt8] {
        let digits = Array((hexadecimal ?? "").utf8).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func isYes(_ value: String?) -> Bool {
        guard let value else { return false }
        return ["1", "Y", "YES", "TRUE", "ON"].contains(value.uppercased())
    }
}
