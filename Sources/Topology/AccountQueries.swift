// The statements that read accounts, each with the same columns.

/// Verifiers are any bytes, so they come as hexadecimal digits.
enum AccountQueries {
    /// Further methods of an account that are read: MariaDB's `IDENTIFIED VIA … OR …`.
    static let alternativesMaximum = 5

    /// The columns of the alternatives: `alternatives` says how many there are, the one without a plugin is the account's
    /// first method.
    private static let mariaDBAlternatives = (0..<alternativesMaximum).map { index in
        "JSON_VALUE(Priv, '$.auth_or[\(index)].plugin') AS plugin\(index), "
            + "HEX(JSON_VALUE(Priv, '$.auth_or[\(index)].authentication_string')) AS verifier\(index), "
    }.joined()

    static let mariaDB =
        "SELECT User AS user, Host AS host, JSON_VALUE(Priv, '$.plugin') AS plugin, "
        + "HEX(JSON_VALUE(Priv, '$.authentication_string')) AS verifier, "
        + "JSON_LENGTH(Priv, '$.auth_or') AS alternatives, " + mariaDBAlternatives
        + "JSON_VALUE(Priv, '$.account_locked') AS account_locked, "
        + "JSON_VALUE(Priv, '$.password_last_changed') = 0 OR (JSON_VALUE(Priv, '$.password_last_changed') + 86400 * "
        + "IF(COALESCE(JSON_VALUE(Priv, '$.password_lifetime'), -1) < 0, @@global.default_password_lifetime, "
        + "NULLIF(JSON_VALUE(Priv, '$.password_lifetime'), 0)) < UNIX_TIMESTAMP() "
        + "AND (COALESCE(JSON_VALUE(Priv, '$.password_lifetime'), -1) >= 0 OR @@global.default_password_lifetime > 0)) "
        + "AS password_expired, @@global.disconnect_on_expired_password AS refuses_expired, "
        + "JSON_VALUE(Priv, '$.ssl_type') AS ssl_type, JSON_VALUE(Priv, '$.ssl_cipher') AS ssl_cipher, "
        + "JSON_VALUE(Priv, '$.x509_issuer') AS x509_issuer, JSON_VALUE(Priv, '$.x509_subject') AS x509_subject, "
        + "@@global.skip_name_resolve AS skip_names, JSON_VALUE(Priv, '$.access') AS access, JSON_VALUE(Priv, '$.version_id') AS version_id "
        + "FROM mysql.global_priv WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), 0) = 0"

    /// `additional_password` is the old password during a rotation (`RETAIN CURRENT PASSWORD`).
    static let mySQL =
        "SELECT u.User AS user, u.Host AS host, u.plugin, HEX(u.authentication_string) AS verifier, "
        + "HEX(JSON_UNQUOTE(JSON_EXTRACT(u.User_attributes, '$.additional_password'))) AS additional_verifier, "
        + "u.account_locked, u.password_expired = 'Y' OR (COALESCE(u.password_lifetime, "
        + "@@global.default_password_lifetime) > 0 AND u.password_last_changed + INTERVAL COALESCE(u.password_lifetime, "
        + "@@global.default_password_lifetime) DAY < NOW()) AS password_expired, "
        + "@@global.disconnect_on_expired_password AS refuses_expired, u.ssl_type, "
        + "CONVERT(u.ssl_cipher USING utf8mb4) AS ssl_cipher, CONVERT(u.x509_issuer USING utf8mb4) AS x509_issuer, "
        + "CONVERT(u.x509_subject USING utf8mb4) AS x509_subject, @@global.skip_name_resolve AS skip_names, "
        + "1 AS knows_prefixes, "
        + "u.Super_priv = 'Y' OR EXISTS (SELECT 1 FROM mysql.global_grants g WHERE "
        + "g.USER = u.User AND g.HOST = u.Host AND g.PRIV = 'CONNECTION_ADMIN') AS bypasses FROM mysql.user u"

    /// What every server since MySQL 5.7 and MariaDB 10.2 has.
    static let plain =
        "SELECT User AS user, Host AS host, plugin, HEX(authentication_string) AS verifier, password_expired, "
        + "ssl_type, ssl_cipher, x509_issuer, x509_subject, @@global.skip_name_resolve AS skip_names, "
        + "Super_priv = 'Y' AS bypasses FROM mysql.user"
}
