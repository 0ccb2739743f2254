// What client and server agree on at connect: the standard flags and MariaDB's extended ones.

/// Capability flags. Bits 0-31 are the protocol's own (manual name in each comment), bits 32-63 MariaDB's extended
/// ones.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
/// https://mariadb.com/kb/en/connection/#capabilities
package struct Capabilities: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// CLIENT_LONG_PASSWORD; MariaDB calls it CLIENT_MYSQL and leaves it out to say that extended flags are there.
    package static let longPassword = Capabilities(rawValue: 1 << 0)
    /// CLIENT_FOUND_ROWS
    package static let foundRows = Capabilities(rawValue: 1 << 1)
    /// CLIENT_LONG_FLAG
    package static let longFlag = Capabilities(rawValue: 1 << 2)
    /// CLIENT_CONNECT_WITH_DB
    package static let connectWithDB = Capabilities(rawValue: 1 << 3)
    /// CLIENT_NO_SCHEMA
    package static let noSchema = Capabilities(rawValue: 1 << 4)
    /// CLIENT_COMPRESS
    package static let compress = Capabilities(rawValue: 1 << 5)
    /// CLIENT_ODBC
    package static let odbc = Capabilities(rawValue: 1 << 6)
    /// CLIENT_LOCAL_FILES
    package static let localFiles = Capabilities(rawValue: 1 << 7)
    /// CLIENT_IGNORE_SPACE
    package static let ignoreSpace = Capabilities(rawValue: 1 << 8)
    /// CLIENT_PROTOCOL_41
    package static let protocol41 = Capabilities(rawValue: 1 << 9)
    /// CLIENT_INTERACTIVE
    package static let interactive = Capabilities(rawValue: 1 << 10)
    /// CLIENT_SSL
    package static let ssl = Capabilities(rawValue: 1 << 11)
    /// CLIENT_IGNORE_SIGPIPE
    package static let ignoreSigpipe = Capabilities(rawValue: 1 << 12)
    /// CLIENT_TRANSACTIONS
    package static let transactions = Capabilities(rawValue: 1 << 13)
    /// CLIENT_RESERVED
    package static let reserved = Capabilities(rawValue: 1 << 14)
    /// CLIENT_SECURE_CONNECTION (CLIENT_RESERVED2)
    package static let secureConnection = Capabilities(rawValue: 1 << 15)
    /// CLIENT_MULTI_STATEMENTS
    package static let multiStatements = Capabilities(rawValue: 1 << 16)
    /// CLIENT_MULTI_RESULTS
    package static let multiResults = Capabilities(rawValue: 1 << 17)
    /// CLIENT_PS_MULTI_RESULTS
    package static let psMultiResults = Capabilities(rawValue: 1 << 18)
    /// CLIENT_PLUGIN_AUTH
    package static let pluginAuth = Capabilities(rawValue: 1 << 19)
    /// CLIENT_CONNECT_ATTRS
    package static let connectAttrs = Capabilities(rawValue: 1 << 20)
    /// CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
    package static let pluginAuthLenencClientData = Capabilities(rawValue: 1 << 21)
    /// CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS
    package static let canHandleExpiredPasswords = Capabilities(rawValue: 1 << 22)
    /// CLIENT_SESSION_TRACK
    package static let sessionTrack = Capabilities(rawValue: 1 << 23)
    /// CLIENT_DEPRECATE_EOF
    package static let deprecateEOF = Capabilities(rawValue: 1 << 24)
    /// CLIENT_OPTIONAL_RESULTSET_METADATA
    package static let optionalResultsetMetadata = Capabilities(rawValue: 1 << 25)
    /// CLIENT_ZSTD_COMPRESSION_ALGORITHM
    package static let zstdCompression = Capabilities(rawValue: 1 << 26)
    /// CLIENT_QUERY_ATTRIBUTES
    package static let queryAttributes = Capabilities(rawValue: 1 << 27)
    /// MULTI_FACTOR_AUTHENTICATION
    package static let multiFactorAuthentication = Capabilities(rawValue: 1 << 28)
    /// CLIENT_CAPABILITY_EXTENSION
    package static let capabilityExtension = Capabilities(rawValue: 1 << 29)
    /// CLIENT_SSL_VERIFY_SERVER_CERT
    package static let sslVerifyServerCert = Capabilities(rawValue: 1 << 30)
    /// CLIENT_REMEMBER_OPTIONS
    package static let rememberOptions = Capabilities(rawValue: 1 << 31)

    /// MARIADB_CLIENT_PROGRESS
    package static let mariadbProgress = Capabilities(rawValue: 1 << 32)
    /// MARIADB_CLIENT_COM_MULTI
    package static let mariadbComMulti = Capabilities(rawValue: 1 << 33)
    /// MARIADB_CLIENT_STMT_BULK_OPERATIONS
    package static let mariadbStmtBulkOperations = Capabilities(rawValue: 1 << 34)
    /// MARIADB_CLIENT_EXTENDED_METADATA
    package static let mariadbExtendedMetadata = Capabilities(rawValue: 1 << 35)
    /// MARIADB_CLIENT_CACHE_METADATA
    package static let mariadbCacheMetadata = Capabilities(rawValue: 1 << 36)
    /// MARIADB_CLIENT_BULK_UNIT_RESULTS
    package static let mariadbBulkUnitResults = Capabilities(rawValue: 1 << 37)

    /// The 32 standard flags as they stand in a packet.
    package var standardBits: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
    /// MariaDB's 32 extended flags as they stand in a packet.
    package var extendedBits: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// Joins what two fields of a packet carry.
    package init(standardBits: UInt32, extendedBits: UInt32 = 0) {
        self.init(rawValue: UInt64(standardBits) | UInt64(extendedBits) << 32)
    }
}
