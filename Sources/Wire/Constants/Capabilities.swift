// What client and server agree on at connect: the standard flags and MariaDB's extended ones.

/// Capability flags. Bits 0-31 are the protocol's own (manual name in each comment), bits 32-63 MariaDB's extended
/// ones.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html
/// https://mariadb.com/kb/en/connection/#capabilities
@usableFromInline package struct Capabilities: OptionSet, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt64

    @inlinable package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// CLIENT_LONG_PASSWORD; MariaDB calls it CLIENT_MYSQL and leaves it out to say that extended flags are there.
    @inlinable package static var longPassword: Capabilities { Capabilities(rawValue: 1 << 0) }
    /// CLIENT_FOUND_ROWS
    @inlinable package static var foundRows: Capabilities { Capabilities(rawValue: 1 << 1) }
    /// CLIENT_LONG_FLAG
    @inlinable package static var longFlag: Capabilities { Capabilities(rawValue: 1 << 2) }
    /// CLIENT_CONNECT_WITH_DB
    @inlinable package static var connectWithDB: Capabilities { Capabilities(rawValue: 1 << 3) }
    /// CLIENT_NO_SCHEMA
    @inlinable package static var noSchema: Capabilities { Capabilities(rawValue: 1 << 4) }
    /// CLIENT_COMPRESS
    @inlinable package static var compress: Capabilities { Capabilities(rawValue: 1 << 5) }
    /// CLIENT_ODBC
    @inlinable package static var odbc: Capabilities { Capabilities(rawValue: 1 << 6) }
    /// CLIENT_LOCAL_FILES
    @inlinable package static var localFiles: Capabilities { Capabilities(rawValue: 1 << 7) }
    /// CLIENT_IGNORE_SPACE
    @inlinable package static var ignoreSpace: Capabilities { Capabilities(rawValue: 1 << 8) }
    /// CLIENT_PROTOCOL_41
    @inlinable package static var protocol41: Capabilities { Capabilities(rawValue: 1 << 9) }
    /// CLIENT_INTERACTIVE
    @inlinable package static var interactive: Capabilities { Capabilities(rawValue: 1 << 10) }
    /// CLIENT_SSL
    @inlinable package static var ssl: Capabilities { Capabilities(rawValue: 1 << 11) }
    /// CLIENT_IGNORE_SIGPIPE
    @inlinable package static var ignoreSigpipe: Capabilities { Capabilities(rawValue: 1 << 12) }
    /// CLIENT_TRANSACTIONS
    @inlinable package static var transactions: Capabilities { Capabilities(rawValue: 1 << 13) }
    /// CLIENT_RESERVED
    @inlinable package static var reserved: Capabilities { Capabilities(rawValue: 1 << 14) }
    /// CLIENT_SECURE_CONNECTION (CLIENT_RESERVED2)
    @inlinable package static var secureConnection: Capabilities { Capabilities(rawValue: 1 << 15) }
    /// CLIENT_MULTI_STATEMENTS
    @inlinable package static var multiStatements: Capabilities { Capabilities(rawValue: 1 << 16) }
    /// CLIENT_MULTI_RESULTS
    @inlinable package static var multiResults: Capabilities { Capabilities(rawValue: 1 << 17) }
    /// CLIENT_PS_MULTI_RESULTS
    @inlinable package static var psMultiResults: Capabilities { Capabilities(rawValue: 1 << 18) }
    /// CLIENT_PLUGIN_AUTH
    @inlinable package static var pluginAuth: Capabilities { Capabilities(rawValue: 1 << 19) }
    /// CLIENT_CONNECT_ATTRS
    @inlinable package static var connectAttrs: Capabilities { Capabilities(rawValue: 1 << 20) }
    /// CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
    @inlinable package static var pluginAuthLenencClientData: Capabilities { Capabilities(rawValue: 1 << 21) }
    /// CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS
    @inlinable package static var canHandleExpiredPasswords: Capabilities { Capabilities(rawValue: 1 << 22) }
    /// CLIENT_SESSION_TRACK
    @inlinable package static var sessionTrack: Capabilities { Capabilities(rawValue: 1 << 23) }
    /// CLIENT_DEPRECATE_EOF
    @inlinable package static var deprecateEOF: Capabilities { Capabilities(rawValue: 1 << 24) }
    /// CLIENT_OPTIONAL_RESULTSET_METADATA
    @inlinable package static var optionalResultsetMetadata: Capabilities { Capabilities(rawValue: 1 << 25) }
    /// CLIENT_ZSTD_COMPRESSION_ALGORITHM
    @inlinable package static var zstdCompression: Capabilities { Capabilities(rawValue: 1 << 26) }
    /// CLIENT_QUERY_ATTRIBUTES
    @inlinable package static var queryAttributes: Capabilities { Capabilities(rawValue: 1 << 27) }
    /// MULTI_FACTOR_AUTHENTICATION
    @inlinable package static var multiFactorAuthentication: Capabilities { Capabilities(rawValue: 1 << 28) }
    /// CLIENT_CAPABILITY_EXTENSION
    @inlinable package static var capabilityExtension: Capabilities { Capabilities(rawValue: 1 << 29) }
    /// CLIENT_SSL_VERIFY_SERVER_CERT
    @inlinable package static var sslVerifyServerCert: Capabilities { Capabilities(rawValue: 1 << 30) }
    /// CLIENT_REMEMBER_OPTIONS
    @inlinable package static var rememberOptions: Capabilities { Capabilities(rawValue: 1 << 31) }

    /// MARIADB_CLIENT_PROGRESS
    @inlinable package static var mariadbProgress: Capabilities { Capabilities(rawValue: 1 << 32) }
    /// MARIADB_CLIENT_COM_MULTI
    @inlinable package static var mariadbComMulti: Capabilities { Capabilities(rawValue: 1 << 33) }
    /// MARIADB_CLIENT_STMT_BULK_OPERATIONS
    @inlinable package static var mariadbStmtBulkOperations: Capabilities { Capabilities(rawValue: 1 << 34) }
    /// MARIADB_CLIENT_EXTENDED_METADATA
    @inlinable package static var mariadbExtendedMetadata: Capabilities { Capabilities(rawValue: 1 << 35) }
    /// MARIADB_CLIENT_CACHE_METADATA
    @inlinable package static var mariadbCacheMetadata: Capabilities { Capabilities(rawValue: 1 << 36) }
    /// MARIADB_CLIENT_BULK_UNIT_RESULTS
    @inlinable package static var mariadbBulkUnitResults: Capabilities { Capabilities(rawValue: 1 << 37) }

    /// The 32 standard flags as they stand in a packet.
    package var standardBits: UInt32 { UInt32(truncatingIfNeeded: rawValue) }
    /// MariaDB's 32 extended flags as they stand in a packet.
    package var extendedBits: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// Joins what two fields of a packet carry.
    package init(standardBits: UInt32, extendedBits: UInt32 = 0) {
        self.init(rawValue: UInt64(standardBits) | UInt64(extendedBits) << 32)
    }
}
